/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Random specifiers, valid and mutated. {@code -Dfuzz.seed=N} begins elsewhere, {@code
 * -Dfuzz.parses=N} makes another number of them.
 */
class SpecifierFuzzTest {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final int PARSES = Integer.getInteger("fuzz.parses", 1_000_000);

  @Test
  void everySpecifierIsRefusedWithADiagnosticOrPrintsAndParsesBack() {
    SpecifierGenerator generator = new SpecifierGenerator(SEED);
    int valid = 0;
    int accepted = 0;
    for (int i = 0; i < PARSES; i++) {
      Form form = generator.form();
      String text = generator.next(form);
      boolean mutated = i % 2 == 1;
      if (mutated) {
        text = generator.mutate(text);
      }
      try {
        if (isAccepted(text, form)) {
          accepted++;
          valid += mutated ? 0 : 1;
        }
      } catch (SpecifierException | RuntimeException | StackOverflowError | AssertionError e) {
        throw new AssertionError("seed " + SEED + ", number " + i + ", " + form + ": " + text, e);
      }
    }
    assertThat(valid).isEqualTo((PARSES + 1) / 2);
    assertThat(accepted - valid).isBetween(PARSES / 100, PARSES / 2 - 1);
  }

  /** Throws what must not happen. */
  private static boolean isAccepted(String text, Form form) throws SpecifierException {
    Specifier specifier;
    try {
      specifier = SpecifierParser.parse(text, form);
    } catch (SpecifierException refused) {
      Span span = refused.diagnostic().span();
      if (span.end() > text.length() + 1 || refused.diagnostic().reason().isBlank()) {
        throw new AssertionError("a diagnostic without place or reason", refused);
      }
      return false;
    }
    String printed = SpecifierPrinter.print(specifier);
    Specifier again = SpecifierParser.parse(printed, form);
    if (!Shape.of(again).equals(Shape.of(specifier))) {
      throw new AssertionError("printed as " + printed);
    }
    return true;
  }
}
