/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.specifier.Similar;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Suggests what to write instead of the name of a library that is not mapped. */
final class LibraryHint {
  private static final int MOST_NAMES = 40;

  private LibraryHint() {}

  /**
   * @param name as it stands in a specifier
   * @param mapped the names of the files that are mapped
   */
  static String of(String name, Collection<String> mapped) {
    String wanted = MappedLibraries.shortName(name.replaceFirst(".*/", "").replace("*", ""));
    Map<String, String> plain = new LinkedHashMap<>();
    for (String file : mapped) {
      String shortName = MappedLibraries.shortName(file);
      plain.putIfAbsent(shortName, shortName);
      plain.putIfAbsent(withoutRandomPart(shortName), shortName);
      // What is written before a star is the beginning of a name.
      if (name.endsWith("*") && wanted.length() > 2 && shortName.length() > wanted.length()) {
        plain.putIfAbsent(shortName.substring(0, wanted.length()), shortName);
      }
    }
    List<String> near = Similar.nearest(wanted, plain.keySet(), 3);
    if (near.isEmpty()) {
      near = Similar.nearest(withoutRandomPart(wanted), plain.keySet(), 3);
    }
    if (near.isEmpty()) {
      List<String> shown = mapped.stream().distinct().limit(MOST_NAMES).toList();
      return "it has " + String.join(", ", shown);
    }
    List<String> names = near.stream().map(plain::get).distinct().toList();
    return "did you mean " + String.join(", ", names) + "?";
  }

  /** Java programs unpack native libraries under names that differ each time. */
  private static String withoutRandomPart(String name) {
    return name.replaceAll("[-_.]?[0-9a-f]{8}-[0-9a-f-]{20,}|[-_.]?[0-9]{6,}", "");
  }
}
