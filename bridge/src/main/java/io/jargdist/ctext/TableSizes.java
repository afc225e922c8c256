/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

/**
 * How many entries the tables of a probe get when they are created. A text has them not, so that a
 * compiled one serves all sizes and machines. The length of texts ({@code -z}) is in it, since it
 * decides how large a key is and where its parts are.
 *
 * @param processors how many the kernel may ever bring up
 * @param tableEntries how many distinct keys a table holds
 * @param tableSlots how many pairs of a key and a slot a histogram with keys holds
 * @param callEntries how many blocks of calls a return probe can follow, or pairs can be open
 */
public record TableSizes(int processors, int tableEntries, int tableSlots, int callEntries) {
  /** More threads than a process has, unless its limits were raised. */
  private static final int MAX_THREADS = 65_536;

  /**
   * Returns the size of a table.
   *
   * @param inText what the text says, which holds for tables of one size
   */
  public int of(String table, int inText) {
    return switch (table) {
      case ProgramTables.LEDGER, ProgramTables.HISTOGRAM, ProgramTables.SUM ->
          processors * ProgramTables.HALVES;
      case ProgramTables.FREQUENCY,
          ProgramTables.SUMS,
          ProgramTables.KEYS,
          ProgramTables.OPEN_FILES,
          ProgramTables.FILE_NAMES ->
          tableEntries;
      case ProgramTables.SLOTS -> tableSlots;
      case ProgramTables.CALLS, ProgramTables.PAIRS -> callEntries;
      case ProgramTables.TARGET_THREADS -> MAX_THREADS;
      default -> inText;
    };
  }
}
