/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message.Attach;
import io.jargdist.wire.Message.Attached;
import io.jargdist.wire.Message.Check;
import io.jargdist.wire.Message.Detach;
import io.jargdist.wire.Message.Detached;
import io.jargdist.wire.Message.Done;
import io.jargdist.wire.Message.Expect;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.Message.Find;
import io.jargdist.wire.Message.Found;
import io.jargdist.wire.Message.Frequency;
import io.jargdist.wire.Message.Hello;
import io.jargdist.wire.Message.Histogram;
import io.jargdist.wire.Message.Mapped;
import io.jargdist.wire.Message.Mark;
import io.jargdist.wire.Message.Names;
import io.jargdist.wire.Message.Outlive;
import io.jargdist.wire.Message.OwnThreads;
import io.jargdist.wire.Message.Page;
import io.jargdist.wire.Message.Read;
import io.jargdist.wire.Message.Remove;
import io.jargdist.wire.Message.Start;
import io.jargdist.wire.Message.Started;
import io.jargdist.wire.Message.Sum;
import io.jargdist.wire.Message.Text;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Messages to bytes and back: a type byte, then the components of the record in order. */
final class MessageCodec {
  /** The version of the protocol. Both ends must have the same one: they are parts of one jar. */
  static final int VERSION = 13;

  private static final List<Message.Type> TYPES = List.of(Message.Type.values());

  /** The number of the first type. */
  private static final int FIRST = 1;

  /** After the last slot. */
  private static final int NO_SLOT = 0xffff;

  /** The least size of a text, in bytes. */
  private static final int MIN_STRING = 4;

  /** The least size of a row, in bytes. */
  private static final int MIN_ROW = 9;

  /** The least size of a slot with events, in bytes. */
  private static final int SLOT = Short.BYTES + Long.BYTES;

  private MessageCodec() {}

  private static int number(Message.Type type) {
    return FIRST + type.ordinal();
  }

  static void write(Message message, DataOutputStream out) throws IOException {
    out.writeByte(number(message.type()));
    switch (message.type()) {
      case HELLO -> {
        Hello hello = (Hello) message;
        out.writeInt(hello.protocol());
        out.writeLong(hello.pid());
        write(hello.version(), out);
      }
      case ATTACH -> write((Attach) message, out);
      case ATTACHED -> {
        Attached attached = (Attached) message;
        write(attached, out);
      }
      case CHECK -> {
        Check check = (Check) message;
        write(check.form(), check.specifier(), check.options(), out);
      }
      case TEXT -> {
        Text text = (Text) message;
        write(text.text(), out);
      }
      case READ -> {
        Read read = (Read) message;
        out.writeInt(read.probe());
        out.writeInt(read.from());
        out.writeByte(read.what().ordinal());
      }
      case HISTOGRAM -> {
        Histogram histogram = (Histogram) message;
        write(histogram.snapshot(), out);
        out.writeDouble(histogram.latencyFloorNanos());
        write(histogram.health(), out);
      }
      case FREQUENCY -> {
        Frequency frequency = (Frequency) message;
        write(frequency.snapshot(), out);
        write(frequency.health(), out);
      }
      case SUM -> {
        Sum sum = (Sum) message;
        write(sum.snapshot(), out);
        write(sum.health(), out);
      }
      case DETACH -> {
        Detach detach = (Detach) message;
        out.writeInt(detach.probe());
      }
      case DONE -> {}
      case FAILURE -> {
        Failure failure = (Failure) message;
        out.writeByte(failure.kind().ordinal());
        write(failure.message(), out);
      }
      case DETACHED -> {
        Detached news = (Detached) message;
        out.writeInt(news.probe());
        write(news.why(), out);
      }
      case MAPPED -> {
        Mapped news = (Mapped) message;
        out.writeInt(news.probe());
        write(news.attachPoints(), out);
        write(news.libraries(), out);
        out.writeLong(news.time().toEpochMilli());
        write(news.what(), out);
      }
      case OUTLIVE -> {
        Outlive outlive = (Outlive) message;
        out.writeInt(outlive.probe());
      }
      case REMOVE -> {
        Remove remove = (Remove) message;
        write(remove.names(), out);
      }
      case PAGE -> {
        Page page = (Page) message;
        write(page.rows(), out);
        out.writeInt(page.next());
      }
      case START -> {
        Start start = (Start) message;
        out.writeInt(start.group());
      }
      case STARTED -> {
        Started started = (Started) message;
        out.writeLong(started.time().toEpochMilli());
      }
      case MARK -> {
        Mark mark = (Mark) message;
        out.writeInt(mark.group());
      }
      case OWN_THREADS -> {
        OwnThreads own = (OwnThreads) message;
        out.writeInt(own.threads().size());
        for (int thread : own.threads()) {
          out.writeInt(thread);
        }
      }
      case EXPECT -> write(((Expect) message).request(), out);
      case NAMES -> {}
      case FIND -> {
        Find find = (Find) message;
        write(find.name(), out);
      }
      case FOUND -> {
        Found found = (Found) message;
        write(found.probe(), out);
        write(found.specifier(), out);
        write(found.state(), out);
      }
    }
  }

