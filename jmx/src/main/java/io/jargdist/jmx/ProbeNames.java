/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.specifier.Form;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names for probes: at most 40 of the characters {@code [A-Za-z0-9_.-]}, so that an ObjectName
 * needs no quotes and an exporter's label no escapes.
 */
public final class ProbeNames {
  private static final int MAX_LENGTH = 40;

  private ProbeNames() {}

  /**
   * {@code "read sizes"} becomes {@code read_sizes}; when that is taken, {@code read_sizes-2}.
   *
   * @param label what to name the probe after; if null, or without any usable character, the
   *     specifier serves
   * @param taken the names in use
   */
  public static String choose(@Nullable String label, String specifier, Set<String> taken) {
    String name = label == null ? "" : slug(label);
    if (name.isEmpty()) {
      name = slug(specifier);
    }
    if (name.isEmpty()) {
      name = "probe";
    }
    String chosen = cut(name, MAX_LENGTH);
    for (int i = 2; taken.contains(chosen); i++) {
      String suffix = "-" + i;
      chosen = cut(name, MAX_LENGTH - suffix.length()) + suffix;
    }
    return chosen;
  }

  /**
   * Returns the name of a probe's MBean. The key {@code type} comes first: exporters name metrics
   * by it.
   *
   * @param name as it was {@linkplain #choose chosen}
   */
  public static String ofMBean(Form form, String name) {
    String type =
        switch (form) {
          case HISTOGRAM -> "Histogram";
          case FREQUENCY -> "Frequency";
          case SUM -> "Sum";
        };
    return "jargdist:type=" + type + ",name=" + name;
  }

  /** Each run of other characters becomes one underscore; none at either end. */
  private static String slug(String text) {
    StringBuilder slug = new StringBuilder();
    boolean gap = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        slug.append(gap && !slug.isEmpty() ? "_" : "").append(c);
        gap = false;
      } else {
        gap = true;
      }
    }
    return slug.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "_.-".indexOf(c) >= 0;
  }

  private static String cut(String name, int length) {
    return name.length() <= length ? name : name.substring(0, length);
  }
}
