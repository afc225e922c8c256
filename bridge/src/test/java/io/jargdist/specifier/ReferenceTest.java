/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.Loss;
import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.BuiltinValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name all that the tables of the language have. */
class ReferenceTest {
  private static final Path DOCUMENTS = Path.of("../docs");

  @Test
  void theReferenceHasAllThatAnExpressionMaySay() throws IOException {
    assertThat(Files.readString(DOCUMENTS.resolve("specifier-language.md")))
        .contains(Stream.of(BuiltinValue.values()).map(value -> "`" + value.text() + "`").toList())
        .contains(
            Stream.of(BuiltinFunction.values())
                .map(function -> "`" + function.text() + "(")
                .toList());
  }

  @Test
  void theReferenceHasAllKindsOfProbes() throws IOException {
    assertThat(Files.readString(DOCUMENTS.resolve("specifier-language.md")))
        .contains(Stream.of(ProbeType.values()).map(type -> "\"" + type.letter() + "\"").toList());
  }

  @Test
  void allReasonsForLossesAreExplained() throws IOException {
    assertThat(Files.readString(DOCUMENTS.resolve("exact-numbers.md")))
        .contains(Stream.of(Loss.values()).map(Loss::text).toList());
  }
}
