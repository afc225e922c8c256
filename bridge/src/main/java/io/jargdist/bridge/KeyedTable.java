/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.kernel.BpfTable;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.os.KernelException;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the table in which a probe has counted by key. Does not own it. */
final class KeyedTable {
  /**
   * The size of the largest table that a mark copies, so that a mark takes little time and memory;
   * a histogram may have so many keys with eight slots each.
   */
  private static final int MARKED_ENTRIES = 16_384;

  private static final int SLOTS_OF_A_KEY = 8;

  private final ProbePlan plan;
  private final BpfTable table;
  private final KeyReader keys;

  /** Which halves of the counts are read. */
  enum Halves {
    FIRST {
      @Override
      long of(ByteBuffer counts, int at) {
        return counts.getLong(at);
      }
    },
    SECOND {
      @Override
      long of(ByteBuffer counts, int at) {
        return counts.getLong(at + Long.BYTES);
      }
    },
    BOTH {
      @Override
      long of(ByteBuffer counts, int at) {
        return FIRST.of(counts, at) + SECOND.of(counts, at);
      }
    };

    static Halves only(int half) {
      return half == 0 ? FIRST : SECOND;
    }

    /**
     * @param at where the two halves of the number are
     */
    abstract long of(ByteBuffer counts, int at);
  }

  /**
   * Some rows.
   *
   * @param next where the next page begins; null behind the last one
   */
  record Page(Snapshot<?> rows, @Nullable Integer next) {}

  private KeyedTable(ProbePlan plan, BpfTable table, KeyReader keys) {
    this.plan = plan;
    this.table = table;
    this.keys = keys;
  }

  /** Returns null if the probe has no key. */
  static @Nullable KeyedTable of(ProbePlan plan, LoadedProbe loaded) {
    if (plan.key().isEmpty()) {
      return null;
    }
    String table =
        switch (plan.form()) {
          case HISTOGRAM -> ProgramTables.SLOTS;
          case FREQUENCY -> ProgramTables.FREQUENCY;
          case SUM -> ProgramTables.SUMS;
        };
    return new KeyedTable(plan, loaded.table(table), new KeyReader(plan, loaded));
  }

  /** Returns whether it is small enough to be copied at once. */
  boolean isMarkable() {
    int most =
        switch (plan.form()) {
          case HISTOGRAM -> MARKED_ENTRIES * SLOTS_OF_A_KEY;
          case FREQUENCY, SUM -> MARKED_ENTRIES;
        };
    return table.maxEntries() <= most;
  }

  /** Returns all rows, without losses and sampling. */
  Snapshot<?> all(Halves halves) throws KernelException {
    List<Snapshot<?>> parts = new ArrayList<>();
    Integer next = 0;
    while (next != null) {
      Page page = page(next, halves);
      parts.add(page.rows());
      next = page.next();
    }
    return Snapshot.ofParts(parts);
  }

  /**
   * @param from 0, or what the page before says
   */
  Page page(int from, Halves halves) throws KernelException {
    BpfTable.Page page = table.entries(from);
    return new Page(rows(page, halves), page.next());
  }

  private Snapshot<?> rows(BpfTable.Page page, Halves halves) throws KernelException {
    return switch (plan.form()) {
      case HISTOGRAM ->
          HistogramSnapshot.ofKeys(
              Objects.requireNonNull(plan.buckets()),
              rows(
                  page,
                  ProgramTables.KEY_BEHIND_SLOT,
                  entry -> slot(entry, halves),
                  Distribution::plus,
                  Distribution.NOTHING),
              Losses.NONE,
              Sampling.NONE);
      case FREQUENCY ->
          new FrequencySnapshot(
              rows(page, 0, entry -> halves.of(entry.value(), 0), Long::sum, 0L),
              Losses.NONE,
              Sampling.NONE);
      case SUM ->
          new SumSnapshot(
              rows(page, 0, entry -> sum(entry, halves), Sum::plus, Sum.NOTHING),
              Losses.NONE,
              Sampling.NONE);
    };
  }

  private static Sum sum(BpfTable.Entry entry, Halves halves) {
    return new Sum(
        halves.of(entry.value(), 0), halves.of(entry.value(), ProgramTables.HALVES * Long.BYTES));
  }

  private static Distribution slot(BpfTable.Entry entry, Halves halves) {
    Sum sum = sum(entry, halves);
    return sum.events() == 0
        ? Distribution.ofSum(sum.sum())
        : Distribution.ofSlot((int) entry.key().getLong(0), sum.events(), sum.sum());
  }

  /**
   * @param keyAt where the key begins in the table's own
   * @param nothing a key whose first event is being counted right now has been inserted with this;
   *     it is left out
   */
  private <V> Map<List<String>, V> rows(
      BpfTable.Page page,
      int keyAt,
      Function<BpfTable.Entry, V> amount,
      BinaryOperator<V> plus,
      V nothing)
      throws KernelException {
    Map<List<String>, V> rows = new HashMap<>();
    for (BpfTable.Entry entry : page.entries()) {
      V counted = amount.apply(entry);
      if (!counted.equals(nothing)) {
        rows.merge(keys.key(entry.key(), keyAt), counted, plus);
      }
    }
    return rows;
  }
}
