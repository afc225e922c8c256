/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code Class::method} and the mangled names that it stands for (Itanium C++ ABI, nested names).
 */
final class ScopedNames {
  private static final Pattern NESTED = Pattern.compile("_ZNK?(?=\\d)");
  private static final Pattern LENGTH = Pattern.compile("[1-9]\\d{0,3}");

  private ScopedNames() {}

  static boolean isScoped(String name) {
    return name.contains("::");
  }

  /**
   * Returns what the mangled names of all functions of a name begin with, whatever their
   * parameters.
   */
  static List<String> prefixes(String scoped) {
    StringBuilder mangled = new StringBuilder();
    for (String part : scoped.split("::")) {
      mangled.append(part.length()).append(part);
    }
    return List.of("_ZN" + mangled + "E", "_ZNK" + mangled + "E");
  }

  /** Returns {@code Class::method} for a mangled name, and any other name as it is. */
  static String readable(String name) {
    Matcher start = NESTED.matcher(name);
    StringBuilder result = new StringBuilder();
    for (int at = start.lookingAt() ? start.end() : name.length(); at < name.length(); ) {
      Matcher digits = LENGTH.matcher(name).region(at, name.length());
      if (!digits.lookingAt()) {
        return name.charAt(at) == 'E' ? result.toString() : name;
      }
      int length = Integer.parseInt(digits.group());
      at = digits.end() + length;
      if (at > name.length()) {
        return name;
      }
      result.append(result.isEmpty() ? "" : "::").append(name, digits.end(), at);
    }
    return name;
  }
}