  private static void write(Attached attached, DataOutputStream out) throws IOException {
    out.writeInt(attached.probe());
    write(attached.name(), out);
    write(attached.label(), out);
    out.writeBoolean(attached.labelled());
    write(attached.unit(), out);
    out.writeInt(attached.columns().size());
    for (KeyColumn column : attached.columns()) {
      write(column.expression(), out);
      out.writeBoolean(column.text());
    }
    BucketScheme buckets = attached.buckets();
    out.writeBoolean(buckets != null);
    if (buckets != null) {
      write(buckets, out);
    }
    write(attached.attachPoints(), out);
    write(attached.warnings(), out);
    write(attached.libraries(), out);
  }

  private static void write(LibraryState libraries, DataOutputStream out) throws IOException {
    String awaited = libraries.awaited();
    out.writeBoolean(awaited != null);
    if (awaited != null) {
      write(awaited, out);
    }
    out.writeBoolean(libraries.placed());
    write(libraries.late(), out);
  }

  private static LibraryState libraries(FrameReader in) throws IOException {
    return new LibraryState(in.readBoolean() ? in.string() : null, in.readBoolean(), strings(in));
  }

  /**
   * @throws IOException if the frame is anything but one whole message
   */
  static Message read(FrameReader in) throws IOException {
    Message message;
    try {
      message = message(in);
    } catch (IllegalArgumentException e) {
      throw new IOException("a message that cannot be: " + e.getMessage(), e);
    }
    if (in.hasMore()) {
      throw new IOException("bytes behind a message");
    }
    return message;
  }

  /**
   * Returns the first message of a connection, also that of another version: its beginning is the
   * same in all of them.
   *
   * @throws IOException if it is another message
   */
  static Hello readHello(FrameReader in) throws IOException {
    if (in.readUnsignedByte() != number(Message.Type.HELLO)) {
      throw new IOException("not a message of jargdist");
    }
    int protocol = in.readInt();
    long pid = in.readLong();
    return new Hello(protocol, pid, in.hasMore() ? in.string() : "before 5");
  }

  private static Message message(FrameReader in) throws IOException {
    int number = in.readUnsignedByte();
    if (number < FIRST || number >= FIRST + TYPES.size()) {
      throw new IOException("message type " + number);
    }
    return switch (TYPES.get(number - FIRST)) {
      case HELLO -> new Hello(in.readInt(), in.readLong(), in.string());
      case ATTACH -> attach(in);
      case ATTACHED -> attached(in);
      case CHECK -> new Check(form(in), in.string(), options(in));
      case TEXT -> new Text(in.string());
      case READ -> new Read(in.readInt(), in.readInt(), in.oneOf(Read.What.values()));
      case HISTOGRAM -> new Histogram(histogram(in), in.readDouble(), health(in));
      case FREQUENCY -> new Frequency(frequency(in), health(in));
      case SUM -> new Sum(sum(in), health(in));
      case DETACH -> new Detach(in.readInt());
      case DONE -> new Done();
      case FAILURE -> new Failure(in.oneOf(Failure.Kind.values()), in.string());
      case DETACHED -> new Detached(in.readInt(), detached(in));
      case MAPPED ->
          new Mapped(
              in.readInt(),
              strings(in),
              libraries(in),
              Instant.ofEpochMilli(in.readLong()),
              in.string());
      case OUTLIVE -> new Outlive(in.readInt());
      case REMOVE -> new Remove(strings(in));
      case PAGE -> new Page(snapshot(in), in.readInt());
      case START -> new Start(in.readInt());
      case STARTED -> new Started(Instant.ofEpochMilli(in.readLong()));
      case MARK -> new Mark(in.readInt());
      case OWN_THREADS -> ownThreads(in);
      case EXPECT -> new Expect(attach(in));
      case NAMES -> new Names();
      case FIND -> new Find(in.string());
      case FOUND -> new Found(attached(in), in.string(), in.string());
    };
  }

