/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.ctext.OpenFileText;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.typing.KeyField;
import java.util.List;
import java.util.Locale;

/**
 * Limits the kernel's memory that a probe's tables take. A hash table takes its memory at once, and
 * only the machine's memory limits it. So a plan that asks for too much is refused before anything
 * is created.
 */
final class TableMemory {
  /** The limit for one table. */
  private static final long MAX_BYTES = 128 << 20;

  /** The bytes of an element besides key and value: struct htab_elem and its bucket. */
  private static final int ELEMENT = 64;

  private TableMemory() {}

  /**
   * Checks the tables of what is counted by key.
   *
   * @param key may be empty
   */
  static void checkKeys(Specifier specifier, PlanOptions options, List<KeyField> key)
      throws SpecifierException {
    if (key.isEmpty()) {
      return;
    }
    int size = key.get(key.size() - 1).end();
    int half = ProgramTables.HALVES * Long.BYTES;
    int entries = options.tableEntries();
    switch (specifier.form()) {
      case FREQUENCY -> check(specifier, "--table-entries", entries, size + half);
      case SUM -> check(specifier, "--table-entries", entries, size + 2 * half);
      case HISTOGRAM -> {
        check(specifier, "--table-entries", entries, size + Integer.BYTES);
        check(specifier, "--table-slots", options.tableSlots(), Long.BYTES + size + 2 * half);
      }
    }
  }

  /** Checks the table of what names open files. */
  static void checkFiles(Specifier specifier, PlanOptions options) throws SpecifierException {
    check(specifier, "--table-entries", options.tableEntries(), OpenFileText.size());
  }

  /**
   * @param bytes the size of a block of calls
   */
  static void checkCalls(Specifier specifier, PlanOptions options, int bytes)
      throws SpecifierException {
    check(specifier, "--call-entries", options.callEntries(), bytes);
  }

  /**
   * @param bytes the size of a pair and its key
   */
  static void checkPairs(Specifier specifier, PlanOptions options, int bytes)
      throws SpecifierException {
    check(specifier, "--call-entries", options.callEntries(), bytes);
  }

  private static void check(Specifier specifier, String option, int entries, int bytes)
      throws SpecifierException {
    long each = (bytes + 7L) / 8 * 8 + ELEMENT;
    if (entries * each > MAX_BYTES) {
      throw new SpecifierException(
          specifier.text(),
          new Diagnostic(
              "specifier",
              new Span(0, specifier.text().length()),
              String.format(
                  Locale.ROOT,
                  "a table of %d entries of %d bytes takes %d MB of the kernel's memory, and %d MB"
                      + " are allowed",
                  entries,
                  each,
                  (entries * each) >> 20,
                  MAX_BYTES >> 20),
              "use " + option + " " + MAX_BYTES / each + " at most, or shorter texts (-z)"));
    }
  }
}
