/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that a user may have meant. */
public final class Similar {
  private Similar() {}

  private record Candidate(String name, int distance) {}

  /**
   * Returns the candidates nearest to a name by edit distance, nearest first; those that merely
   * contain it count as near.
   *
   * @param limit how many at the most
   */
  public static List<String> nearest(String name, Collection<String> candidates, int limit) {
    int allowed = name.length() < 4 ? name.length() / 2 : Math.max(2, name.length() / 3);
    String wanted = name.toLowerCase(Locale.ROOT);
    List<Candidate> near = new ArrayList<>();
    for (String candidate : candidates) {
      String other = candidate.toLowerCase(Locale.ROOT);
      boolean contains = wanted.length() >= 3 && other.contains(wanted);
      int distance =
          contains
              ? Math.min(allowed, other.length() - wanted.length())
              : distance(wanted, other, allowed);
      if (distance <= allowed) {
        near.add(new Candidate(candidate, distance));
      }
    }
    return near.stream()
        .sorted(
            Comparator.comparingInt(Candidate::distance)
                .thenComparingInt(candidate -> candidate.name().length())
                .thenComparing(Candidate::name))
        .map(Candidate::name)
        .distinct()
        .limit(limit)
        .toList();
  }

  /** Levenshtein distance, or something above {@code allowed} once it must exceed that. */
  private static int distance(String a, String b, int allowed) {
    if (Math.abs(a.length() - b.length()) > allowed) {
      return allowed + 1;
    }
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      int best = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(previous[j], row[j - 1]));
        best = Math.min(best, row[j]);
      }
      if (best > allowed) {
        return allowed + 1;
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
