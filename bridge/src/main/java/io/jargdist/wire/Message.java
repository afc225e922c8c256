/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.specifier.Form;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A request or its answer. {@link MessageCodec} has the bytes. */
public sealed interface Message {
  /**
   * A switch over it that has no default does not compile until it serves all of them. The
   * constants have the order of the first bytes of their messages.
   */
  enum Type {
    HELLO,
    ATTACH,
    ATTACHED,
    CHECK,
    TEXT,
    READ,
    HISTOGRAM,
    FREQUENCY,
    DETACH,
    DONE,
    FAILURE,
    DETACHED,
    OUTLIVE,
    REMOVE,
    PAGE,
    START,
    STARTED,
    MARK,
    OWN_THREADS,
    NAMES,
    FIND,
    FOUND,
    EXPECT,
    SUM,
    MAPPED
  }

  Type type();

  /**
   * The first message of each side. The asking side begins.
   *
   * @param protocol see {@link MessageCodec#VERSION}
   * @param pid of the process, as it sees itself
   * @param version of jargdist, for people
   */
  record Hello(int protocol, long pid, String version) implements Message {
    @Override
    public Type type() {
      return Type.HELLO;
    }

    static Hello ours() {
      String version = Hello.class.getPackage().getImplementationVersion();
      return new Hello(
          MessageCodec.VERSION,
          ProcessHandle.current().pid(),
          version == null ? "development" : version);
    }

    /** Returns what to do if the other side has another protocol. */
    String differs(Hello other) {
      return String.format(
              Locale.ROOT,
              "process %d runs jargdist %s (protocol %d), and this is jargdist %s (protocol %d):",
              other.pid,
              other.version,
              other.protocol,
              version,
              protocol)
          + " use the same jargdist.jar for both, or restart the JVM that has the other one";
    }
  }

  /**
   * Asks to attach a probe, which counts nothing until its group is started; answered by {@link
   * Attached}.
   *
   * @param group of the probes that begin to count at the same instant; any number, by which the
   *     asking side knows it
   */
  record Attach(Form form, String specifier, ProbeOptions options, int group) implements Message {
    @Override
    public Type type() {
      return Type.ATTACH;
    }
  }

  /** Lets a group of probes count from now on; answered by {@link Started}. */
  record Start(int group) implements Message {
    @Override
    public Type type() {
      return Type.START;
    }
  }

  /**
   * @param time at which the group began to count, to the millisecond
   */
  record Started(Instant time) implements Message {
    @Override
    public Type type() {
      return Type.STARTED;
    }
  }

  /**
   * Says that a probe will be asked for, so that what it needs can be compiled together with what
   * others need; answered by {@link Done} at once.
   */
  record Expect(Attach request) implements Message {
    @Override
    public Type type() {
      return Type.EXPECT;
    }
  }

  /**
   * Marks what all probes of a group have counted up to one instant, for one {@link Read}; answered
   * by {@link Done}.
   */
  record Mark(int group) implements Message {
    @Override
    public Type type() {
      return Type.MARK;
    }
  }

  /**
   * Says which threads of the target are ours, so that their events are left out; answered by
   * {@link Done}.
   *
   * @param threads all of them, by the numbers that the target sees
   */
  record OwnThreads(Set<Integer> threads) implements Message {
    @Override
    public Type type() {
      return Type.OWN_THREADS;
    }

    /** A table has no place for more. */
    public static final int MOST = 256;

    public OwnThreads {
      threads = Set.copyOf(threads);
    }
  }

  /**
   * @param probe number of the probe on this connection
   * @param name of the probe's MBean, where the answering side has MBeans; else empty
   * @param label what stands above the rows
   * @param labelled whether it is the specifier's own label; else it is what argdist shows
   * @param unit of the values of a histogram or a sum: {@code "ns"}; empty if it is not known
   * @param columns the key
   * @param buckets of a histogram; null for other forms
   * @param attachPoints for people, where programs are attached
   * @param warnings for people, what the probe cannot see: whole sentences
   * @param libraries that it is for
   */
  record Attached(
      int probe,
      String name,
      String label,
      boolean labelled,
      String unit,
      List<KeyColumn> columns,
      @Nullable BucketScheme buckets,
      List<String> attachPoints,
      List<String> warnings,
      LibraryState libraries)
      implements Message {
    @Override
    public Type type() {
      return Type.ATTACHED;
    }

    /**
     * Describes a probe that is not attached.
     *
     * @param label its own; null if it has none
     */
    public static Attached nowhere(@Nullable String label, String specifier) {
      return new Attached(
          0,
          "",
          label == null ? specifier : label,
          label != null,
          "",
          List.of(),
          null,
          List.of(),
          List.of(),
          LibraryState.MAPPED);
    }

    /** Returns the same under the name by which another side knows it. */
    public Attached named(int probe, String name) {
      return new Attached(
          probe, name, label, labelled, unit, columns, buckets, attachPoints, warnings, libraries);
    }

    /** Returns the same probe as it is attached now. */
    public Attached at(List<String> attachPoints, LibraryState libraries) {
      return new Attached(
          probe, name, label, labelled, unit, columns, buckets, attachPoints, warnings, libraries);
    }

    /** Returns the warnings, with what is to be known now. */
    public List<String> warnings(ProbeHealth now) {
      return Stream.concat(warnings.stream(), now.warnings().stream()).toList();
    }

    public Attached {
      columns = List.copyOf(columns);
      attachPoints = List.copyOf(attachPoints);
      warnings = List.copyOf(warnings);
    }
  }

  /** Asks for everything but the attaching; answered by {@link Text}. */
  record Check(Form form, String specifier, ProbeOptions options) implements Message {
    @Override
    public Type type() {
      return Type.CHECK;
    }
  }

