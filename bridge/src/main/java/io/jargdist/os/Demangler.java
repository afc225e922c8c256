/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.nio.charset.StandardCharsets;
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

  /** The function of the Itanium C++ ABI, section 3.4; null without a C++ library. */
  private final @Nullable NativeFunction demangle = load();

  private final NativeFunction free = NativeLibrary.C.function("free");
  private final Memory status = Memory.of(0);
  private final Memory mangled = Memory.allocate(DemanglerLimits.LONGEST + 1);
  private long made;

  private static @Nullable NativeFunction load() {
    try {
      return NativeLibrary.open("libstdc++.so.6").function("__cxa_demangle");
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
  }

  /**
   * @param name a symbol of any language
   * @return null if it is not a mangled C++ name, or one that may become too long
   */
  public synchronized @Nullable String demangle(String name) {
    if (demangle == null
        || !name.startsWith("_Z")
        || made > MOST_MADE
        || !DemanglerLimits.hold(name)) {
      return null;
    }
    byte[] bytes = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    mangled.copyFrom(bytes, 0, bytes.length);
    long text = demangle.call(mangled, null, null, status);
    try {
      String readable = NativeFunction.text(text);
      made += readable == null ? 0 : readable.length();
      return readable;
    } finally {
      free.call(text);
    }
  }
}
