/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.FontMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Fits texts into a width in pixels. Text that is too wide is cut in its middle, since names of one
 * program often begin alike and differ at their ends. An ellipsis stands for the part that was left
 * out; the full text belongs into a tooltip.
 */
final class TextFit {
  static final String ELLIPSIS = "\u2026";
  private static final String SEPARATOR = ", ";

  private final FontMetrics metrics;

  TextFit(FontMetrics metrics) {
    this.metrics = metrics;
  }

  /** Returns a text's beginning and end, as much as the width has room for. */
  String middle(String text, int room) {
    return widest(text.length(), room, kept -> outer(text, kept));
  }

  /**
   * Keys, each of them one text: their parts, with commas in between. Each part of a key has its
   * share of the width: narrow ones what they need, the others the same. Two parts that differ look
   * different if the width has room for what differs.
   *
   * @param keys all with as many parts
   */
  Map<List<String>, String> keys(Collection<List<String>> keys, int room) {
    List<Map<String, String>> parts = new ArrayList<>();
    int size = keys.isEmpty() ? 0 : keys.iterator().next().size();
    List<Integer> needed = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int part = i;
      needed.add(keys.stream().mapToInt(key -> metrics.stringWidth(key.get(part))).max().orElse(0));
    }
    int share = share(needed, room - (size - 1) * metrics.stringWidth(SEPARATOR));
    for (int i = 0; i < size; i++) {
      int part = i;
      parts.add(apart(keys.stream().map(key -> key.get(part)).toList(), share));
    }
    Map<List<String>, String> shown = new LinkedHashMap<>();
    for (List<String> key : keys) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        texts.add(parts.get(i).getOrDefault(key.get(i), ""));
      }
      shown.put(key, String.join(SEPARATOR, texts));
    }
    return shown;
  }

  /** Returns the greatest width of a part with which all parts have room. */
  private static int share(List<Integer> needed, int room) {
    int left = room;
    int waiting = needed.size();
    for (int width : needed.stream().sorted().toList()) {
      if (width > left / waiting) {
        break;
      }
      left -= width;
      waiting--;
    }
    return waiting == 0 ? room : left / waiting;
  }

  /** Each text as it is shown: texts that would look the same show where they differ. */
  Map<String, String> apart(Collection<String> texts, int room) {
    Map<String, String> shown = new LinkedHashMap<>();
    for (String text : texts) {
      shown.computeIfAbsent(text, absent -> middle(absent, room));
    }
    tellApart(new LinkedHashSet<>(texts), room, shown);
    return shown;
  }

  /** Treats each group of texts that look the same, as long as that makes the groups smaller. */
  private void tellApart(Collection<String> texts, int room, Map<String, String> shown) {
    Map<String, List<String>> alike = new LinkedHashMap<>();
    for (String text : texts) {
      alike.computeIfAbsent(shown.get(text), absent -> new ArrayList<>()).add(text);
    }
    for (List<String> group : alike.values()) {
      if (group.size() > 1) {
        int start = commonStart(group);
        int end = commonEnd(group, start);
        group.forEach(text -> shown.put(text, around(text, start, text.length() - end, room)));
        if (group.stream().map(shown::get).distinct().count() > 1) {
          tellApart(group, room, shown);
        }
      }
    }
  }

  /**
   * Returns a text's part from one index to another, and as much before and behind it as has room.
   */
  private String around(String text, int from, int to, int room) {
    String part = text.substring(from, to);
    IntFunction<String> shown =
        kept -> head(text.substring(0, from), kept) + part + tail(text.substring(to), kept);
    if (metrics.stringWidth(shown.apply(0)) > room) {
      return widest(
          part.length(),
          room,
          kept ->
              head(text.substring(0, from), 0) + outer(part, kept) + tail(text.substring(to), 0));
    }
    return widest(Math.max(from, text.length() - to), room, shown);
  }

  /** Returns the text with the most characters that the width has room for. */
  private String widest(int most, int room, IntFunction<String> text) {
    // Asked first, since the ellipsis may be wider than the character that it stands for.
    String all = text.apply(most);
    if (metrics.stringWidth(all) <= room) {
      return all;
    }
    int fits = 0;
    int tooWide = most;
    while (tooWide - fits > 1) {
      int middle = (fits + tooWide) / 2;
      if (metrics.stringWidth(text.apply(middle)) <= room) {
        fits = middle;
      } else {
        tooWide = middle;
      }
    }
    return text.apply(fits);
  }

  private static String outer(String text, int kept) {
    if (kept >= text.length()) {
      return text;
    }
    String head = head(text, (kept + 1) / 2);
    return head + text.substring(boundary(text, text.length() - kept / 2));
  }

  private static String head(String text, int kept) {
    return kept >= text.length()
        ? text
        : text.substring(0, Math.min(kept, boundary(text, kept) == kept ? kept : kept - 1))
            + ELLIPSIS;
  }

  private static String tail(String text, int kept) {
    return kept >= text.length()
        ? text
        : ELLIPSIS + text.substring(boundary(text, text.length() - kept));
  }

  /** Returns the index, or the next one if it is inside a character of two {@code char}s. */
  private static int boundary(String text, int index) {
    boolean inside =
        index > 0
            && index < text.length()
            && Character.isSurrogatePair(text.charAt(index - 1), text.charAt(index));
    return inside ? index + 1 : index;
  }

  private static int commonStart(List<String> texts) {
    String first = texts.get(0);
    int length = first.length();
    for (String text : texts) {
      int i = 0;
      while (i < Math.min(length, text.length()) && text.charAt(i) == first.charAt(i)) {
        i++;
      }
      length = i;
    }
    return length > 0 && boundary(first, length) != length ? length - 1 : length;
  }

  /** Returns the end that all have in common, without what they have in common at the start. */
  private static int commonEnd(List<String> texts, int start) {
    String first = texts.get(0);
    int length = first.length() - start;
    for (String text : texts) {
      int i = 0;
      while (i < Math.min(length, text.length() - start)
          && text.charAt(text.length() - 1 - i) == first.charAt(first.length() - 1 - i)) {
        i++;
      }
      length = i;
    }
    return length > 0 && boundary(first, first.length() - length) != first.length() - length
        ? length - 1
        : length;
  }

  /** Returns a text in lines of at most that width, broken at blanks. */
  List<String> lines(String text, int room) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && metrics.stringWidth(line + " " + word) > room) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
