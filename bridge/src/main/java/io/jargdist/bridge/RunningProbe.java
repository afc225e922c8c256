/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.protocol.Message;
import io.jargdist.bridge.protocol.ProbeHealth;
import io.jargdist.codegen.CType;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.KeyField;
import io.jargdist.kernel.BpfTable;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.MappedTable;
import io.jargdist.os.KernelException;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A loaded probe and how to read it. Owns the probe and its mapped tables. Thread-safe; reading
 * after {@link #close()} throws IllegalStateException.
 */
final class RunningProbe implements AutoCloseable {
  /** The words of a processor's line of the ledger. */
  private static final int HITS = 0;

  private static final int COUNTED = 1;
  private static final int LOST = 2;

  private final ProbePlan plan;
  private final LoadedProbe loaded;
  private final MappedTable ledger;
  private final @Nullable MappedTable histogram;
  private final DoubleSupplier latencyFloorNanos;
  private final HitMeter meter;
  private ProbeHealth.@Nullable Detached detached;
  private boolean closed;

  private RunningProbe(
      ProbePlan plan,
      LoadedProbe loaded,
      MappedTable ledger,
      @Nullable MappedTable histogram,
      DoubleSupplier latencyFloorNanos,
      HitMeter meter) {
    this.meter = meter;
    this.plan = plan;
    this.latencyFloorNanos = latencyFloorNanos;
    this.loaded = loaded;
    this.ledger = ledger;
    this.histogram = histogram;
  }

  /**
   * Takes a loaded probe over: if that fails, the probe is closed.
   *
   * @param latencyFloorNanos see {@link Message.Histogram}
   * @param meter of its hits
   */
  static RunningProbe of(
      ProbePlan plan, LoadedProbe loaded, DoubleSupplier latencyFloorNanos, HitMeter meter)
      throws KernelException {
    MappedTable ledger = null;
    try {
      ledger = loaded.table(ProbePlan.LEDGER_TABLE).mapped();
      MappedTable histogram =
          plan.buckets() != null ? loaded.table(ProbePlan.HISTOGRAM_TABLE).mapped() : null;
      return new RunningProbe(plan, loaded, ledger, histogram, latencyFloorNanos, meter);
    } catch (KernelException | RuntimeException | Error e) {
      if (ledger != null) {
        ledger.close();
      }
      loaded.close();
      throw e;
    }
  }

  /**
   * @param from see {@link Message.Read}
   */
  synchronized Message read(int from) throws KernelException, IOException {
    if (closed) {
      throw new IllegalStateException("the probe is detached");
    }
    BucketScheme buckets = plan.buckets();
    if (histogram != null && buckets != null) {
      return new Message.Histogram(
          histogram(histogram, buckets), latencyFloorNanos.getAsDouble(), health());
    } else if (plan.key().isEmpty()) {
      long counted = ofAllProcessors(COUNTED);
      return frequency(counted == 0 ? Map.of() : Map.of(List.of(), counted));
    }
    BpfTable.Page page = loaded.table(ProbePlan.FREQUENCY_TABLE).entries(from);
    Integer next = page.next();
    return next == null
        ? frequency(rows(page))
        : new Message.Page(new FrequencySnapshot(rows(page), Losses.NONE), next);
  }

  private Message frequency(Map<List<String>, Long> rows) throws KernelException, IOException {
    return new Message.Frequency(new FrequencySnapshot(rows, losses()), health());
  }

  private ProbeHealth health() {
    return detached != null
        ? ProbeHealth.of(detached)
        : new ProbeHealth(meter.hitsPerSecond(), meter.overheadPercent(), null);
  }

  HitMeter meter() {
    return meter;
  }

  /** A sum and slots for each processor. */
  private HistogramSnapshot histogram(MappedTable table, BucketScheme buckets)
      throws KernelException, IOException {
    long[] counts = new long[buckets.slots()];
    long[] words = new long[1 + counts.length];
    long sum = 0;
    for (int cpu = 0; cpu < table.entries(); cpu++) {
      table.read(cpu, words);
      sum += words[0];
      for (int slot = 0; slot < counts.length; slot++) {
        counts[slot] += words[1 + slot];
      }
    }
    return new HistogramSnapshot(buckets, counts, sum, losses());
  }

  private Map<List<String>, Long> rows(BpfTable.Page page) {
    Map<List<String>, Long> counts = new HashMap<>();
    for (BpfTable.Entry entry : page.entries()) {
      List<String> key = new ArrayList<>(plan.key().size());
      for (KeyField field : plan.key()) {
        key.add(decode(entry.key(), field));
      }
      long count = entry.value().getLong(0);
      // A key whose first event is being counted right now has been inserted with 0.
      if (count != 0) {
        counts.merge(List.copyOf(key), count, Long::sum);
      }
    }
    return counts;
  }

  /**
   * How often the application was stopped for it so far, also by events that do not count: those
   * that a filter drops, and those of other processes where the kernel does not tell them apart.
   */
  synchronized long hits() {
    if (closed) {
      return 0;
    }
    return ofAllProcessors(HITS);
  }

  private long ofAllProcessors(int word) {
    long sum = 0;
    long[] words = new long[word + 1];
    for (int cpu = 0; cpu < ledger.entries(); cpu++) {
      ledger.read(cpu, words);
      sum += words[word];
    }
    return sum;
  }

  private Losses losses() throws KernelException, IOException {
    Loss[] reasons = Loss.values();
    long[] words = new long[LOST + reasons.length];
    Map<Loss, Long> counts = new EnumMap<>(Loss.class);
    for (int cpu = 0; cpu < ledger.entries(); cpu++) {
      ledger.read(cpu, words);
      for (Loss reason : reasons) {
        counts.merge(reason, words[LOST + reason.ordinal()], Long::sum);
      }
    }
    counts.put(Loss.RECURSION, loaded.recursionMisses());
    counts.put(Loss.RETURN_NOT_TRAPPED, loaded.missedReturns());
    return new Losses(counts);
  }

  private static String decode(ByteBuffer key, KeyField field) {
    CType.Int type = field.type();
    if (type == null) {
      byte[] text = new byte[field.size()];
      key.get(field.offset(), text);
      int length = 0;
      while (length < text.length && text[length] != 0) {
        length++;
      }
      return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }
    int at = field.offset();
    return switch (type.size()) {
      case 1 -> Integer.toString(type.signed() ? key.get(at) : Byte.toUnsignedInt(key.get(at)));
      case 2 ->
          Integer.toString(
              type.signed() ? key.getShort(at) : Short.toUnsignedInt(key.getShort(at)));
      case 4 ->
          type.signed()
              ? Integer.toString(key.getInt(at))
              : Integer.toUnsignedString(key.getInt(at));
      default ->
          type.signed() ? Long.toString(key.getLong(at)) : Long.toUnsignedString(key.getLong(at));
    };
  }

  /** Stops counting at once, also while another thread reads or closes it. Does not wait. */
  void disable() {
    loaded.disable();
  }

  /** Takes it out of the kernel's way; what it has counted can still be read. */
  synchronized void detach(ProbeHealth.Detached why) throws KernelException, IOException {
    if (!closed) {
      detached = why;
      loaded.detach();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      ledger.close();
      if (histogram != null) {
        histogram.close();
      }
      loaded.close();
    }
  }
}
