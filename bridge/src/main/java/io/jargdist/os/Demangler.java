/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.nio.charset.StandardCharsets;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * C++ names as people read them, by libstdc++, which libbcc needs, too. Without it, names stay as
 * they are.
 */
public final class Demangler {
  private static final int LONGEST = 4096;

  /** Of the Itanium C++ ABI, section 3.4. */
  public interface LibStdCxx {
    @Nullable Pointer __cxa_demangle(
        Pointer mangled, @Nullable Pointer buffer, @Nullable Pointer length, Pointer status);

    void free(Pointer memory);
  }

  private final @Nullable LibStdCxx library;
  private final Pointer status = Syscalls.allocate(4);
  private final Pointer mangled = Syscalls.allocate(LONGEST + 1);

  public Demangler() {
    library = load();
  }

  private static @Nullable LibStdCxx load() {
    try {
      return LibraryLoader.create(LibStdCxx.class).failImmediately().load("libstdc++.so.6");
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
  }

  /**
   * @param name a symbol of any language
   * @return null if it is not a mangled C++ name
   */
  public synchronized @Nullable String demangle(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (library == null || !name.startsWith("_Z") || bytes.length > LONGEST) {
      return null;
    }
    mangled.put(0, bytes, 0, bytes.length);
    mangled.putByte(bytes.length, (byte) 0);
    Pointer text = library.__cxa_demangle(mangled, null, null, status);
    if (text == null) {
      return null;
    }
    try {
      return text.getString(0);
    } finally {
      library.free(text);
    }
  }
}
