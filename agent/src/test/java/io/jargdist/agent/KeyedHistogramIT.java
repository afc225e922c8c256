/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Target;
import io.jargdist.testing.TwoCommands;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongUnaryOperator;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Histograms by key of a known number of known values. */
class KeyedHistogramIT {
  private static final int TIMES = 30_011;
  private static final int VALUES = 1009;
  private static final int THREADS = 3;

  /**
   * What belongs to a key.
   *
   * @param buckets events by the bucket's lower bound
   */
  private record Key(long count, long sum, SortedMap<Long, Long> buckets) {
    static final Key NOTHING = new Key(0, 0, new TreeMap<>());

    Key plus(Key other) {
      SortedMap<Long, Long> all = new TreeMap<>(buckets);
      other.buckets.forEach((low, events) -> all.merge(low, events, Long::sum));
      return new Key(count + other.count, sum + other.sum, all);
    }
  }

  private static String call(String rest) throws Exception {
    return "'p:" + HardCalls.library() + ":hard_call(long v)" + rest + "'";
  }

  private static String add(Target target, String options, String specifier) throws Exception {
    String name =
        (String) target.agent("execute", "--max-overhead 0 " + options + " -H " + specifier);
    await().until(() -> target.has(Target.histogram(name)));
    return name;
  }

  private static Object get(Target target, String probe, String attribute) throws Exception {
    return target.attribute(Target.histogram(probe), attribute);
  }

  private static CompositeData row(Target target, String probe, String key) throws Exception {
    return ((TabularData) get(target, probe, "ByKey")).get(new Object[] {key});
  }

  /** The lowest value of a bucket of powers of two, as argdist has them. */
  private static long low(long value) {
    return value < 2 ? 0 : Long.highestOneBit(value);
  }

