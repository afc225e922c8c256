/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of probe on a JVM that makes a known number of calls, by a plain JMX client. */
class ProbeKindsIT {
  private static final Map<Path, Target> TARGETS = new HashMap<>();

  private record Case(String specifier, String command, int expected) {}

  private static final List<Case> HISTOGRAMS =
      List.of(
          new Case("p:c:malloc(size_t size):size_t:size:size==40960", "malloc 211 40960", 211),
          new Case("r:c:read():u64:$retval:$retval==4099", "read 1009 4099", 1009),
          new Case(
              "r:c:read(int fd, void *buf, size_t count):u64:$latency:$entry(count)==4099",
              "read 1009 4099 4",
              4036),
          new Case(
              "r:jvm:JVM_MonitorWait(void *env, void *obj, long ms):u64:$latency/1000:$entry(ms)==7",
              "wait 53 7",
              53),
          new Case(
              "u:jvm:thread__start():u64:arg2:STREQ(\"somebody\", arg1)", "thread 53 somebody", 53),
          new Case(
              "t:syscalls:sys_enter_write():u64:args->count:args->count==4099",
              "write 1009 4099",
              1009));

  private static final List<Case> FREQUENCIES =
      List.of(
          new Case(
              "p:c:write(int fd, const void *buf, size_t count):int:fd:count==4099",
              "write 1009 4099 3",
              3027),
          new Case("r:c:read():int:$retval:$retval==4099", "read 1009 4099", 1009),
          new Case(
              "p:c:access(const char *path):char*:path:STREQ(\"/no/such/file\", path)",
              "access 211 /no/such/file",
              211),
          new Case(
              "p:c:lseek64(int fd, long offset):long,u32:offset%1000,$TID:offset==4099",
              "lseek 211 4099", 211),
          new Case("p:c:fsync()", "fsync 53", 53),
          new Case(
              "p:jvm:_ZN15G1CollectedHeap7collectEN7GCCause5CauseE(void *heap, int cause):int:cause:cause==0",
              "gc 5",
              5),
          new Case("u:jvm:gc__begin():int:arg1:arg1==1", "gc 5", 5),
          new Case(
              "u:jvm:thread__start():char*:arg1:STRCMP(\"some\", arg1)", "thread 53 somebody", 53),
          new Case("u:jvm:gc__begin():bool:full:full", "gc 5", 5),
          new Case("u:jvm:gc__begin() if full..gc__end():bool:$entry(full)", "gc 5", 5),
          new Case(
              "u:jvm:thread__start():char*,bool,bool:name,native_thread==$TID,is_daemon:"
                  + "STREQ(\"somebody\", name) && name_length==8 && java_thread>0 && native_thread==$TID",
              "thread 53 somebody",
              53),
          new Case(
              "u:jvm:thread__start() if STREQ(\"somebody\", name) on java_thread"
                  + "..thread__stop() if STREQ(\"somebody\", name) on java_thread"
                  + ":char*,bool,char*:$entry(name),"
                  + "$entry(native_thread)==native_thread && !$entry(is_daemon),name",
              "thread 53 somebody",
              53),
          new Case(
              "t:syscalls:sys_enter_write():u64:args->count:args->count==4099",
              "write 211 4099",
              211),
          new Case(
              "t:syscalls:sys_enter_access():char*:args->filename:STREQ(\"/no/such/file\", args->filename)",
              "access 211 /no/such/file",
              211));

  static Stream<Arguments> histograms() throws IOException {
    return cases(HISTOGRAMS);
  }

  static Stream<Arguments> frequencies() throws IOException {
    return cases(FREQUENCIES);
  }