  private static void write(Attach attach, DataOutputStream out) throws IOException {
    write(attach.form(), attach.specifier(), attach.options(), out);
    out.writeInt(attach.group());
  }

  private static Attach attach(FrameReader in) throws IOException {
    return new Attach(form(in), in.string(), options(in), in.readInt());
  }

  private static void write(Form form, String specifier, ProbeOptions options, DataOutputStream out)
      throws IOException {
    out.writeByte(form.ordinal());
    write(specifier, out);
    out.writeInt(options.stringSize());
    out.writeInt(options.tableEntries());
    out.writeInt(options.tableSlots());
    out.writeInt(options.callEntries());
    write(options.buckets(), out);
    Integer thread = options.thread();
    out.writeBoolean(thread != null);
    out.writeInt(thread == null ? 0 : thread);
    out.writeBoolean(options.systemWide());
    out.writeBoolean(options.placement());
    out.writeBoolean(options.ownThreads());
    out.writeByte(options.returns().ordinal());
    out.writeDouble(options.limits().maxOverheadPercent());
    Duration ttl = options.limits().ttl();
    out.writeLong(ttl == null ? 0 : ttl.toMillis());
  }

  private static Form form(FrameReader in) throws IOException {
    return in.oneOf(Form.values());
  }

  private static ProbeOptions options(FrameReader in) throws IOException {
    int stringSize = in.readInt();
    int tableEntries = in.readInt();
    int tableSlots = in.readInt();
    int callEntries = in.readInt();
    BucketScheme buckets = scheme(in);
    boolean hasThread = in.readBoolean();
    int thread = in.readInt();
    return new ProbeOptions(
        stringSize,
        tableEntries,
        tableSlots,
        callEntries,
        buckets,
        hasThread ? thread : null,
        in.readBoolean(),
        in.readBoolean(),
        in.readBoolean(),
        in.oneOf(ReturnWay.values()),
        limits(in));
  }

  private static Limits limits(FrameReader in) throws IOException {
    double maxOverheadPercent = in.readDouble();
    long ttlMillis = in.readLong();
    return new Limits(maxOverheadPercent, ttlMillis == 0 ? null : Duration.ofMillis(ttlMillis));
  }

  private static void write(ProbeHealth health, DataOutputStream out) throws IOException {
    out.writeDouble(health.hitsPerSecond());
    out.writeDouble(health.overheadPercent());
    String paced = health.paced();
    out.writeBoolean(paced != null);
    if (paced != null) {
      write(paced, out);
    }
    ProbeHealth.Detached detached = health.detached();
    out.writeBoolean(detached != null);
    if (detached != null) {
      write(detached, out);
    }
    Long open = health.open();
    out.writeBoolean(open != null);
    if (open != null) {
      out.writeLong(open);
    }
    write(health.libraries(), out);
  }

  private static ProbeHealth health(FrameReader in) throws IOException {
    return new ProbeHealth(
        in.readDouble(),
        in.readDouble(),
        in.readBoolean() ? in.string() : null,
        in.readBoolean() ? detached(in) : null,
        in.readBoolean() ? (Long) in.readLong() : null,
        libraries(in));
  }

  private static void write(ProbeHealth.Detached detached, DataOutputStream out)
      throws IOException {
    write(detached.reason(), out);
    out.writeByte(detached.cause().ordinal());
  }

