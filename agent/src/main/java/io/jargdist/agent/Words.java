/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words as a shell would: blanks separate, single quotes keep everything, double
 * quotes and a backslash keep the next special character. {@code @FILE} stands for the words of a
 * file, in which a line that begins with {@code #} is a comment.
 */
public final class Words {
  static final String NOT_SPLIT =
      "if a script splits the options at blanks, write them into a file: -javaagent:jargdist.jar=@FILE";

  private Words() {}

  /**
   * @throws IllegalArgumentException if a quote is not closed or a file cannot be read
   */
  public static List<String> split(String line) {
    List<String> words = new ArrayList<>();
    for (String word : plain(line)) {
      if (word.length() > 1 && word.startsWith("@")) {
        words.addAll(file(Path.of(word.substring(1))));
      } else {
        words.add(word);
      }
    }
    return words;
  }

  private static List<String> file(Path path) {
    try {
      StringBuilder text = new StringBuilder();
      for (String line : Files.readAllLines(path)) {
        if (!line.strip().startsWith("#")) {
          text.append(line).append('\n');
        }
      }
      return plain(text.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the options in " + path, e);
    }
  }

  /**
   * Splits like {@link #split}, but {@code @FILE} has no special meaning, since the line may come
   * from people who may not read our files.
   *
   * @throws IllegalArgumentException if a quote is not closed
   */
  static List<String> plain(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
        continue;
      }
      inWord = true;
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote != '\'' && i + 1 < line.length()) {
        char next = line.charAt(++i);
        boolean special = quote == 0 || next == '"' || next == '\\' || next == '$' || next == '`';
        word.append(special ? "" : "\\").append(next);
      } else {
        word.append(c);
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException(
          "a quote (" + quote + ") is not closed in: " + line + "; " + NOT_SPLIT);
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
