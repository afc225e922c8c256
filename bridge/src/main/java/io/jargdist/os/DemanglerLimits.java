/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells which mangled names libstdc++ can make readable in little time and memory. What it prints
 * grows exponentially by references to earlier parts of the name, by template parameters that stand
 * in the arguments to which they refer, by pack expansions, and by the expressions of templates.
 * Here a name has at most {@value #MOST_REFERENCES} references, which make at most 3^4 copies of a
 * part, and none of the other constructs. Of 100 names of HotSpot, 97 are like that.
 *
 * <p>The name is divided into the tokens of the Itanium C++ ABI, without a grammar. So it refuses
 * each token that could hide others, because its meaning depends on what stands around it.
 */
final class DemanglerLimits {
  static final int LONGEST = 512;
  static final int MOST_REFERENCES = 12;

  /**
   * The tokens, in this order: identifiers, references, abbreviations of std, literals, arrays,
   * constructors and destructors, qualifiers and types.
   */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<length>[1-9]\\d{0,2})|(?<substitution>L?S[0-9A-Z]*_)|(?<parameter>T\\d*_)"
              + "|S[tabsiod]|L[a-z]n?\\d+E|A\\d*_|C[1-5]|D[0-5nis]|B(?=[1-9])"
              + "|(?<internal>L(?=[1-9]))|(?<open>[NIJF])|(?<close>E)|[KVRPOMa-z]");

  private static final Pattern LENGTH = Pattern.compile("[1-9]\\d{0,2}");
  private static final Pattern VALUE = Pattern.compile("n?\\d+E");
  private static final Pattern CLONE = Pattern.compile("\\.[a-z0-9._]*");

  private final String name;
  private final Matcher token;
  private final Deque<Character> open = new ArrayDeque<>();

  private DemanglerLimits(String name) {
    this.name = name;
    this.token = TOKEN.matcher(name);
  }

  static boolean hold(String name) {
    return name.startsWith("_Z")
        && name.length() <= LONGEST
        && name.chars().allMatch(c -> c > ' ' && c < 0x7f)
        && new DemanglerLimits(name).hold();
  }

  private boolean hold() {
    int references = 0;
    boolean groupClosed = false;
    for (int at = 2; at < name.length(); ) {
      if (name.charAt(at) == '.') {
        return CLONE.matcher(name.substring(at)).matches();
      }
      // An operator that converts to a type that is yet to come.
      if (name.startsWith("cv", at) || !token.region(at, name.length()).lookingAt()) {
        return false;
      }
      at = token.end();
      if (token.group("length") != null) {
        at += Integer.parseInt(token.group());
      } else if (token.group("open") != null) {
        open.push(token.group().charAt(0));
      } else if (token.group("close") != null) {
        if (open.isEmpty()) {
          return false;
        }
        open.pop();
        groupClosed |= open.isEmpty();
      } else if (token.group("internal") != null && !open.isEmpty() && open.peek() != 'N') {
        // This is a literal of an enum's type among arguments of a template.
        at = afterName(at);
        at = at < 0 ? at : afterValue(at);
        if (at < 0) {
          return false;
        }
      } else if (token.group("parameter") != null && !groupClosed) {
        // The parameter could be part of the arguments that it refers to.
        return false;
      }
      if (token.group().startsWith("LS")) {
        at = afterValue(at);
        if (at < 0) {
          return false;
        }
      }
      boolean refers = token.group("substitution") != null || token.group("parameter") != null;
      references += refers ? 1 : 0;
    }
    return references <= MOST_REFERENCES && open.isEmpty();
  }

  /**
   * Returns the index behind an identifier, which begins with its length; negative if there is
   * none.
   */
  private int afterName(int start) {
    Matcher length = LENGTH.matcher(name).region(start, name.length());
    if (!length.lookingAt()) {
      return -1;
    }
    return length.end() + Integer.parseInt(length.group());
  }

  /** Returns the index behind a literal's value and its end; negative if the value is no number. */
  private int afterValue(int start) {
    if (start > name.length()) {
      return -1;
    }
    Matcher value = VALUE.matcher(name).region(start, name.length());
    return value.lookingAt() ? value.end() : -1;
  }
}
