/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Several C texts as one. Each name that a text defines gets the number of the text, so that the
 * texts do not see each other.
 *
 * @param texts how many there are
 */
record CombinedText(String text, int texts) {
  /** What a text of ours defines: types, macros, functions, programs and tables. */
  private static final Pattern DEFINITION =
      Pattern.compile(
          "^(?:struct (\\w+) \\{|#define (\\w+)|static __always_inline [\\w ]+[ *](\\w+)\\("
              + "|int (\\w+)\\(|BPF_F_TABLE\\(\"\\w+\", [\\w ]+, [\\w ]+, (\\w+),)",
          Pattern.MULTILINE);

  private static final Pattern WORD = Pattern.compile("\\b[A-Za-z_]\\w*");

  static CombinedText of(List<String> texts) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      all.append(numbered(texts.get(i), i)).append('\n');
    }
    return new CombinedText(all.toString(), texts.size());
  }

  private static String numbered(String text, int number) {
    Set<String> defined = defined(text);
    return WORD.matcher(text)
        .replaceAll(
            word -> defined.contains(word.group()) ? word.group() + suffix(number) : word.group());
  }

  private static Set<String> defined(String text) {
    Set<String> names = new HashSet<>();
    Matcher definition = DEFINITION.matcher(text);
    while (definition.find()) {
      for (int group = 1; group <= definition.groupCount(); group++) {
        if (definition.group(group) != null) {
          names.add(definition.group(group));
        }
      }
    }
    return names;
  }

  private static String suffix(int number) {
    return "_of" + number;
  }

  /** Returns what each text has become, with the names that it has given. */
  List<ProgramImage> split(ProgramImage image) {
    List<ProgramImage> images = new ArrayList<>();
    for (int number = 0; number < texts; number++) {
      images.add(part(image, suffix(number)));
    }
    return images;
  }

  private static ProgramImage part(ProgramImage image, String suffix) {
    List<ProgramImage.Table> tables = new ArrayList<>();
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < image.tables().size(); i++) {
      ProgramImage.Table table = image.tables().get(i);
      if (table.name().endsWith(suffix)) {
        places.put(i, tables.size());
        tables.add(table.named(without(suffix, table.name())));
      }
    }
    List<ProgramImage.Program> programs = new ArrayList<>();
    for (ProgramImage.Program program : image.programs()) {
      if (program.name().endsWith(suffix)) {
        programs.add(
            new ProgramImage.Program(
                without(suffix, program.name()),
                program.code(),
                program.relocations().stream()
                    .map(each -> each.to(requireNonNull(places.get(each.table()))))
                    .toList()));
      }
    }
    return new ProgramImage(programs, tables);
  }

  private static String without(String suffix, String name) {
    return name.substring(0, name.length() - suffix.length());
  }
}
