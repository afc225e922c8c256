/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.snapshot.Sum;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Target;
import io.jargdist.testing.TwoCommands;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums of a known number of known values. */
class SumIT {
  private static final int TIMES = 30_011;
  private static final int VALUES = 1009;
  private static final int THREADS = 3;

  private static String call(String rest) throws Exception {
    return "'p:" + HardCalls.library() + ":hard_call(long v)" + rest + "'";
  }

  /** Adds a probe as the agent's options say it, and waits until it counts. */
  private static String add(Target target, String options, String specifier) throws Exception {
    String name = (String) target.agent("execute", "--max-overhead 0 " + options + " " + specifier);
    await().until(() -> target.has(Target.sum(name)));
    return name;
  }

  private static Map<String, Sum> sums(Target target, String probe) throws Exception {
    Map<String, Sum> sums = new HashMap<>();
    TabularData table = (TabularData) target.attribute(Target.sum(probe), "Sums");
    for (Object row : (Collection<?>) table.values()) {
      CompositeData data = (CompositeData) row;
      String key = String.valueOf(data.get(table.getTabularType().getIndexNames().get(0)));
      sums.put(key, new Sum((Long) data.get("events"), (Long) data.get("sum")));
    }
    return sums;
  }

  /** Returns what the calls of all threads add up to. */
  private static Map<String, Sum> expected(LongUnaryOperator value, LongUnaryOperator key) {
    Map<String, Sum> sums = new HashMap<>();
    for (long i = 0; i < TIMES; i++) {
      long v = i % VALUES;
      Sum all = new Sum(THREADS, THREADS * value.applyAsLong(v));
      sums.merge(Long.toString(key.applyAsLong(v)), all, Sum::plus);
    }
    return sums;
  }

