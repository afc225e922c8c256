/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that is said about specifiers that are wrong, word for word. {@code -Dgoldens=rewrite}
 * writes the files anew and fails.
 */
class DiagnosticsTest {
  private static final Path FOLDER = Path.of("src/test/resources/io/jargdist/specifier");

  @ParameterizedTest
  @ValueSource(strings = {"rejected.txt", "attacks.txt"})
  void everythingWrongIsRefusedInTheWordsOnFile(String name) throws IOException {
    Path file = FOLDER.resolve(name);
    String expected = Files.readString(file);
    StringBuilder actual = new StringBuilder();
    List<String> lines = expected.lines().toList();
    lines.stream().filter(line -> line.startsWith("#")).forEach(l -> actual.append(l).append("\n"));
    lines.stream()
        .filter(line -> line.startsWith("-"))
        .forEach(line -> actual.append("\n").append(line).append("\n").append(refusal(line)));
    if ("rewrite".equals(System.getProperty("goldens"))) {
      Files.writeString(file, actual);
      fail(file + " is written anew");
    }
    assertThat(actual.toString()).isEqualTo(expected);
  }

  private static String refusal(String line) {
    Form form = Form.of(line.substring(0, 2));
    try {
      SpecifierParser.parse(line.substring(3), form);
      return "  ACCEPTED\n";
    } catch (SpecifierException refused) {
      Diagnostic diagnostic = refused.diagnostic();
      assertThat(diagnostic.span().end()).isLessThanOrEqualTo(line.length() - 3 + 1);
      return Objects.requireNonNull(refused.getMessage()).indent(2);
    }
  }
}
