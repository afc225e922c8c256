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
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.specifier.Form;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts the pairs that have begun and not ended by the key that they will have. */
final class OpenPairs {
  private final BpfTable table;
  private final KeyReader keys;
  private final List<Integer> keptKey;

  /**
   * Some rows.
   *
   * @param next where the next page begins; null behind the last one
   */
  record Page(FrequencySnapshot rows, @Nullable Integer next) {}

  private OpenPairs(BpfTable table, KeyReader keys, List<Integer> keptKey) {
    this.table = table;
    this.keys = keys;
    this.keptKey = keptKey;
  }

  /** Returns null if the key is known only when a pair ends. */
  static @Nullable OpenPairs of(ProbePlan plan, LoadedProbe loaded) {
    ProbePlan.PairPlan pair = plan.pair();
    return pair == null || pair.keptKey().isEmpty() || plan.form() != Form.FREQUENCY
        ? null
        : new OpenPairs(
            loaded.table(ProgramTables.PAIRS), new KeyReader(plan, loaded), pair.keptKey());
  }

  /**
   * @param from 0, or what the page before says
   */
  Page page(int from) throws KernelException {
    BpfTable.Page page = table.entries(from);
    Map<List<String>, Long> rows = new HashMap<>();
    for (BpfTable.Entry entry : page.entries()) {
      if (isOpen(entry.value())) {
        rows.merge(keys.key(entry.value(), keptKey), 1L, Long::sum);
      }
    }
    return new Page(new FrequencySnapshot(rows, Losses.NONE, Sampling.NONE), page.next());
  }

  /** The element of a thread stays in the table between its pairs; its turn is the last word. */
  private boolean isOpen(ByteBuffer pair) {
    return pair.getLong(table.valueSize() - Long.BYTES) != 0;
  }
}
