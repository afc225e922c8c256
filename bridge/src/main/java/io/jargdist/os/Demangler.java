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
 * Makes C++ names readable by libstdc++, which libbcc needs, too. Without that library, names stay
 * as they are.
 *
 * <p>A name of 700 bytes can mean one of gigabytes, and the library has no limit. So it gets only
 * names whose length {@link DemanglerLimits} can limit.
 */
public final class Demangler {
  /**
   * The most bytes of readable names that are made; the names of HotSpot have 6 MB. All later names
   * stay as they are.
   */
  private static final long MOST_MADE = 256L << 20;

  /** The functions of the Itanium C++ ABI, section 3.4, that we call. */
  public interface LibStdCxx {
    @Nullable Pointer __cxa_demangle(
        Pointer mangled, @Nullable Pointer buffer, @Nullable Pointer length, Pointer status);

    void free(Pointer memory);
  }

  private final @Nullable LibStdCxx library;
  private final Pointer status = Syscalls.allocate(4);
  private final Pointer mangled = Syscalls.allocate(DemanglerLimits.LONGEST + 1);
  private long made;

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
   * @return null if it is not a mangled C++ name, or one that may become too long
   */
  public synchronized @Nullable String demangle(String name) {
    if (library == null
        || !name.startsWith("_Z")
        || made > MOST_MADE
        || !DemanglerLimits.hold(name)) {
      return null;
    }
    byte[] bytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    mangled.put(0, bytes, 0, bytes.length);
    Pointer text = library.__cxa_demangle(mangled, null, null, status);
    if (text == null) {
      return null;
    }
    try {
      String readable = text.getString(0);
      made += readable.length();
      return readable;
    } finally {
      library.free(text);
    }
  }
}
