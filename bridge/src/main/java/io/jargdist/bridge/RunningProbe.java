/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.KeyedTable.Halves;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.cost.HitMeter;
import io.jargdist.cost.PacedPeriod.Interval;
import io.jargdist.cost.ProcessUse;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.MappedTable;
import io.jargdist.os.KernelException;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.TablePages;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a loaded probe. Owns the probe and its mapped tables. Thread-safe; reading after {@link
 * #close()} throws IllegalStateException.
 */
final class RunningProbe implements AutoCloseable {
  /** The words of a line of the ledger. Each half has one line for each processor. */
  private static final int HITS = 0;

  private static final int COUNTED = 1;
  private static final int LOST = 2;
  private static final int BEGUN = LOST + Loss.values().length;
  private static final int ENDED = BEGUN + 1;
  private static final int WORDS = ENDED + 1;

  private final ProbePlan plan;
  private final LoadedProbe loaded;
  private final MappedTable ledger;

  /** The sum, and the slots of a histogram; null of a frequency, and if there is a key. */
  private final @Nullable MappedTable values;

  private final @Nullable KeyedTable keyed;
  private final @Nullable OpenPairs openPairs;
  private final DoubleSupplier latencyFloorNanos;
  private final HitMeter meter;
  private final boolean systemWide;
  private final int processors;
  private volatile LibraryState libraries = LibraryState.MAPPED;
  private @Nullable Mark mark;
  private ProbeHealth.@Nullable Detached detached;
  private @Nullable Pacer pacer;
  private @Nullable Long begun;
  private @Nullable Sampling atTheEnd;
  private boolean closed;
  private long missesBefore;
  private long missedReturnsBefore;

  /**
   * The counts up to one instant.
   *
   * @param rows what was counted by key; null without a key
   */
  private record Mark(Half counts, @Nullable Snapshot<?> rows, Sampling sampling) {}

  /** The counts in one half of the tables, or in both. */
  private static final class Half {
    /** The words of all processors, added up. */
    final long[] ledger;

    /** The sum, then the slots, of all processors, added up; empty if there are none. */
    final long[] values;

    Half(long[] ledger, long[] values) {
      this.ledger = ledger;
      this.values = values;
    }

    Half plus(Half other) {
      return new Half(sum(ledger, other.ledger), sum(values, other.values));
    }

    private static long[] sum(long[] a, long[] b) {
      long[] sum = a.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += b[i];
      }
      return sum;
    }
  }

  private RunningProbe(
      ProbePlan plan,
      LoadedProbe loaded,
      MappedTable ledger,
      @Nullable MappedTable values,
      DoubleSupplier latencyFloorNanos,
      HitMeter meter,
      boolean systemWide) {
    this.meter = meter;
    this.systemWide = systemWide;
    this.plan = plan;
    this.latencyFloorNanos = latencyFloorNanos;
    this.loaded = loaded;
    this.ledger = ledger;
    this.values = values;
    this.keyed = KeyedTable.of(plan, loaded);
    this.openPairs = OpenPairs.of(plan, loaded);
    this.processors = ledger.entries() / ProgramTables.HALVES;
  }

  /**
   * Takes over a loaded probe. If that fails, the probe is closed.
   *
   * @param latencyFloorNanos see {@link Message.Histogram}
   * @param meter measures its hits
   * @param systemWide whether it sees the events of other processes, too
   */
  static RunningProbe of(
      ProbePlan plan,
      LoadedProbe loaded,
      DoubleSupplier latencyFloorNanos,
      HitMeter meter,
      boolean systemWide)
      throws KernelException {
    MappedTable ledger = null;
    try {
      ledger = loaded.table(ProgramTables.LEDGER).mapped();
      String values = valuesTable(plan);
      MappedTable mapped = values == null ? null : loaded.table(values).mapped();
      return new RunningProbe(plan, loaded, ledger, mapped, latencyFloorNanos, meter, systemWide);
    } catch (KernelException | RuntimeException | Error e) {
      if (ledger != null) {
        ledger.close();
      }
      loaded.close();
      throw e;
    }
  }

  private static @Nullable String valuesTable(ProbePlan plan) {
    if (!plan.key().isEmpty()) {
      return null;
    }
    return switch (plan.form()) {
      case HISTOGRAM -> ProgramTables.HISTOGRAM;
      case FREQUENCY -> null;
      case SUM -> ProgramTables.SUM;
    };
  }

  /**
   * Notes how many runs the kernel has skipped before the counting begins, since these are no
   * losses.
   */
  synchronized void aboutToBegin() throws KernelException, IOException {
    missesBefore = loaded.recursionMisses();
    missedReturnsBefore = loaded.missedReturns();
    begins();
  }

  /** It counts from now on. */
  synchronized void begins() {
    begun = System.nanoTime();
  }

  /** What has been counted up to a moment. */
  record Point(long nanoTime, long cpuNanos, long hits, long counted) {
    Interval since(Point earlier) {
      return new Interval(
          nanoTime - earlier.nanoTime,
          cpuNanos - earlier.cpuNanos,
          hits - earlier.hits,
          counted - earlier.counted);
    }
  }

  /**
   * Returns what has been counted up to now, and how much CPU time the process has taken.
   *
   * @return null if the probe is closed
   */
  synchronized @Nullable Point point(ProcessUse.Clock clock) throws KernelException {
    if (closed) {
      return null;
    }
    long nanoTime = System.nanoTime();
    long cpuNanos = clock.cpuNanos();
    long[] first = sums(ledger, 0, LOST);
    long[] second = sums(ledger, 1, LOST);
    return new Point(
        nanoTime, cpuNanos, first[HITS] + second[HITS], first[COUNTED] + second[COUNTED]);
  }

  /**
   * Attaches the probe at random moments only from now on, so that it costs no more than it may.
   *
   * @param clock tells the CPU time of the process
   * @param end detaches the probe if pacing it does not help
   * @return false if the probe would not tell the truth that way
   */
  synchronized boolean pace(ProcessUse.Clock clock, Consumer<ProbeHealth.Detached> end) {
    if (detached != null || begun == null || !plan.canBePaced()) {
      return false;
    }
    try {
      Point now = point(clock);
      if (now == null) {
        return false;
      }
      Sampling whole = Sampling.whole(now.nanoTime() - begun, now.counted());
      pacer = new Pacer(this, clock, systemWide, now, whole, end);
      pacer.start();
      return true;
    } catch (KernelException e) {
      // The process has ended.
      return false;
    }
  }

  synchronized boolean isPaced() {
    return pacer != null;
  }

  /** Takes the probe from its places, or puts it back there. See {@link LoadedProbe#pause}. */
  void pause() {
    loaded.pause();
  }

  void resume() throws KernelException, IOException {
    loaded.resume();
  }

  /** Returns what the probe takes of one processor, in percent. */
  synchronized double overheadPercent() {
    return pacer != null ? pacer.progress().overheadPercent() : meter.overheadPercent();
  }

  /**
   * @param counted events
   */
  private Sampling sampling(long counted) {
    if (atTheEnd != null) {
      return atTheEnd;
    } else if (pacer != null) {
      return pacer.progress().sampling();
    }
    return begun == null ? Sampling.NONE : Sampling.whole(System.nanoTime() - begun, counted);
  }

  /** Reads the resting half before the gate is turned. */
  synchronized void markResting(int half) throws KernelException {
    mark = null;
    if (!closed && (keyed == null || keyed.isMarkable())) {
      mark = new Mark(half(half), rows(half), Sampling.NONE);
    }
  }

  /** Reads the other half, which counted up to the turn. */
  synchronized void markTurned(int half) throws KernelException {
    Mark before = mark;
    mark = null;
    if (!closed && before != null) {
      Snapshot<?> rested = before.rows();
      Snapshot<?> turned = rows(half);
      Half counts = before.counts().plus(half(half));
      mark =
          new Mark(
              counts,
              rested == null || turned == null ? null : Snapshot.ofParts(List.of(rested, turned)),
              sampling(counts.ledger[COUNTED]));
    }
  }

  private @Nullable Snapshot<?> rows(int half) throws KernelException {
    return keyed == null ? null : keyed.all(Halves.only(half));
  }

  /**
   * @param request if it asks for the last mark and there is none, the present counts are read
   */
  synchronized Message read(Message.Read request) throws KernelException, IOException {
    if (closed) {
      throw new IllegalStateException("the probe is detached");
    }
    return switch (request.what()) {
      case NOW -> read(null, request.from());
      case MARKED -> readMarked(request.from());
      case OPEN ->
          openPairs == null
              ? counts(FrequencySnapshot.EMPTY)
              : page(openPairs.page(request.from()));
    };
  }

  private Message readMarked(int from) throws KernelException, IOException {
    Mark marked = mark;
    if (keyed == null) {
      mark = null;
    }
    return read(marked, from);
  }

  private Message read(@Nullable Mark marked, int from) throws KernelException, IOException {
    if (keyed != null) {
      return marked == null ? page(keyed, from) : page(marked, from);
    }
    Half counts = marked == null ? half(0).plus(half(1)) : marked.counts();
    Sampling sampling = marked == null ? sampling(counts.ledger[COUNTED]) : marked.sampling();
    return counts(withoutKey(counts).with(losses(counts), sampling));
  }

  /** The sum is read first, then the slots. */
  private Snapshot<?> withoutKey(Half counts) {
    long counted = counts.ledger[COUNTED];
    long[] words = counts.values;
    return switch (plan.form()) {
      case HISTOGRAM ->
          new HistogramSnapshot(
              Objects.requireNonNull(plan.buckets()),
              Arrays.copyOfRange(words, 1, words.length),
              words[0],
              Losses.NONE,
              Sampling.NONE);
      case FREQUENCY ->
          new FrequencySnapshot(
              counted == 0 ? Map.of() : Map.of(List.of(), counted), Losses.NONE, Sampling.NONE);
      case SUM ->
          new SumSnapshot(
              counted == 0 ? Map.of() : Map.of(List.of(), new Sum(counted, words[0])),
              Losses.NONE,
              Sampling.NONE);
    };
  }

  private Message page(Mark marked, int from) throws KernelException, IOException {
    Snapshot<?> rows = Objects.requireNonNull(marked.rows());
    Message page =
        TablePages.page(counts(rows.with(losses(marked.counts()), marked.sampling())), from);
    if (page instanceof Message.Counts) {
      mark = null;
    }
    return page;
  }

  private Message page(KeyedTable table, int from) throws KernelException, IOException {
    KeyedTable.Page page = table.page(from, Halves.BOTH);
    Integer next = page.next();
    if (next != null) {
      return new Message.Page(page.rows(), next);
    }
    Half counts = half(0).plus(half(1));
    return counts(page.rows().with(losses(counts), sampling(counts.ledger[COUNTED])));
  }

  private Message page(OpenPairs.Page page) {
    Integer next = page.next();
    return next == null ? counts(page.rows()) : new Message.Page(page.rows(), next);
  }

  private Message.Counts counts(Snapshot<?> snapshot) {
    return Message.Counts.of(snapshot, latencyFloorNanos.getAsDouble(), health());
  }

  private ProbeHealth health() {
    Long open = plan.pair() == null ? null : (Long) open();
    if (detached != null) {
      return ProbeHealth.of(detached, open, libraries);
    } else if (pacer != null) {
      Pacer.Progress progress = pacer.progress();
      return new ProbeHealth(
          progress.hitsPerSecond(),
          progress.overheadPercent(),
          pacer.warning(),
          null,
          open,
          libraries);
    }
    return new ProbeHealth(
        meter.hitsPerSecond(), meter.overheadPercent(), null, null, open, libraries);
  }

  /** Returns how many pairs have begun and not ended. */
  private long open() {
    long open = 0;
    for (int half = 0; half < ProgramTables.HALVES; half++) {
      long[] words = sums(ledger, half, WORDS);
      open += words[BEGUN] - words[ENDED];
    }
    return open;
  }

  HitMeter meter() {
    return meter;
  }

  /** Returns the probe in the kernel, which this object owns. */
  LoadedProbe loaded() {
    return loaded;
  }

  /** Notes what is known of the libraries now. */
  void libraries(LibraryState now) {
    libraries = now;
  }

  private Half half(int half) {
    return new Half(
        sums(ledger, half, WORDS), values == null ? new long[0] : sums(values, half, 1 + slots()));
  }

  private int slots() {
    BucketScheme buckets = plan.buckets();
    return buckets == null ? 0 : buckets.slots();
  }

  private long[] sums(MappedTable table, int half, int count) {
    long[] sums = new long[count];
    long[] words = new long[count];
    for (int line = half * processors; line < (half + 1) * processors; line++) {
      table.read(line, words);
      for (int i = 0; i < count; i++) {
        sums[i] += words[i];
      }
    }
    return sums;
  }

  /**
   * Returns how often the probe has stopped the application so far, on each processor. That
   * includes events that do not count: those that a filter drops, and those of other processes if
   * the kernel does not tell them apart.
   */
  synchronized long[] hitsByProcessor() {
    long[] hits = new long[processors];
    long[] words = new long[HITS + 1];
    for (int line = 0; !closed && line < ledger.entries(); line++) {
      ledger.read(line, words);
      hits[line % processors] += words[HITS];
    }
    return hits;
  }

  private Losses losses(Half counted) throws KernelException, IOException {
    Map<Loss, Long> counts = new EnumMap<>(Loss.class);
    for (Loss reason : Loss.values()) {
      counts.put(reason, counted.ledger[LOST + reason.ordinal()]);
    }
    counts.put(Loss.RECURSION, loaded.recursionMisses() - missesBefore);
    counts.put(Loss.RETURN_NOT_TRAPPED, loaded.missedReturns() - missedReturnsBefore);
    return new Losses(counts);
  }

  /**
   * Stops the counting at once, also while another thread reads or closes the probe. Does not wait.
   */
  void disable() {
    loaded.disable();
  }

  /** Detaches the probe from the kernel. Its counts can still be read. */
  synchronized void detach(ProbeHealth.Detached why) throws KernelException, IOException {
    if (!closed) {
      Half counts = half(0).plus(half(1));
      atTheEnd = sampling(counts.ledger[COUNTED]);
      detached = why;
      if (pacer != null) {
        pacer.stop();
      }
      loaded.detach();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (pacer != null) {
        pacer.stop();
      }
      ledger.close();
      if (values != null) {
        values.close();
      }
      loaded.close();
    }
  }
}
