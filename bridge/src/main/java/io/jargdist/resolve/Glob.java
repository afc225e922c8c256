/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

/**
 * A pattern in which {@code *} stands for anything and {@code ?} for one character. Matching takes
 * time in proportion to the product of both lengths at the most; a regular expression with several
 * {@code .*} can take much longer for a name that was made to be slow.
 */
record Glob(String pattern) {
  boolean matches(String name) {
    int inPattern = 0;
    int inName = 0;
    int star = -1;
    int afterStar = 0;
    while (inName < name.length()) {
      char wanted = inPattern < pattern.length() ? pattern.charAt(inPattern) : 0;
      if (wanted == '*') {
        star = inPattern++;
        afterStar = inName;
      } else if (inPattern < pattern.length() && (wanted == '?' || wanted == name.charAt(inName))) {
        inPattern++;
        inName++;
      } else if (star >= 0) {
        // The star takes one character more.
        inPattern = star + 1;
        inName = ++afterStar;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
      inPattern++;
    }
    return inPattern == pattern.length();
  }
}