  /** An answer for people. */
  record Text(String text) implements Message {
    @Override
    public Type type() {
      return Type.TEXT;
    }
  }

  /**
   * Asks what was counted; answered by {@link Counts} or {@link Page}.
   *
   * @param from where to go on: 0 at first, then what the last page says
   */
  record Read(int probe, int from, What what) implements Message {
    /** What is read. */
    public enum What {
      /** The current counts. */
      NOW,
      /**
       * The counts at the last {@link Mark}, which can be read once; if there are none, the current
       * ones.
       */
      MARKED,
      /**
       * How many pairs have begun and not ended, by key: a {@link Frequency} of them, without rows
       * unless the probe is a frequency, and all its keys are values of the first event.
       */
      OPEN
    }

    @Override
    public Type type() {
      return Type.READ;
    }

    public Read(int probe) {
      this(probe, 0, What.NOW);
    }
  }

  /**
   * Some rows of a table that has more than fit into a message. The rows of one key may be on
   * several pages, and then they add up.
   *
   * @param rows without losses, which the last message has: {@link Counts}
   * @param next where to go on
   */
  record Page(Snapshot<?> rows, int next) implements Message {
    @Override
    public Type type() {
      return Type.PAGE;
    }
  }

  /** What a probe has counted, or the last rows of it. */
  sealed interface Counts extends Message {
    Snapshot<?> snapshot();

    ProbeHealth health();

    /**
     * @param latencyFloorNanos see {@link Histogram}; no other form has it
     */
    static Counts of(Snapshot<?> snapshot, double latencyFloorNanos, ProbeHealth health) {
      return switch (snapshot.form()) {
        case HISTOGRAM -> new Histogram((HistogramSnapshot) snapshot, latencyFloorNanos, health);
        case FREQUENCY -> new Frequency((FrequencySnapshot) snapshot, health);
        case SUM -> new Sum((SumSnapshot) snapshot, health);
      };
    }

    /** Returns the same with another snapshot, of the same form. */
    default Counts with(Snapshot<?> other) {
      return of(other, Double.NaN, health());
    }
  }

  /**
   * @param latencyFloorNanos what {@code $latency} shows for a function that does nothing; NaN if
   *     the probe does not use it, or that is not known yet
   */
  record Histogram(HistogramSnapshot snapshot, double latencyFloorNanos, ProbeHealth health)
      implements Counts {
    @Override
    public Type type() {
      return Type.HISTOGRAM;
    }

    @Override
    public Counts with(Snapshot<?> other) {
      return Counts.of(other, latencyFloorNanos, health);
    }
  }

  record Frequency(FrequencySnapshot snapshot, ProbeHealth health) implements Counts {
    @Override
    public Type type() {
      return Type.FREQUENCY;
    }
  }

  record Sum(SumSnapshot snapshot, ProbeHealth health) implements Counts {
    @Override
    public Type type() {
      return Type.SUM;
    }
  }

  /** Tells without a question that a probe was detached. Its counts can still be read. */
  record Detached(int probe, ProbeHealth.Detached why) implements Message {
    @Override
    public Type type() {
      return Type.DETACHED;
    }
  }

  /**
   * Tells without a question where a probe is attached now, since a library was mapped, or is not
   * mapped any more.
   *
   * @param time to the millisecond
   * @param what has happened, as a sentence for people; empty if it is of no interest
   */
  record Mapped(
      int probe, List<String> attachPoints, LibraryState libraries, Instant time, String what)
      implements Message {
    @Override
    public Type type() {
      return Type.MAPPED;
    }

    public Mapped {
      attachPoints = List.copyOf(attachPoints);
    }
  }

  /** Asks to detach a probe; answered by {@link Done}. */
  record Detach(int probe) implements Message {
    @Override
    public Type type() {
      return Type.DETACH;
    }
  }

  record Done() implements Message {
    @Override
    public Type type() {
      return Type.DONE;
    }
  }

  /** Asks an agent to let a probe outlive this connection; answered by {@link Done}. */
  record Outlive(int probe) implements Message {
    @Override
    public Type type() {
      return Type.OUTLIVE;
    }
  }

  /**
   * Asks an agent to detach any of its probes; answered by {@link Text}, a name a line.
   *
   * @param names of their MBeans; none means all, and then the agent's bridge goes, too
   */
  record Remove(List<String> names) implements Message {
    @Override
    public Type type() {
      return Type.REMOVE;
    }

    public Remove {
      names = List.copyOf(names);
    }
  }

  /** Asks an agent which probes it has; answered by {@link Text}, a name of an MBean a line. */
  record Names() implements Message {
    @Override
    public Type type() {
      return Type.NAMES;
    }
  }

  /** Asks an agent for any of its probes; answered by {@link Found}. */
  record Find(String name) implements Message {
    @Override
    public Type type() {
      return Type.FIND;
    }
  }

  /**
   * @param probe its number is for {@link Read} only: who looks at a probe cannot change it
   * @param state for people; the first word names it
   */
  record Found(Attached probe, String specifier, String state) implements Message {
    @Override
    public Type type() {
      return Type.FOUND;
    }
  }

  /** The answer to any request that could not be carried out. */
  record Failure(Kind kind, String message) implements Message {
    @Override
    public Type type() {
      return Type.FAILURE;
    }

    /** The cause of a failure, which decides about the exit code of the command line. */
    public enum Kind {
      /** The specifier, or the kernel's refusal of this one probe. */
      SPECIFIER,
      /** A privilege, a library or a file system is missing, or a process cannot be reached. */
      MACHINE,
      /** A defect of ours. */
      INTERNAL
    }
  }
}
