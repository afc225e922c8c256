/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/troubleshooting.md has the messages that the sources have. */
class TroubleshootingTest {
  private static final Path PAGE = Path.of("../docs/troubleshooting.md");

  /** Comments, texts and characters, whichever begins first. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?s)//[^\\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|'(?:\\\\.|[^'\\\\])+'|\"((?:\\\\.|[^\"\\\\])*)\"");

  /** The text that may stand between two parts of a message. */
  private static final Pattern PLUS = Pattern.compile("(?s)\\s*\\+\\s*|\\s*\\+[^;{}]*\\+\\s*");

  /** Failures of the machine; those of a specifier have a caret and a hint. */
  private static final Pattern FAILURE =
      Pattern.compile("(?s).*new (MachineException|IOException)\\(\\s*(?:[\\w.]+\\s*\\+\\s*)?");

  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /**
   * @param text with U+0000 for what differs
   * @param failure whether it is why something cannot be done
   */
  private record Message(Path file, String text, boolean failure) {}

  @Test
  void everyMessageOfThePageIsOneOfTheSources() throws IOException {
    List<Message> messages = messages();
    assertThat(headings())
        .filteredOn(heading -> messages.stream().noneMatch(message -> fits(heading, message)))
        .isEmpty();
  }

  @Test
  void everyFailureOfTheCommandLineAndTheMachineIsOnThePage() throws IOException {
    List<Pattern> headings = headings();
    List<Message> failures =
        messages().stream()
            .filter(message -> message.failure() && !message.text().equals("interrupted"))
            .toList();
    assertThat(failures).hasSizeGreaterThan(20);
    assertThat(failures)
        .filteredOn(message -> headings.stream().noneMatch(heading -> fits(heading, message)))
        .isEmpty();
  }

  private static boolean fits(Pattern heading, Message message) {
    return heading.matcher(message.text()).find();
  }

  private static Pattern pattern(String heading) {
    return Pattern.compile(
        Arrays.stream(heading.split("\\.\\.\\.", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }

  /** Returns the texts in backquotes in the first column, without names of attributes. */
  private static List<Pattern> headings() throws IOException {
    List<Pattern> headings = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      String[] columns = line.split(" \\| ", -1);
      // Messages of JMX itself are not ours.
      if (line.startsWith("| ") && columns.length == 3 && !columns[1].startsWith("JMX's own")) {
        QUOTED
            .matcher(columns[0])
            .results()
            .map(found -> found.group(1))
            .filter(quoted -> !quoted.startsWith("Lost"))
            .map(TroubleshootingTest::pattern)
            .forEach(headings::add);
      }
    }
    assertThat(headings).hasSizeGreaterThan(60);
    return headings;
  }

  private static List<Message> messages() throws IOException {
    List<Message> messages = new ArrayList<>();
    for (String module : List.of("agent", "bridge", "jmx")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          messages.addAll(messages(file, Files.readString(file)));
        }
      }
    }
    return messages;
  }

  private static List<Message> messages(Path file, String source) {
    List<Message> messages = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    boolean ofCommandLine = file.toString().contains("/cli/");
    boolean failure = false;
    int end = 0;
    Matcher token = TOKEN.matcher(source);
    while (token.find()) {
      if (token.group(1) == null) {
        continue;
      }
      String between = source.substring(end, token.start());
      if (text.length() > 0 && PLUS.matcher(between).matches()) {
        text.append(between.strip().equals("+") ? "" : "\0");
      } else {
        messages.add(new Message(file, text.toString(), failure));
        text.setLength(0);
        Matcher begin = FAILURE.matcher(between);
        failure = begin.matches() && (ofCommandLine || begin.group(1).equals("MachineException"));
      }
      text.append(Objects.requireNonNull(token.group(1)).replace("\\\"", "\""));
      end = token.end();
    }
    messages.add(new Message(file, text.toString(), failure));
    return messages;
  }
}
