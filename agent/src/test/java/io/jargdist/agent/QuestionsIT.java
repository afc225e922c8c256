/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.samples.shop.Shop;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each question of samples/questions has an answer: its command runs as its page has it. */
class QuestionsIT {
  private static final Path QUESTIONS = Path.of("../samples/questions").toAbsolutePath();
  private static final Pattern COMMAND =
      Pattern.compile("^ {4}java -jar jargdist\\.jar ((?:.*\\\\\n)*.*)$", Pattern.MULTILINE);
  private static final Pattern OUTPUT = Pattern.compile("```\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void everyQuestionIsAnsweredAsItsPageShows(Path jdk) throws Exception {
    List<Path> pages;
    try (Stream<Path> folders = Files.list(QUESTIONS)) {
      pages = folders.map(folder -> folder.resolve("README.md")).sorted().toList();
    }
    assertThat(pages).hasSizeGreaterThanOrEqualTo(8).allMatch(Files::exists);
    Process shop = shop(jdk);
    try {
      // All at once: they do not disturb each other, and the shop is the same for all.
      List<CompletableFuture<Void>> answers = new ArrayList<>();
      for (Path page : pages) {
        answers.add(CompletableFuture.runAsync(() -> check(page, shop.pid())));
      }
      for (CompletableFuture<Void> answer : answers) {
        answer.get();
      }
    } finally {
      // It deletes its files.
      shop.destroy();
      shop.waitFor();
    }
  }

  private static Process shop(Path jdk) throws Exception {
    Process shop =
        new ProcessBuilder(
                jdk.resolve("bin/java").toString(),
                "-XX:+UseG1GC",
                "-Xmx128m",
                "-Xmn8m",
                "-XX:+DTraceMonitorProbes",
                "-cp",
                Target.classes(),
                Shop.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(shop.inputReader().readLine()).startsWith("shop: pid ");
    return shop;
  }

  private static void check(Path page, long shop) {
    try {
      String text = Files.readString(page);
      Matcher command = COMMAND.matcher(text);
      Matcher shown = OUTPUT.matcher(text);
      assertThat(command.find() && shown.find()).as(page.toString()).isTrue();
      List<String> words = new ArrayList<>();
      for (String word : Words.split(command.group(1).replace("\\\n", " "))) {
        words.add(word.equals("PID") ? Long.toString(shop) : word);
      }
      Command.Result result = Command.jargdist(words.toArray(new String[0]));
      assertThat(result.exit()).as(page + ": " + result.err()).isZero();
      if (!shown.group(1).contains("lost ")) {
        assertThat(result.out()).as(page + " on a busy JVM").doesNotContain("lost ");
      }
      for (int i = 0; i < words.size(); i++) {
        if (words.get(i).equals("-H") || words.get(i).equals("-C")) {
          String specifier = words.get(i + 1);
          String label = specifier.substring(specifier.lastIndexOf('#') + 1);
          Form form = words.get(i).equals("-H") ? Form.HISTOGRAM : Form.FREQUENCY;
          assertThat(shown.group(1)).as("the output shown in " + page).contains(label);
          // Events that a filter looks for need not happen in five seconds; all others of the page
          // do.
          boolean always = SpecifierParser.parse(specifier, form).filter() == null;
          if (always && rows(shown.group(1), label) > 0) {
            assertThat(rows(result.out(), label)).as(page + ": " + specifier).isPositive();
          }
        }
      }
    } catch (Exception e) {
      throw new AssertionError(page.toString(), e);
    }
  }

  /** Returns the number of rows below a label. */
  private static long rows(String output, String label) {
    List<String> lines = output.lines().toList();
    int at = 0;
    while (at < lines.size() && !lines.get(at).strip().startsWith(label)) {
      at++;
    }
    return lines.stream()
        .skip(at + 1)
        .takeWhile(line -> line.startsWith("\t") || line.contains(" -> "))
        .filter(line -> !line.startsWith("\tCOUNT"))
        .count();
  }
}
