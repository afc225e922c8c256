/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

/**
 * The names of the tables (BPF maps) that a text declares, and the facts that readers of the tables
 * need.
 */
public final class ProgramTables {
  public static final String LEDGER = "ledger";

  /** The gate, which is shared by the probes that begin together; see {@link #GATE_CLOSED}. */
  public static final String GATE = "start_gate";

  /** The table of our threads in a process, which all its probes share. */
  public static final String OWN_THREADS = "own_threads";

  /**
   * One element of 64 bits. A thread is looked up among ours only if bit {@code number % 64} is
   * set.
   */
  public static final String OWN_BITS = "own_bits";

  public static final String HISTOGRAM = "histogram";

  /** The table of a frequency that has a key. */
  public static final String FREQUENCY = "counts";

  /** The pairs that have begun and not ended. */
  public static final String PAIRS = "open_pairs";

  /** The threads of the target, by their numbers in the initial pid namespace. */
  public static final String TARGET_THREADS = "target_threads";

  /** The table of the calls that are under way. */
  public static final String CALLS = "calls";

  /** The sum of the values: one element for each processor and half. */
  public static final String SUM = "total";

  /** The sums of the values by key. */
  public static final String SUMS = "sums";

  /** Counts and sums of a histogram that has a key, by slot and key. */
  public static final String SLOTS = "slots";

  /** The keys of such a histogram; it only limits how many there are. */
  public static final String KEYS = "keys";

  /** The number of each open file that was seen, by what tells it from others. */
  public static final String OPEN_FILES = "open_files";

  /** What names each of them, by its number. */
  public static final String FILE_NAMES = "file_names";

  /** Where the key stands in a key of {@link #SLOTS}, behind the slot of 64 bits. */
  public static final int KEY_BEHIND_SLOT = Long.BYTES;

  /**
   * The gate's first word as long as nothing counts. Later the word is the time of CLOCK_MONOTONIC
   * at which the counting began.
   */
  public static final long GATE_CLOSED = Long.MAX_VALUE;

  /**
   * How many halves the ledger, the histogram and each count have. Programs count in the half that
   * the gate names. The other half rests, so all probes of a gate can be read as they were at one
   * instant.
   */
  public static final int HALVES = 2;

  /** How many of our threads the table can hold. */
  public static final int MAX_OWN_THREADS = 256;

  private ProgramTables() {}
}
