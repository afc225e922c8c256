/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.testing.Target;
import java.nio.file.Path;
import java.util.List;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs read HotSpot's own data where each JVM has it, and find what must be there. */
class HotSpotTypesIT {
  private static final int CALLS = 53;
  private static final int DEPTH = 5;

  private static void assertOneRow(Target target, String probe, String key, long value)
      throws Exception {
    ObjectName bean = Target.frequency(probe);
    assertThat(target.attribute(bean, "Lost")).isEqualTo(0L);
    TabularData rows = (TabularData) target.attribute(bean, "Frequencies");
    assertThat(rows.values()).as(probe).hasSize(1);
    CompositeData row = (CompositeData) rows.values().iterator().next();
    assertThat(row.get(key)).as(probe).isEqualTo(Long.toString(value));
    assertThat(row.get("value")).as(probe).isEqualTo((long) CALLS);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void membersAreReadWhereThisJvmHasThem(Path jdk) throws Exception {
    List<String> flags = List.of("-XX:+DTraceMonitorProbes");
    try (Target target = Target.start(jdk, "--max-overhead 0", flags).awaitAgent()) {
      String wait = "p:jvm:ObjectMonitor::wait(";
      target.add("count", wait + "ObjectMonitor *m, long ms):intx:m->_recursions:ms==3#recursions");
      target.add(
          "count",
          wait
              + "void *m, long ms, bool b, JavaThread *t):bool:t->_osthread->_thread_id==$TID:ms==3#own");
      target.add(
          "count",
          wait + "void *m, long ms):bool:(u64)((ObjectMonitor *)m)->_object!=0:ms==3#object");
      target.add(
          "count",
          "u:jvm:monitor__wait():intx:((ObjectMonitor *)monitor)->_recursions:millis==3#named");
      target.run("nested " + CALLS + " " + DEPTH);
      assertOneRow(target, "recursions", "m->_recursions", DEPTH - 1);
      assertOneRow(target, "own", "t->_osthread->_thread_id==$TID", 1);
      assertOneRow(target, "object", "(u64)((ObjectMonitor *)m)->_object!=0", 1);
      assertOneRow(target, "named", "((ObjectMonitor *)monitor)->_recursions", DEPTH - 1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whatThisJvmDoesNotPublishIsRefused(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, "--max-overhead 0", List.of()).awaitAgent()) {
      assertThatThrownBy(
              () ->
                  target.add(
                      "count", "p:jvm:ObjectMonitor::wait(ObjectMonitor *m):u64:m->_recursio"))
          .hasMessageContaining("ObjectMonitor has no member \"_recursio\"")
          .hasMessageContaining("did you mean _recursions? libjvm publishes _contentions, ");
      assertThatThrownBy(
              () ->
                  target.add("count", "p:jvm:ObjectMonitor::wait(ObjectMonitors *m):u64:m->_owner"))
          .hasMessageContaining("it is not known what this ObjectMonitors * points to")
          .hasMessageContaining("did you mean ObjectMonitor?");
    }
  }
}