  private static Stream<Arguments> cases(List<Case> cases) throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Path jdk : Jdks.all()) {
      cases.forEach(c -> all.add(Arguments.of(jdk, c.specifier(), c.command(), c.expected())));
    }
    return all.stream();
  }

  private static Target target(Path jdk) throws IOException {
    Target target = TARGETS.get(jdk);
    if (target == null) {
      target = Target.start(jdk, "--max-overhead 0", List.of("-XX:+UseG1GC"));
      TARGETS.put(jdk, target);
      Target started = target;
      await().until(() -> started.has(new ObjectName("jargdist:type=Agent")));
    }
    return target;
  }

  @AfterAll
  static void stop() throws IOException {
    for (Target target : TARGETS.values()) {
      target.close();
    }
    TARGETS.clear();
  }

  @ParameterizedTest
  @MethodSource("histograms")
  void histogramCountsExactlyTheCallsMade(Path jdk, String specifier, String command, int expected)
      throws Exception {
    Target target = target(jdk);
    String name = target.add("histogram", specifier);
    ObjectName bean = Target.histogram(name);
    target.run(command);
    assertThat(target.attribute(bean, "Count")).isEqualTo((long) expected);
    assertThat(target.attribute(bean, "Lost")).isEqualTo(0L);
    assertThat(target.attribute(bean, "State")).isEqualTo("running");
    assertThat((String[]) target.attribute(bean, "Histogram")).hasSizeGreaterThan(1);
    target.agent("remove", name);
    assertThat(target.has(bean)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("frequencies")
  void frequencyCountsExactlyTheCallsMade(Path jdk, String specifier, String command, int expected)
      throws Exception {
    Target target = target(jdk);
    String name = target.add("count", specifier);
    ObjectName bean = Target.frequency(name);
    target.run(command);
    assertThat(target.attribute(bean, "Count")).isEqualTo((long) expected);
    assertThat(target.attribute(bean, "Lost")).isEqualTo(0L);
    long inRows = 0;
    for (Object row : ((TabularData) target.attribute(bean, "Frequencies")).values()) {
      inRows += (Long) ((CompositeData) row).get("value");
    }
    assertThat(inRows).isEqualTo(expected);
    target.agent("remove", name);
    assertThat(target.has(bean)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void otherTracepointsOfTheProcessAreSeen(Path jdk) throws Exception {
    Target target = target(jdk);
    String switches = target.add("count", "t:sched:sched_switch():char*:$COMM#switches");
    String memory = target.add("histogram", "t:kmem:kmalloc():u64:args->bytes_alloc#kmalloc");
    target.run("wait 11 7");
    target.run("open 101 /proc/self/exe");
    assertThat((Long) target.attribute(Target.frequency(switches), "Count")).isPositive();
    assertThat((Long) target.attribute(Target.histogram(memory), "Count")).isPositive();
    target.agent("remove", switches);
    target.agent("remove", memory);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void kernelStructsAreReadByTheRunningKernelsTypes(Path jdk) throws Exception {
    Target target = target(jdk);
    // The tracepoint's own copy of the length tells whether ours was read at the right offset. The
    // target sends packets whenever this test asks it for an attribute.
    String name =
        target.add(
            "count",
            "t:net:net_dev_queue():char*,u32:args->name,((struct sk_buff *)args->skbaddr)->len-args->len#difference");
    ObjectName bean = Target.frequency(name);
    await().until(() -> (Long) target.attribute(bean, "Count") > 10);
    String[] top = (String[]) target.attribute(bean, "Top");
    assertThat(top).hasSize(2);
    // The name is not in the record itself: the record says where it is (__data_loc).
    assertThat(top[1]).contains("args->name = b'lo', ").endsWith(" = 0");
    assertThat(target.attribute(bean, "Lost")).isEqualTo(0L);
    target.agent("remove", name);
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void manyProbesRunAtOnceEachOnItsOwn(Path jdk) throws Exception {
    Target target = target(jdk);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      names.add(target.add("histogram", "r:c:read():u64:$retval:$retval==4099#same"));
    }
    assertThat(names).containsExactly("same", "same-2", "same-3", "same-4", "same-5");
    target.run("read 211 4099");
    target.agent("remove", "same-3");
    target.run("read 211 4099");
    for (String name : List.of("same", "same-2", "same-4", "same-5")) {
      assertThat(target.attribute(Target.histogram(name), "Count")).isEqualTo(422L);
      assertThat(target.attribute(Target.histogram(name), "Sum")).isEqualTo(422L * 4099);
      target.agent("remove", name);
    }
    assertThat(target.has(Target.histogram("same-3"))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void negativeReturnValuesAreCountedInTheirOwnBuckets(Path jdk) throws Exception {
    Target target = target(jdk);
    String name =
        target.add(
            "histogram",
            "r:c:access(char *path):int:$retval:STREQ(\"/no/such/file\", $entry(path))");
    target.run("access 101 /no/such/file");
    ObjectName bean = Target.histogram(name);
    assertThat(target.attribute(bean, "Count")).isEqualTo(101L);
    assertThat(target.attribute(bean, "Sum")).isEqualTo(-101L);
    assertThat(((String[]) target.attribute(bean, "Histogram"))[1])
        .contains("-1 -> -1 ")
        .contains(": 101 ");
    target.agent("remove", name);
  }
}