  private static SortedMap<String, Key> expected(
      int times, LongUnaryOperator value, LongUnaryOperator key) {
    SortedMap<String, Key> keys = new TreeMap<>();
    for (long i = 0; i < times; i++) {
      long v = i % VALUES;
      long one = value.applyAsLong(v);
      Key all = new Key(THREADS, THREADS * one, new TreeMap<>(Map.of(low(one), (long) THREADS)));
      keys.merge("[" + key.applyAsLong(v) + "]", all, Key::plus);
    }
    return keys;
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eachKeyHasItsOwnExactHistogram(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "", call(":u64,int:v*v,v%7#squares"));
      add(target, "", call(":u64:v*v#all"));
      add(target, "--buckets linear(-500,500,100)", call(":long,u8,char*:v-504,v&1,$COMM#signed"));
      add(
          target,
          "",
          "'r:" + HardCalls.library() + ":hard_call(long v):u64,long:$latency,$entry(v)%3#timed'");
      target.run("call " + TIMES + " " + VALUES + " " + THREADS);

      SortedMap<String, Key> squares = expected(TIMES, v -> v * v, v -> v % 7);
      for (long key = 0; key < 7; key++) {
        CompositeData row = row(target, "squares", Long.toString(key));
        Key expected = squares.getOrDefault("[" + key + "]", Key.NOTHING);
        assertThat(row.get("count")).isEqualTo(expected.count());
        assertThat(row.get("sum")).isEqualTo(expected.sum());
        SortedMap<Long, Long> buckets = new TreeMap<>();
        long upTo = 0;
        for (Object bucket : (Collection<?>) ((TabularData) row.get("buckets")).values()) {
          CompositeData data = (CompositeData) bucket;
          long more = (Long) data.get("value") - upTo;
          if (more != 0) {
            buckets.put(low(Long.parseLong((String) data.get("le"))), more);
            upTo += more;
          }
        }
        assertThat(buckets).isEqualTo(expected.buckets());
      }
      // All keys together are what the histogram without keys is.
      for (String same : List.of("Count", "Sum", "Counts", "Mean", "95thPercentile", "Lost")) {
        assertThat(get(target, "squares", same)).as(same).isEqualTo(get(target, "all", same));
      }
      assertThat(get(target, "squares", "Keys")).isEqualTo(7L);
      assertThat(get(target, "signed", "Count")).isEqualTo((long) TIMES * THREADS);
      assertThat(get(target, "timed", "Count")).isEqualTo((long) TIMES * THREADS);
      long timed = 0;
      for (long key = 0; key < 3; key++) {
        Key expected =
            expected(TIMES, v -> 0, v -> v % 3).getOrDefault("[" + key + "]", Key.NOTHING);
        assertThat(row(target, "timed", Long.toString(key)).get("count"))
            .isEqualTo(expected.count());
        timed += (Long) row(target, "timed", Long.toString(key)).get("sum");
      }
      assertThat(get(target, "timed", "Sum")).isEqualTo(timed);
    }
  }

  /** All threads meet each key and each slot at about the same time. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void nothingOfNewKeysAndSlotsIsLost(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "--table-entries 4000 --table-slots 30000", call(":u64,long:1<<v%8,v/8#new"));
      target.run("call 20011 20011 4");
      assertThat(get(target, "new", "LostDetail")).isEqualTo("");
      assertThat(get(target, "new", "Keys")).isEqualTo(2502L);
      assertThat(get(target, "new", "Count")).isEqualTo(4 * 20011L);
      assertThat(get(target, "new", "Sum")).isEqualTo(4 * (2501L * 255 + 7));
      assertThat(((TabularData) get(target, "new", "ByKey")).size()).isEqualTo(200);
      assertThat(get(target, "new", "Truncated")).isEqualTo(2302L);
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whatFitsIntoOneTableOnlyIsLostInBoth(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "--table-entries 100", call(":long,long:7,v#keys"));
      add(target, "--table-slots 100", call(":long,long:v,7#slots"));
      add(target, "--table-slots 3", call(":u64,int:1<<v%8,1#few"));
      target.run("call 1000 300 1");
      assertThat(get(target, "keys", "LostDetail")).isEqualTo("table full: 600");
      assertThat(get(target, "keys", "Count")).isEqualTo(400L);
      assertThat(get(target, "keys", "Sum")).isEqualTo(2800L);
      assertThat(get(target, "slots", "LostDetail")).isEqualTo("");
      // 1, 2 and 4 came first: 1 is in the bucket of 0 and 1.
      long inTime = 0;
      for (int i = 0; i < 1000; i++) {
        inTime += i % 300 % 8 < 3 ? 1 : 0;
      }
      assertThat(get(target, "few", "Count")).isEqualTo(inTime);
      assertThat(get(target, "few", "LostDetail")).isEqualTo("table full: " + (1000 - inTime));
      CompositeData row = row(target, "few", "1");
      assertThat(row.get("count")).isEqualTo(inTime);
      assertThat(row.get("sum")).isEqualTo(get(target, "few", "Sum"));
    }
  }

  /** As many keys and slots as fit by default, through the JVM's own bridge and from outside. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void asMuchAsFitsIsReadExactly(Path jdk) throws Exception {
    String specifier = call(":u64,long:1<<v%8,v/8#large");
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "", specifier);
      Process outside =
          Command.start(target, "--json", "-c", "-n", "5", "-H", specifier.replace("'", ""));
      try (BufferedReader out = outside.inputReader()) {
        out.readLine();
        target.run("call 81920 81920 1");
        assertThat(get(target, "large", "Lost")).isEqualTo(0L);
        assertThat(get(target, "large", "Count")).isEqualTo(81920L);
        assertThat(get(target, "large", "Sum")).isEqualTo(10240L * 255);
        assertThat(get(target, "large", "Keys")).isEqualTo(10240L);
        String rows =
            (String) target.mbeans().invoke(Target.histogram("large"), "dump", null, null);
        assertThat(rows.lines().filter(line -> line.startsWith("v/8 = ")))
            .doesNotHaveDuplicates()
            .hasSize(10240);
        List<String> lines = out.lines().toList();
        JsonObject last = probe(lines.get(lines.size() - 1));
        assertThat(last.get("count").getAsLong()).isEqualTo(81920);
        assertThat(last.getAsJsonArray("keys")).hasSize(10240);
        assertThat(last.getAsJsonArray("keys").get(17).getAsJsonObject().get("count").getAsLong())
            .isEqualTo(8);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void intervalsAddUpToWhatIsCumulative(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, null)) {
      String keyed = call(":u64,int:v*v,v%7#squares").replace("'", "");
      TwoCommands read =
          TwoCommands.of(
              target,
              () -> {
                for (int i = 0; i < 3; i++) {
                  target.run("call " + TIMES / 3 + " " + VALUES + " " + THREADS);
                }
              },
              "-H",
              keyed);
      SortedMap<String, Key> intervals = new TreeMap<>();
      for (String line : read.intervals()) {
        keys(line).forEach((key, counts) -> intervals.merge(key, counts, Key::plus));
      }
      SortedMap<String, Key> expected = new TreeMap<>();
      for (int i = 0; i < 3; i++) {
        expected(TIMES / 3, v -> v * v, v -> v % 7)
            .forEach((key, counts) -> expected.merge(key, counts, Key::plus));
      }
      assertThat(intervals).isEqualTo(expected);
      assertThat(keys(read.last())).isEqualTo(expected);
    }
  }

  /** In each interval the keys are those of the instant at which all probes are read. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void keysAreOfTheSameInstantAsOtherProbes(Path jdk) throws Exception {
    int callers = 2;
    try (Target target = HardCalls.start(jdk, null)) {
      CompletableFuture<?> calls =
          CompletableFuture.runAsync(
              () -> {
                try {
                  target.run("call 2000000000 1009 " + callers);
                } catch (Exception e) {
                  // The target has ended.
                }
              });
      Process process =
          Command.start(
              target,
              "--json",
              "--max-overhead",
              "0",
              "-n",
              "3",
              "-H",
              call(":u64,int:v%64,v%7#H").replace("'", ""),
              "-S",
              call(":u64,int:1,v%7#S").replace("'", ""),
              "-S",
              call(":u64:1#T").replace("'", ""),
              "-C",
              call(":int:v%7#C").replace("'", ""));
      List<String> lines = process.inputReader().lines().toList();
      assertThat(process.waitFor()).isZero();
      assertThat(calls).isNotDone();
      assertThat(lines).hasSize(3);
      for (String line : lines) {
        List<Long> counts = new ArrayList<>();
        for (JsonElement element :
            JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("probes")) {
          JsonObject probe = element.getAsJsonObject();
          assertThat(probe.get("lost").getAsLong()).isZero();
          counts.add(probe.get("count").getAsLong());
          if (probe.get("type").getAsString().equals("sum")) {
            counts.add(probe.get("sum").getAsLong());
          }
        }
        long most = counts.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertThat(counts)
            .hasSize(6)
            .allSatisfy(count -> assertThat(count).isBetween(Math.max(1, most - callers), most));
      }
    }
  }

  private static JsonObject probe(String line) {
    return JsonParser.parseString(line)
        .getAsJsonObject()
        .getAsJsonArray("probes")
        .get(0)
        .getAsJsonObject();
  }

  private static SortedMap<String, Key> keys(String line) {
    SortedMap<String, Key> keys = new TreeMap<>();
    JsonObject probe = probe(line);
    Key total = Key.NOTHING;
    for (JsonElement element : probe.getAsJsonArray("keys")) {
      JsonObject one = element.getAsJsonObject();
      Key key = key(one);
      keys.put(one.get("key").toString(), key);
      total = total.plus(key);
    }
    assertThat(total).isEqualTo(key(probe));
    return keys;
  }

  private static Key key(JsonObject json) {
    SortedMap<Long, Long> buckets = new TreeMap<>();
    for (JsonElement element : json.getAsJsonArray("buckets")) {
      JsonObject bucket = element.getAsJsonObject();
      buckets.put(bucket.get("low").getAsLong(), bucket.get("count").getAsLong());
    }
    return new Key(json.get("count").getAsLong(), json.get("sum").getAsLong(), buckets);
  }
}
