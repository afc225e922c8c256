/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of what a compiler makes of a function besides the function itself.
 *
 * <p>gcc: {@code .constprop}, {@code .isra}, {@code .part} and {@code .simdclone} are functions
 * that some calls go to in its place, mostly with other parameters; {@code .lto_priv} is a static
 * one that had to be renamed; {@code .localalias} is another name (clone_function_name in
 * gcc/cgraphclones.cc, and its callers). {@code .cold} is a piece of code that the function jumps
 * to and that is never called. clang: {@code .llvm}, {@code .specialized}, {@code .argprom}, {@code
 * .cold}.
 */
final class CompilerClone {
  private static final Pattern SUFFIXES =
      Pattern.compile(
          "(?:\\.(?:constprop|isra|part|simdclone|clone|lto_priv|localalias|llvm|specialized|argprom"
              + "|argelim|cold|unlikely)(?:\\.\\d+)*+)++");

  private static final Pattern PIECE = Pattern.compile("\\.(?:cold|unlikely)(?:\\.|$)");

  private CompilerClone() {}

  /**
   * @return where the name of the function ends; null for a name that no compiler has made
   */
  private static @Nullable Integer suffix(String symbol) {
    Matcher matcher = SUFFIXES.matcher(symbol);
    for (int at = symbol.indexOf('.', 1); at > 0; at = symbol.indexOf('.', at + 1)) {
      if (matcher.region(at, symbol.length()).matches()) {
        return at;
      }
    }
    return null;
  }

  /** Returns the function that it was made of; a function itself if it is one. */
  static String functionOf(String symbol) {
    Integer suffix = suffix(symbol);
    return suffix == null ? symbol : symbol.substring(0, suffix);
  }

  /**
   * Returns what a compiler has added to the name: {@code ".part.0"}; empty for a function itself.
   */
  static String suffixOf(String symbol) {
    Integer suffix = suffix(symbol);
    return suffix == null ? "" : symbol.substring(suffix);
  }

  /**
   * Returns whether it is a piece of a function, which the function jumps to. It must not be probed
   * as a function: there is no return address where one would be.
   */
  static boolean isPiece(String symbol) {
    return PIECE.matcher(suffixOf(symbol)).find();
  }
}
