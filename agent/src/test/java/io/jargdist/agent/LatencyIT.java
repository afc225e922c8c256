/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every return finds the entry of its own call. */
class LatencyIT {
  private static final Pattern ROW = Pattern.compile("\t1 +d = (\\d), .* = (\\d+)");

  private static Target target;

  @BeforeAll
  static void start() throws IOException {
    target = HardCalls.start(Jdks.own(), "--max-overhead 0").awaitAgent();
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  @Test
  void eachOfNestedCallsHasItsOwnLatencyAndArgument() throws Exception {
    String recursion = "r:" + HardCalls.library() + ":hard_recursion(long d)";
    String name = target.add("count", recursion + ":long,u64:$entry(d),$latency/1000000");
    target.run("recurse 1 9 4000");
    ObjectName bean = Target.frequency(name);
    assertThat(target.attribute(bean, "Lost")).isEqualTo(0L);
    int seen = 0;
    for (String row : (String[]) target.attribute(bean, "Top")) {
      Matcher matcher = ROW.matcher(row);
      if (matcher.matches()) {
        // Each of the calls below sleeps for 4 ms, and so does this one.
        long millis = Long.parseLong(matcher.group(2));
        assertThat(millis).isGreaterThanOrEqualTo(4 * Long.parseLong(matcher.group(1)));
        seen |= 1 << Integer.parseInt(matcher.group(1));
      }
    }
    assertThat(seen).isEqualTo(0b11_1111_1111);
    target.agent("remove", name);
  }

  @Test
  void callsThatEndWithAJavaExceptionReturn() throws Exception {
    String wait = "r:jvm:JVM_MonitorWait(void *env, void *object, long millis)";
    String name = target.add("histogram", wait + ":u64:$latency:$entry(millis)==7");
    target.run("interrupt 211");
    assertThat(target.attribute(Target.histogram(name), "Lost")).isEqualTo(0L);
    assertThat(target.attribute(Target.histogram(name), "Count")).isEqualTo(211L);
    target.agent("remove", name);
  }

  /** F13: a filter behind the value, or a label that looks like one, is no part of it. */
  @Test
  void unitIsThatOfTheValue() throws Exception {
    Map<String, String> units =
        Map.of(
            "r:c:fsync():u64:$latency#latency", "ns",
            "r:c:fsync():u64:$latency:$latency>0#filtered", "ns",
            "r:c:fsync():u64:$latency/1000#us", "",
            "r:c:fsync():int:$retval:$latency>0#result", "",
            "p:c:fsync():int:$PID#a:u64:$latency", "");
    for (Map.Entry<String, String> unit : units.entrySet()) {
      ObjectName bean = (ObjectName) target.agent("histogram", unit.getKey());
      assertThat(target.attribute(bean, "Unit")).as(unit.getKey()).isEqualTo(unit.getValue());
    }
  }

  @Test
  void floorIsWhatAnEmptyFunctionTakes() throws Exception {
    String call = "r:" + HardCalls.library() + ":hard_call(long v)";
    ObjectName latency = Target.histogram(target.add("histogram", call + ":u64:$latency"));
    ObjectName other = Target.histogram(target.add("histogram", call + ":long:$entry(v)"));
    await().until(() -> !Double.isNaN(floor(latency)));
    target.run("call 10000 1 1");
    // hard_call does next to nothing, and begins with the same instruction.
    double median = (Double) target.attribute(latency, "50thPercentile");
    assertThat(floor(latency)).isBetween(median / 4, median * 4);
    assertThat(floor(other)).isNaN();
  }

  private static double floor(ObjectName bean) throws Exception {
    return (Double) target.attribute(bean, "LatencyFloorNanos");
  }
}
