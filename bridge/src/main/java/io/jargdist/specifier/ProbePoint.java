/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import org.jspecify.annotations.Nullable;

/** The source of a specifier's events as it is written, before it is looked up. */
public sealed interface ProbePoint {
  /** A switch over it that has no default does not compile until it serves all of them. */
  enum Kind {
    USER_FUNCTION,
    KERNEL_FUNCTION,
    TRACEPOINT,
    USDT
  }

  Kind kind();

  /** Returns whether the values are taken when a function returns. */
  boolean atReturn();

  /** Returns the function, event or probe name in the text. */
  Span nameSpan();

  /** Returns the text of the specifier, up to the parentheses. */
  String text();

  /** Returns whether it names libjvm as its only library, by name or by path. */
  default boolean isInLibjvm() {
    return false;
  }

  private static boolean isLibjvm(@Nullable String library) {
    return library != null && library.matches("jvm|(.*/)?libjvm\\.so");
  }

  /**
   * {@code p:LIBRARY:FUNCTION} or {@code r:LIBRARY:FUNCTION}.
   *
   * @param library {@code c}, {@code jvm}, another library's name, or an absolute path
   * @param function mangled or demangled name, without parentheses
   * @param version of the symbol, as in {@code pthread_kill@GLIBC_2.34}; null means all
   */
  record UserFunction(
      String library,
      String function,
      @Nullable String version,
      boolean atReturn,
      Span librarySpan,
      Span nameSpan)
      implements ProbePoint {
    @Override
    public Kind kind() {
      return Kind.USER_FUNCTION;
    }

    @Override
    public String text() {
      return (atReturn ? "r:" : "p:")
          + library
          + ':'
          + function
          + (version == null ? "" : '@' + version);
    }

    @Override
    public boolean isInLibjvm() {
      return isLibjvm(library);
    }
  }

  /** {@code p::FUNCTION} or {@code r::FUNCTION}. */
  record KernelFunction(String function, boolean atReturn, Span nameSpan) implements ProbePoint {
    @Override
    public Kind kind() {
      return Kind.KERNEL_FUNCTION;
    }

    @Override
    public String text() {
      return (atReturn ? "r::" : "p::") + function;
    }
  }

  /** {@code t:CATEGORY:EVENT}. */
  record Tracepoint(String category, String event, Span categorySpan, Span nameSpan)
      implements ProbePoint {
    @Override
    public Kind kind() {
      return Kind.TRACEPOINT;
    }

    @Override
    public boolean atReturn() {
      return false;
    }

    @Override
    public String text() {
      return "t:" + category + ':' + event;
    }
  }

  /**
   * {@code u:LIBRARY:PROBE}.
   *
   * @param library as in {@link UserFunction}; null means every mapped library
   * @param provider what stands before a dot in the probe field ({@code hotspot.gc__begin}), if
   *     anything
   */
  record Usdt(
      @Nullable String library,
      @Nullable String provider,
      String probe,
      Span librarySpan,
      Span nameSpan)
      implements ProbePoint {
    /** Returns the same probe of another provider. */
    Usdt of(@Nullable String other) {
      return new Usdt(library, other, probe, librarySpan, nameSpan);
    }

    @Override
    public Kind kind() {
      return Kind.USDT;
    }

    @Override
    public boolean atReturn() {
      return false;
    }

    @Override
    public String text() {
      return "u:"
          + (library == null ? "" : library)
          + ':'
          + (provider == null ? "" : provider + '.')
          + probe;
    }

    @Override
    public boolean isInLibjvm() {
      return isLibjvm(library);
    }
  }
}
