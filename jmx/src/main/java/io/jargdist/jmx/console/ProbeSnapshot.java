/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.specifier.Form;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** The answer of a probe's MBean at one moment. */
sealed interface ProbeSnapshot {
  Facts facts();

  Form form();

  /**
   * The facts that all probes have.
   *
   * @param count events since the start or the last reset
   * @param lost events that are missing
   * @param hitsPerSecond NaN if not known
   * @param overheadPercent of one CPU; NaN if not known
   * @param coverage the part of the time that was seen, from 0 to 1; NaN if not known
   * @param warnings what the probe cannot see
   */
  record Facts(
      ObjectName bean,
      String specifier,
      String state,
      String lastError,
      @Nullable Instant started,
      long count,
      long lost,
      String lostDetail,
      double hitsPerSecond,
      double overheadPercent,
      double coverage,
      List<String> warnings) {
    public Facts {
      warnings = List.copyOf(warnings);
    }

    String name() {
      return String.valueOf(bean.getKeyProperty("name"));
    }

    boolean isRunning() {
      return state.equals("running");
    }

    /**
     * Returns whether another MBean's numbers can be compared with these: it is the same probe's.
     */
    boolean isSameProbe(Facts other) {
      return bean.equals(other.bean)
          && specifier.equals(other.specifier)
          && Objects.equals(started, other.started);
    }
  }

  /**
   * @param unit of the values; empty if not known
   * @param errorBound how far a percentile may be off
   * @param snapshot of all keys together; its losses are in the facts
   * @param keys null if it has none, or they were not asked for
   */
  record OfHistogram(
      Facts facts, String unit, String errorBound, HistogramSnapshot snapshot, @Nullable Keys keys)
      implements ProbeSnapshot {
    /**
     * The keys of a histogram.
     *
     * @param columns names of the key's parts
     * @param truncated keys that the MBean leaves out
     */
    record Keys(
        List<String> columns, Map<List<String>, Distribution> distributions, long truncated) {}

    @Override
    public Form form() {
      return Form.HISTOGRAM;
    }
  }

  /** What was counted by key. */
  sealed interface Keyed extends ProbeSnapshot {
    /** Returns the names of the key's parts. */
    List<String> columns();

    /** Returns events or sums by key; null if they were not asked for. */
    @Nullable Map<List<String>, Long> amounts();

    /** Returns what these numbers are, in a word. */
    String amount();

    /** Returns the keys with a text that goes on, which has an ellipsis at its end. */
    Set<List<String>> cut();

    /** Returns how many keys the MBean leaves out. */
    long truncated();
  }

  /**
   * @param counts events by key; null if they were not asked for
   */
  record OfFrequency(
      Facts facts,
      List<String> columns,
      @Nullable Map<List<String>, Long> counts,
      Set<List<String>> cut,
      long truncated)
      implements Keyed {
    @Override
    public Form form() {
      return Form.FREQUENCY;
    }

    @Override
    public @Nullable Map<List<String>, Long> amounts() {
      return counts;
    }

    @Override
    public String amount() {
      return "count";
    }
  }

  /**
   * @param unit of the sums; empty if not known
   * @param sums by key; null if they were not asked for
   */
  record OfSum(
      Facts facts,
      String unit,
      List<String> columns,
      @Nullable Map<List<String>, Long> sums,
      Set<List<String>> cut,
      long truncated)
      implements Keyed {
    @Override
    public Form form() {
      return Form.SUM;
    }

    @Override
    public @Nullable Map<List<String>, Long> amounts() {
      return sums;
    }

    @Override
    public String amount() {
      return "sum";
    }
  }
}
