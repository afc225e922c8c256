/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.specifier.Form;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import io.jargdist.wire.Client;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;

/**
 * The counts between the readings of any reader, at any times, add up to the calls that were made:
 * no call is lost, and none is counted twice. {@code -Djargdist.calls=20000000} makes at least as
 * many calls as that, more than a test needs.
 */
class IndependentReadersIT {
  private static final int THREADS = 8;
  private static final int KEYS = 1000;

  /** In one round of calls each thread makes so many, with every key equally often. */
  private static final long CALLS_PER_THREAD = 20L * KEYS;

  private static final long LEAST_ROUNDS =
      Long.getLong("jargdist.calls", 800_000) / THREADS / CALLS_PER_THREAD;

  /** Readings that each reader makes at least while calls are made. */
  private static final int LEAST_INTERVALS = 4;

  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final Duration TIMEOUT = Patience.seconds(30);

  /** A reading of a probe: events by slot or key, and others by a name of their own. */
  private interface Source {
    Map<Object, Long> read() throws Exception;
  }

  /** Reads at every interval and once more at the end; answers the sums of the differences. */
  private static final class IntervalReader implements Callable<Map<Object, Long>> {
    private final Source source;
    private final CountDownLatch end;
    private final CountDownLatch intervals = new CountDownLatch(LEAST_INTERVALS);
    private volatile boolean returned;

    IntervalReader(Source source, CountDownLatch end) {
      this.source = source;
      this.end = end;
    }

    /** Whether calls have to go on, so that it has something to read. */
    boolean needsCalls() {
      return !returned && intervals.getCount() > 0;
    }

    @Override
    public Map<Object, Long> call() throws Exception {
      Map<Object, Long> sums = new HashMap<>();
      Map<Object, Long> before = new HashMap<>();
      try {
        for (boolean last = false; !last; ) {
          last = end.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
          Map<Object, Long> now = read();
          assertThat(now.keySet()).containsAll(before.keySet());
          now.forEach(
              (key, count) -> {
                long since = count - before.getOrDefault(key, 0L);
                assertThat(since)
                    .describedAs("since the reading before, of %s", key)
                    .isNotNegative();
                sums.merge(key, since, Long::sum);
              });
          before.putAll(now);
          intervals.countDown();
        }
      } finally {
        returned = true;
      }
      return sums;
    }

    /** An emulated processor may need more time for a reading than the agent has; then again. */
    private Map<Object, Long> read() throws Exception {
      if (!Patience.isAsked()) {
        return source.read();
      }
      return await()
          .ignoreExceptionsMatching(
              e -> String.valueOf(e.getMessage()).contains("no answer within"))
          .until(source::read, Objects::nonNull);
    }
  }