  private static ProbeHealth.Detached detached(FrameReader in) throws IOException {
    return new ProbeHealth.Detached(in.string(), in.oneOf(ProbeHealth.Detached.Cause.values()));
  }

  private static OwnThreads ownThreads(FrameReader in) throws IOException {
    Set<Integer> threads = new HashSet<>();
    for (int i = in.count(Integer.BYTES); i > 0; i--) {
      threads.add(in.readInt());
    }
    if (threads.size() > OwnThreads.MOST) {
      throw new IOException("more than " + OwnThreads.MOST + " threads of ours");
    }
    return new OwnThreads(threads);
  }

  private static Attached attached(FrameReader in) throws IOException {
    int probe = in.readInt();
    String name = in.string();
    String label = in.string();
    boolean labelled = in.readBoolean();
    String unit = in.string();
    List<KeyColumn> columns = new ArrayList<>();
    for (int i = in.count(MIN_STRING + 1); i > 0; i--) {
      columns.add(new KeyColumn(in.string(), in.readBoolean()));
    }
    BucketScheme buckets = in.readBoolean() ? scheme(in) : null;
    return new Attached(
        probe,
        name,
        label,
        labelled,
        unit,
        columns,
        buckets,
        strings(in),
        strings(in),
        libraries(in));
  }

  private static void write(BucketScheme scheme, DataOutputStream out) throws IOException {
    write(scheme.text(), out);
    out.writeBoolean(scheme.signed());
  }

