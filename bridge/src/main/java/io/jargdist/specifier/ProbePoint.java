/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import org.jspecify.annotations.Nullable;

/** Where a specifier's events come from, as written: nothing is looked up yet. */
public sealed interface ProbePoint {
  /** The function, event or probe name in the text. */
  Span nameSpan();

  /**
   * {@code p:LIBRARY:FUNCTION} or {@code r:LIBRARY:FUNCTION}.
   *
   * @param library {@code c}, {@code jvm}, another library's name, or an absolute path
   * @param function mangled or demangled name, without parentheses
   * @param version of the symbol, as in {@code pthread_kill@GLIBC_2.34}; null means all
   * @param atReturn whether the values are taken when the function returns
   */
  record UserFunction(
      String library,
      String function,
      @Nullable String version,
      boolean atReturn,
      Span librarySpan,
      Span nameSpan)
      implements ProbePoint {}

  /** {@code p::FUNCTION} or {@code r::FUNCTION}. */
  record KernelFunction(String function, boolean atReturn, Span nameSpan) implements ProbePoint {}

  /** {@code t:CATEGORY:EVENT}. */
  record Tracepoint(String category, String event, Span categorySpan, Span nameSpan)
      implements ProbePoint {}

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
      implements ProbePoint {}
}