  @Test
  void intervalsOfThreeReadersAddUpToTheCallsMade() throws Exception {
    try (Target target = HardCalls.start(Jdks.own(), "--max-overhead 0").awaitAgent();
        Client commandLine = commandLine(target)) {
      String probed = "p:" + HardCalls.library() + ":hard_call(u64 v):u64:v";
      String histogram = target.add("histogram", probed);
      String frequency = target.add("count", probed);
      int ownHistogram = attach(commandLine, Form.HISTOGRAM, probed);
      int ownFrequency = attach(commandLine, Form.FREQUENCY, probed);
      List<Source> sources =
          List.of(
              () -> slots(target, histogram),
              () -> slots(target, histogram),
              () -> slots(commandLine, ownHistogram),
              () -> keys(target, frequency),
              () -> keys(target, frequency),
              () -> keys(commandLine, ownFrequency));

      CountDownLatch end = new CountDownLatch(1);
      List<IntervalReader> readers =
          sources.stream().map(source -> new IntervalReader(source, end)).toList();
      ExecutorService threads = Executors.newCachedThreadPool();
      try {
        List<Future<Map<Object, Long>>> sums = readers.stream().map(threads::submit).toList();
        long rounds = 0;
        while (rounds < LEAST_ROUNDS || readers.stream().anyMatch(IntervalReader::needsCalls)) {
          target.run("call " + CALLS_PER_THREAD + " " + KEYS + " " + THREADS);
          rounds++;
        }
        end.countDown();

        long perKey = rounds * CALLS_PER_THREAD / KEYS * THREADS;
        for (Future<Map<Object, Long>> slots : sums.subList(0, 3)) {
          assertThat(slots.get()).isEqualTo(slots(perKey));
        }
        for (Future<Map<Object, Long>> keys : sums.subList(3, 6)) {
          assertThat(keys.get()).isEqualTo(keys(perKey));
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  /** Returns the slots that a histogram must have. */
  private static Map<Object, Long> slots(long perKey) {
    Map<Object, Long> slots = new HashMap<>();
    for (int value = 0; value < KEYS; value++) {
      // Slot 1 has 0 and 1, slot 2 has 2 and 3, slot 3 has 4 to 7.
      int slot = value < 2 ? 1 : 32 - Integer.numberOfLeadingZeros(value);
      slots.merge(slot, perKey, Long::sum);
    }
    slots.put("sum", perKey * KEYS * (KEYS - 1) / 2);
    return slots;
  }

  /** Returns the keys that a frequency table must have. */
  private static Map<Object, Long> keys(long perKey) {
    Map<Object, Long> keys = new HashMap<>();
    for (int value = 0; value < KEYS; value++) {
      keys.put(Integer.toString(value), perKey);
    }
    return keys;
  }

  @Test
  void keysThatAllProcessorsSeeFirstAtTheSameTimeLoseNothing() throws Exception {
    try (Target target = HardCalls.start(Jdks.own(), "--max-overhead 0").awaitAgent()) {
      String text = "p:" + HardCalls.library() + ":hard_call(long value):long:value";
      String name =
          (String)
              target.agent("execute", "--max-overhead 0 --table-entries 50000 -C '" + text + "'");
      // The threads count the same new keys side by side.
      target.run("call 50000 50000 8");
      // A slow machine may need more time for a reading than the agent has.
      await().until(() -> target.attribute(Target.frequency(name), "Keys").equals(50000L));
      assertThat(target.attribute(Target.frequency(name), "Lost")).isEqualTo(0L);
      assertThat(target.attribute(Target.frequency(name), "Count")).isEqualTo(400000L);
      for (String row : (String[]) target.attribute(Target.frequency(name), "Top")) {
        assertThat(row).matches("\tCOUNT .*|\t8  .*");
      }
    }
  }

  /** Reads one consistent set of attributes by JMX, the last of which says whether it is new. */
  private static Map<Object, Long> slots(Target target, String name) throws Exception {
    List<Object> values = attributes(target, Target.histogram(name), "Counts", "Sum", "State");
    Map<Object, Long> slots = nonZero((long[]) values.get(0));
    slots.put("sum", (Long) values.get(1));
    return slots;
  }

  private static Map<Object, Long> keys(Target target, String name) throws Exception {
    List<Object> values =
        attributes(target, Target.frequency(name), "Frequencies", "Truncated", "State");
    assertThat(values.get(1)).isEqualTo(0L);
    Map<Object, Long> keys = new HashMap<>();
    for (Object row : ((TabularData) values.get(0)).values()) {
      keys.put(((CompositeData) row).get("v"), (Long) ((CompositeData) row).get("value"));
    }
    return keys;
  }

  private static List<Object> attributes(Target target, ObjectName bean, String... names)
      throws Exception {
    List<Attribute> attributes = target.mbeans().getAttributes(bean, names).asList();
    assertThat(attributes).extracting(Attribute::getName).containsExactly(names);
    List<Object> values = attributes.stream().map(Attribute::getValue).toList();
    if (!values.get(names.length - 1).equals("running")) {
      throw new IOException(values.get(names.length - 1).toString());
    }
    return values;
  }

  /** Reads like the command line. */
  private static Map<Object, Long> slots(Client client, int probe) throws Exception {
    HistogramSnapshot snapshot =
        client.call(new Message.Read(probe), Message.Histogram.class, TIMEOUT).snapshot();
    Map<Object, Long> slots = nonZero(snapshot.counts());
    slots.put("sum", snapshot.sum());
    return slots;
  }

  private static Map<Object, Long> keys(Client client, int probe) throws Exception {
    FrequencySnapshot snapshot =
        client.call(new Message.Read(probe), Message.Frequency.class, TIMEOUT).snapshot();
    Map<Object, Long> keys = new HashMap<>();
    snapshot.counts().forEach((key, count) -> keys.put(key.get(0), count));
    return keys;
  }

  private static Map<Object, Long> nonZero(long[] counts) {
    Map<Object, Long> slots = new HashMap<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        slots.put(i, counts[i]);
      }
    }
    return slots;
  }

  private static int attach(Client client, Form form, String specifier) throws Exception {
    Message.Attach attach =
        new Message.Attach(
            form, specifier, ProbeOptions.DEFAULT.withLimits(new Limits(0, null)), 1);
    int probe = client.call(attach, Message.Attached.class, TIMEOUT).probe();
    client.call(new Message.Start(1), Message.Started.class, TIMEOUT);
    return probe;
  }

  /** Returns the connection that a command line has when it has loaded the agent. */
  private static Client commandLine(Target target) throws Exception {
    Path folder = Files.createTempDirectory("readers");
    Path socket = folder.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      target.loadAgent(Jdks.own(), "--control-socket " + socket);
      return Client.start(server.accept(), () -> {});
    } finally {
      Files.delete(socket);
      Files.delete(folder);
    }
  }
}