  private static BucketScheme scheme(FrameReader in) throws IOException {
    String text = in.string();
    try {
      return BucketScheme.parse(text).withSigned(in.readBoolean());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Writes a snapshot of any form behind the form. */
  private static void write(Snapshot<?> snapshot, DataOutputStream out) throws IOException {
    out.writeByte(snapshot.form().ordinal());
    switch (snapshot.form()) {
      case HISTOGRAM -> write((HistogramSnapshot) snapshot, out);
      case FREQUENCY -> write((FrequencySnapshot) snapshot, out);
      case SUM -> write((SumSnapshot) snapshot, out);
    }
  }

  private static Snapshot<?> snapshot(FrameReader in) throws IOException {
    return switch (form(in)) {
      case HISTOGRAM -> histogram(in);
      case FREQUENCY -> frequency(in);
      case SUM -> sum(in);
    };
  }

  /** Writes only the slots with events: most slots are empty, and there may be thousands. */
  private static void write(HistogramSnapshot snapshot, DataOutputStream out) throws IOException {
    write(snapshot.scheme(), out);
    boolean keys = !snapshot.distributions().isEmpty();
    out.writeBoolean(keys);
    if (keys) {
      write(snapshot.distributions(), MessageCodec::write, out);
    } else {
      for (int slot = 0; slot < snapshot.scheme().slots(); slot++) {
        if (snapshot.count(slot) != 0) {
          out.writeShort(slot);
          out.writeLong(snapshot.count(slot));
        }
      }
      out.writeShort(NO_SLOT);
      out.writeLong(snapshot.sum());
    }
    write(snapshot.losses(), out);
    write(snapshot.sampling(), out);
  }

  private static void write(Distribution distribution, DataOutputStream out) throws IOException {
    out.writeInt(distribution.counts().size());
    for (Map.Entry<Integer, Long> slot : distribution.counts().entrySet()) {
      out.writeShort(slot.getKey());
      out.writeLong(slot.getValue());
    }
    out.writeLong(distribution.sum());
  }

  private static HistogramSnapshot histogram(FrameReader in) throws IOException {
    BucketScheme scheme = scheme(in);
    if (in.readBoolean()) {
      return HistogramSnapshot.ofKeys(
          scheme, rows(in, row -> distribution(row, scheme)), losses(in), sampling(in));
    }
    long[] counts = new long[scheme.slots()];
    for (int slot = in.readUnsignedShort(); slot != NO_SLOT; slot = in.readUnsignedShort()) {
      counts[checked(slot, scheme)] = in.readLong();
    }
    return new HistogramSnapshot(scheme, counts, in.readLong(), losses(in), sampling(in));
  }

  private static Distribution distribution(FrameReader in, BucketScheme scheme) throws IOException {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    for (int i = in.count(SLOT); i > 0; i--) {
      counts.put(checked(in.readUnsignedShort(), scheme), in.readLong());
    }
    return new Distribution(counts, in.readLong());
  }

  private static int checked(int slot, BucketScheme scheme) throws IOException {
    if (slot >= scheme.slots()) {
      throw new IOException("slot " + slot + " of " + scheme.text());
    }
    return slot;
  }

  private static void write(FrequencySnapshot snapshot, DataOutputStream out) throws IOException {
    write(snapshot.counts(), (count, row) -> row.writeLong(count), out);
    write(snapshot.losses(), out);
    write(snapshot.sampling(), out);
  }

  private static FrequencySnapshot frequency(FrameReader in) throws IOException {
    return new FrequencySnapshot(rows(in, FrameReader::readLong), losses(in), sampling(in));
  }

  private static void write(SumSnapshot snapshot, DataOutputStream out) throws IOException {
    write(
        snapshot.sums(),
        (sum, row) -> {
          row.writeLong(sum.events());
          row.writeLong(sum.sum());
        },
        out);
    write(snapshot.losses(), out);
    write(snapshot.sampling(), out);
  }

  private static SumSnapshot sum(FrameReader in) throws IOException {
    return new SumSnapshot(
        rows(in, row -> new io.jargdist.snapshot.Sum(row.readLong(), row.readLong())),
        losses(in),
        sampling(in));
  }

  /** Writes what a row has besides its key. */
  private interface AmountWriter<V> {
    void write(V amount, DataOutputStream out) throws IOException;
  }

  private interface AmountReader<V> {
    V read(FrameReader in) throws IOException;
  }

  private static <V> void write(
      Map<List<String>, V> rows, AmountWriter<V> amounts, DataOutputStream out) throws IOException {
    out.writeInt(rows.size());
    for (Map.Entry<List<String>, V> row : rows.entrySet()) {
      out.writeByte(row.getKey().size());
      for (String element : row.getKey()) {
        write(element, out);
      }
      amounts.write(row.getValue(), out);
    }
  }

  private static <V> Map<List<String>, V> rows(FrameReader in, AmountReader<V> amounts)
      throws IOException {
    Map<List<String>, V> rows = new HashMap<>();
    for (int i = in.count(MIN_ROW); i > 0; i--) {
      int columns = in.readUnsignedByte();
      List<String> key = new ArrayList<>();
      for (int j = 0; j < columns; j++) {
        key.add(in.string());
      }
      rows.put(List.copyOf(key), amounts.read(in));
    }
    return rows;
  }

  private static void write(Losses losses, DataOutputStream out) throws IOException {
    out.writeByte(losses.counts().size());
    for (Map.Entry<Loss, Long> loss : losses.counts().entrySet()) {
      out.writeByte(loss.getKey().ordinal());
      out.writeLong(loss.getValue());
    }
  }

  private static Losses losses(FrameReader in) throws IOException {
    Map<Loss, Long> counts = new EnumMap<>(Loss.class);
    for (int i = in.readUnsignedByte(); i > 0; i--) {
      counts.put(in.oneOf(Loss.values()), in.readLong());
    }
    return new Losses(counts);
  }

  private static void write(Sampling sampling, DataOutputStream out) throws IOException {
    out.writeLong(sampling.elapsedNanos());
    out.writeLong(sampling.seenNanos());
    out.writeDouble(sampling.estimate());
    out.writeDouble(sampling.variance());
    out.writeDouble(sampling.bias());
  }

  private static Sampling sampling(FrameReader in) throws IOException {
    Sampling sampling =
        new Sampling(
            in.readLong(), in.readLong(), in.readDouble(), in.readDouble(), in.readDouble());
    if (!Double.isFinite(sampling.estimate()) || !Double.isFinite(sampling.halfWidth())) {
      throw new IOException("an estimate that is no number");
    }
    return sampling;
  }

  private static void write(List<String> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      write(text, out);
    }
  }

  private static List<String> strings(FrameReader in) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = in.count(MIN_STRING); i > 0; i--) {
      texts.add(in.string());
    }
    return texts;
  }

  private static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
