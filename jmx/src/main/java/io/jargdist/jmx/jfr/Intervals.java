/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.jfr;

import io.jargdist.jmx.FrequencyProbe;
import io.jargdist.jmx.HistogramProbe;
import io.jargdist.jmx.Probe;
import io.jargdist.jmx.SumProbe;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.SumSnapshot;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The counts since the last events: the baselines of Flight Recorder, which is a reader like any
 * other. All recordings share them, since an event is in each of them. Thread-safe.
 */
final class Intervals {
  private final Supplier<? extends List<? extends Probe>> probes;

  /** The last snapshot of each probe that there was; null means that it is not known. */
  private final Map<Probe, @Nullable TimedSnapshot> last = new HashMap<>();

  /** Those whose last events were emitted, as long as they are among the others. */
  private final Set<Probe> leaving = new HashSet<>();

  private boolean recording;
  private long begun;

  private record TimedSnapshot(Snapshot<?> snapshot, long nanoTime) {}

  Intervals(Supplier<? extends List<? extends Probe>> probes) {
    this.probes = probes;
  }

  /** A recording runs: what was counted before is not in it. Nothing happens if one does. */
  synchronized void begin() {
    if (recording) {
      return;
    }
    recording = true;
    begun = System.nanoTime();
    for (Probe probe : probes.get()) {
      last.put(probe, read(probe));
    }
  }

  /** No recording runs any more. */
  synchronized void end() {
    recording = false;
    last.clear();
  }

  synchronized void emitHistograms() {
    emit(HistogramProbe.class);
  }

  synchronized void emitFrequencies() {
    emit(FrequencyProbe.class);
  }

  synchronized void emitSums() {
    emit(SumProbe.class);
  }

  /** Emits the counts and the probes themselves. */
  synchronized void emitAll() {
    emit(Probe.class);
    if (recording) {
      probes.get().forEach(this::emitProbe);
    }
  }

  synchronized void beforeRemoval(Probe probe) {
    if (recording) {
      emit(probe);
      last.remove(probe);
      leaving.add(probe);
    }
  }

  private void emit(Class<? extends Probe> kind) {
    if (recording) {
      List<? extends Probe> present = probes.get();
      last.keySet().retainAll(present);
      leaving.retainAll(present);
      present.stream()
          .filter(kind::isInstance)
          .filter(probe -> !leaving.contains(probe))
          .forEach(this::emit);
    }
  }

  private void emit(Probe probe) {
    TimedSnapshot now = read(probe);
    if (now == null) {
      return;
    }
    boolean isNew = !last.containsKey(probe);
    TimedSnapshot before = last.put(probe, now);
    if (before == null && !isNew) {
      // Its counts at the beginning of the recording are not known, so it begins now.
      return;
    }
    long interval = now.nanoTime() - (before == null ? begun : before.nanoTime());
    Snapshot<?> from = before == null ? null : before.snapshot();
    switch (probe.form()) {
      case HISTOGRAM ->
          emit(
              (HistogramProbe) probe,
              (HistogramSnapshot) now.snapshot(),
              (HistogramSnapshot) from,
              interval);
      case FREQUENCY ->
          emit(
              (FrequencyProbe) probe,
              (FrequencySnapshot) now.snapshot(),
              (FrequencySnapshot) from,
              interval);
      case SUM ->
          emit((SumProbe) probe, (SumSnapshot) now.snapshot(), (SumSnapshot) from, interval);
    }
  }

  /** Returns null if the bridge does not answer; the next snapshot has what this one misses. */
  private static @Nullable TimedSnapshot read(Probe probe) {
    try {
      Snapshot<?> snapshot =
          switch (probe.form()) {
            case HISTOGRAM -> ((HistogramProbe) probe).read();
            case FREQUENCY -> ((FrequencyProbe) probe).read();
            case SUM -> ((SumProbe) probe).read();
          };
      return new TimedSnapshot(snapshot, System.nanoTime());
    } catch (IOException e) {
      return null;
    }
  }

  private static void emit(
      HistogramProbe probe,
      HistogramSnapshot now,
      @Nullable HistogramSnapshot before,
      long interval) {
    HistogramSnapshot counted = before == null ? now : now.minus(before);
    BucketScheme scheme = counted.scheme();
    long total = counted.count();
    if (probe.columns().isEmpty()) {
      for (int slot = 0; slot < scheme.slots(); slot++) {
        if (counted.count(slot) != 0) {
          HistogramBucketEvent event = bucket(probe, "", scheme, slot);
          event.count = counted.count(slot);
          event.total = total;
          event.interval = interval;
          event.commit();
        }
      }
    }
    for (Map.Entry<List<String>, Distribution> key : counted.distributions().entrySet()) {
      String text = FrequencyText.event(key.getKey(), probe.columns());
      key.getValue()
          .counts()
          .forEach(
              (slot, count) -> {
                HistogramBucketEvent event = bucket(probe, text, scheme, slot);
                event.count = count;
                event.total = total;
                event.interval = interval;
                event.commit();
              });
    }
    emit(probe, counted.losses());
  }

  private static HistogramBucketEvent bucket(
      HistogramProbe probe, String key, BucketScheme scheme, int slot) {
    HistogramBucketEvent event = new HistogramBucketEvent(probe.name(), key);
    event.low = scheme.isUnderflow(slot) ? Long.MIN_VALUE : inRange(scheme, scheme.low(slot));
    event.high = scheme.isOverflow(slot) ? Long.MAX_VALUE : inRange(scheme, scheme.high(slot));
    return event;
  }

  /** Flight Recorder has no unsigned 64-bit numbers. */
  private static long inRange(BucketScheme scheme, long value) {
    return !scheme.signed() && value < 0 ? Long.MAX_VALUE : value;
  }

  private static void emit(
      FrequencyProbe probe,
      FrequencySnapshot now,
      @Nullable FrequencySnapshot before,
      long interval) {
    FrequencySnapshot counted = before == null ? now : now.minus(before);
    long total = counted.count();
    counted
        .counts()
        .forEach(
            (key, count) -> {
              FrequencyEvent event =
                  new FrequencyEvent(probe.name(), FrequencyText.event(key, probe.columns()));
              event.count = count;
              event.total = total;
              event.interval = interval;
              event.commit();
            });
    emit(probe, counted.losses());
  }

  private static void emit(
      SumProbe probe, SumSnapshot now, @Nullable SumSnapshot before, long interval) {
    SumSnapshot counted = before == null ? now : now.minus(before);
    long total = counted.count();
    counted
        .sums()
        .forEach(
            (key, sum) -> {
              SumEvent event =
                  new SumEvent(probe.name(), FrequencyText.event(key, probe.columns()));
              event.sum = sum.sum();
              event.count = sum.events();
              event.total = total;
              event.interval = interval;
              event.commit();
            });
    emit(probe, counted.losses());
  }

  private static void emit(Probe probe, Losses losses) {
    losses
        .counts()
        .forEach((loss, count) -> new LossEvent(probe.name(), loss.text(), count).commit());
  }

  private void emitProbe(Probe probe) {
    ProbeEvent event = new ProbeEvent(probe.name(), probe.specifier(), probe.state());
    event.hitsPerSecond = probe.hitsPerSecond();
    event.overheadPercent = probe.overheadPercent();
    TimedSnapshot known = last.get(probe);
    if (known != null && known.snapshot().sampling().isKnown()) {
      Sampling sampling = known.snapshot().sampling();
      event.coverage = sampling.coverage();
      event.estimate = sampling.estimate();
      event.estimateError = sampling.halfWidth();
    }
    event.commit();
  }
}