  private static Sum total(LongUnaryOperator value) {
    return expected(value, v -> 0).getOrDefault("0", Sum.NOTHING);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void sumsAreExact(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "-S", call(":long,int:v*7-3000,v%13#keyed"));
      add(target, "-S", call(":long:v*7-3000#plain"));
      add(target, "-S", call(":u64,u8:9223372036854775807-v,v&1#wrapped"));
      add(target, "-S", call(":long,long:v,-v:v%2==0#filtered"));
      add(target, "-S", "'r:" + HardCalls.library() + ":hard_call()#returned'");
      add(
          target,
          "-S",
          "'r:"
              + HardCalls.library()
              + ":hard_call(long v):long,long:$retval,"
              + "$entry(v)%5#entered'");
      target.run("call " + TIMES + " " + VALUES + " " + THREADS);

      assertThat(sums(target, "keyed")).isEqualTo(expected(v -> v * 7 - 3000, v -> v % 13));
      Sum total = total(v -> v * 7 - 3000);
      assertThat(sums(target, "plain")).isEqualTo(Map.of("total calls", total));
      assertThat(sums(target, "wrapped")).isEqualTo(expected(v -> Long.MAX_VALUE - v, v -> v & 1));
      Map<String, Sum> even = new HashMap<>(expected(v -> v, v -> -v));
      even.keySet().removeIf(key -> Long.parseLong(key) % 2 != 0);
      assertThat(sums(target, "filtered")).isEqualTo(even);
      assertThat(sums(target, "returned")).isEqualTo(Map.of("total calls", total(v -> v)));
      assertThat(sums(target, "entered")).isEqualTo(expected(v -> v, v -> v % 5));
      for (String probe : List.of("keyed", "plain", "wrapped", "returned", "entered")) {
        assertThat(target.attribute(Target.sum(probe), "Count")).isEqualTo((long) TIMES * THREADS);
        assertThat(target.attribute(Target.sum(probe), "Lost")).isEqualTo(0L);
      }
      assertThat(target.attribute(Target.sum("keyed"), "Sum")).isEqualTo(total.sum());
    }
  }

  /** All threads meet each key at about the same time. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void nothingOfNewKeysIsLost(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "--table-entries 30000 -S", call(":long,long:v+1,v#new"));
      target.run("call 20011 20011 4");
      assertThat(target.attribute(Target.sum("new"), "Lost")).isEqualTo(0L);
      assertThat(target.attribute(Target.sum("new"), "Keys")).isEqualTo(20011L);
      assertThat(target.attribute(Target.sum("new"), "Count")).isEqualTo(4 * 20011L);
      assertThat(target.attribute(Target.sum("new"), "Sum")).isEqualTo(4 * 20011L * 20012 / 2);
      assertThat(sums(target, "new")).hasSize(1000).containsEntry("20010", new Sum(4, 4 * 20011L));
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whatIsLostIsInNoSum(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, "--max-overhead 0").awaitAgent()) {
      add(target, "--table-entries 100 -S", call(":long,long:7,v#full"));
      add(
          target,
          "-z 2 -S",
          "'p:" + HardCalls.library() + ":hard_text(char *t):int,char*:3,t#cut'");
      target.run("call 1000 300 1");
      target.run("text 101");
      assertThat(target.attribute(Target.sum("full"), "LostDetail")).isEqualTo("table full: 600");
      assertThat(target.attribute(Target.sum("full"), "Sum")).isEqualTo(400L * 7);
      assertThat(target.attribute(Target.sum("cut"), "LostDetail"))
          .isEqualTo("memory not readable: 101");
      // "end", and that which runs into nothing behind what is stored of it.
      assertThat(sums(target, "cut")).isEqualTo(Map.of("en", new Sum(202, 606)));
      assertThat((String[]) target.attribute(Target.sum("cut"), "Top"))
          .contains("\t606                  202        t = b'en'...");
    }
  }

  /** A command line sees the same from outside, and its intervals add up. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void intervalsAddUpToWhatIsCumulative(Path jdk) throws Exception {
    try (Target target = HardCalls.start(jdk, null)) {
      String keyed = call(":long,int:v*7-3000,v%13#keyed").replace("'", "");
      String plain = call(":long:v*7-3000#plain").replace("'", "");
      TwoCommands read =
          TwoCommands.of(
              target,
              () -> {
                for (int i = 0; i < 3; i++) {
                  target.run("call " + TIMES / 3 + " " + VALUES + " " + THREADS);
                }
              },
              "-S",
              keyed,
              "-S",
              plain);
      Map<String, Sum> intervals = new HashMap<>();
      for (String line : read.intervals()) {
        rows(line).forEach((key, sum) -> intervals.merge(key, sum, Sum::plus));
      }
      Map<String, Sum> expected = new HashMap<>();
      for (int i = 0; i < 3 * (TIMES / 3); i++) {
        long v = i % (TIMES / 3) % VALUES;
        Sum sum = new Sum(THREADS, THREADS * (v * 7 - 3000));
        expected.merge("keyed [" + v % 13 + "]", sum, Sum::plus);
        expected.merge("plain []", sum, Sum::plus);
      }
      assertThat(intervals).isEqualTo(expected);
      assertThat(rows(read.last())).isEqualTo(expected);
      assertThat(
              read.intervals().stream()
                  .filter(line -> !rows(line).isEmpty())
                  .collect(joining("\n")))
          .contains("\"type\":\"sum\"", "\"columns\":[\"v%13\"]", "\"lost\":0");
    }
  }

  /** Returns the rows of a line of JSON, by the probe's name and the key. */
  private static Map<String, Sum> rows(String line) {
    Map<String, Sum> rows = new HashMap<>();
    for (JsonElement element :
        JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("probes")) {
      JsonObject probe = element.getAsJsonObject();
      Sum total = Sum.NOTHING;
      for (JsonElement each : probe.getAsJsonArray("rows")) {
        JsonObject row = each.getAsJsonObject();
        Sum sum = new Sum(row.get("count").getAsLong(), row.get("sum").getAsLong());
        rows.put(probe.get("name").getAsString() + " " + row.get("key"), sum);
        total = total.plus(sum);
      }
      assertThat(total)
          .isEqualTo(new Sum(probe.get("count").getAsLong(), probe.get("sum").getAsLong()));
    }
    return rows;
  }
}
