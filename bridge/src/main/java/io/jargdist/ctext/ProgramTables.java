/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

/** The tables that a text declares, and what their readers must know of them. */
public final class ProgramTables {
  public static final String LEDGER = "ledger";

  /** Shared by the probes that begin together: {@link #GATE_CLOSED}. */
  public static final String GATE = "start_gate";

  /** Shared by all probes of a process: its threads that are ours, and a bit for each. */
  public static final String OWN_THREADS = "own_threads";

  /** An element of 64 bits: a thread is looked for only if bit {@code number % 64} is set. */
  public static final String OWN_BITS = "own_bits";

  public static final String HISTOGRAM = "histogram";

  /** Only of frequencies that have a key. */
  public static final String FREQUENCY = "counts";

  /** The gate's first word as long as nothing counts; then it is a time of CLOCK_MONOTONIC. */
  public static final long GATE_CLOSED = Long.MAX_VALUE;

  /**
   * How many halves the ledger, the histogram and each count have. What is counted goes into the
   * one that the gate names, so that the other one rests and all probes of a gate can be read as
   * they were at one instant.
   */
  public static final int HALVES = 2;

  /** How many of our threads a table takes. */
  public static final int MAX_OWN_THREADS = 256;

  private ProgramTables() {}
}
