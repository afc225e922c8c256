/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A probe that cannot see what is asked for says so, and one that can says nothing. */
class BlindSpotsIT {
  private static final String CONTENDED =
      "u:jvm:monitor__contended__enter():char*:arg3:STREQ(\"io/jargdist/samples/calls/"
          + "KnownCalls$Contended\", arg3)#contended";
  private static final int TIMES = 53;

  /** JEP 444. */
  private static final int HAS_VIRTUAL_THREADS = 21;

  /** JEP 491. */
  private static final int UNMOUNTS_IN_MONITORS = 24;

  private static Target target(Path jdk, String agentOptions, String... jvmOptions)
      throws Exception {
    return Target.start(jdk, agentOptions, List.of(jvmOptions)).awaitAgent();
  }

  private static List<String> warnings(Target jvm, ObjectName bean) throws Exception {
    return List.of((String[]) jvm.attribute(bean, "Warnings"));
  }

  private static List<String> checked(Target jvm, String... specifiers) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("check", "-p", Long.toString(jvm.pid())));
    arguments.addAll(List.of(specifiers));
    Command.Result result = Command.jargdist(arguments.toArray(new String[0]));
    assertThat(result.exit()).as(result.err()).isZero();
    return result.out().lines().filter(line -> line.startsWith("warning: ")).toList();
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void withoutItsFlagAProbeCountsNothingAndSaysSo(Path jdk) throws Exception {
    String expected =
        "monitor__contended__enter fires only in a JVM that was started with"
            + " -XX:+DTraceMonitorProbes, and this one was not: it counts nothing";
    try (Target jvm = target(jdk, "-C '" + CONTENDED + "'")) {
      ObjectName bean = Target.frequency("contended");
      await().until(() -> jvm.has(bean));
      jvm.run("contend " + TIMES);
      assertThat(jvm.attribute(bean, "Count")).isEqualTo(0L);
      assertThat(warnings(jvm, bean)).containsExactly(expected);
      await().until(() -> jvm.errors().contains("jargdist: warning: " + expected + "\n"));
      assertThat(checked(jvm, CONTENDED)).containsExactly("warning: " + expected);
      assertThat((String) jvm.agent("check", CONTENDED)).contains("\nwarning: " + expected + "\n");

      String pid = Long.toString(jvm.pid());
      Command.Result once =
          Command.jargdist("-p", pid, "-n", "1", "--json", "-C", CONTENDED, "-C", CONTENDED);
      assertThat(once.err()).isEqualTo("jargdist: warning: " + expected + "\n");
      assertThat(once.out()).contains("\"warnings\":[\"" + expected + "\"]");
      Command.Result attached = Command.jargdist("attach", pid, "-C", CONTENDED);
      assertThat(attached.err()).isEqualTo("jargdist: warning: " + expected + "\n");
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void withItsFlagAProbeCountsExactlyAndSaysNothing(Path jdk) throws Exception {
    try (Target jvm = target(jdk, "-C '" + CONTENDED + "'", "-XX:+DTraceMonitorProbes")) {
      ObjectName bean = Target.frequency("contended");
      await().until(() -> jvm.has(bean));
      jvm.run("contend " + TIMES);
      assertThat(jvm.attribute(bean, "Count")).isEqualTo((long) TIMES);
      assertThat(warnings(jvm, bean)).isEmpty();
      assertThat(jvm.errors()).isEmpty();
      assertThat(checked(jvm, CONTENDED)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void theFlagIsNamedWhereItIsMissing(Path jdk) throws Exception {
    Map<String, String> needed = new LinkedHashMap<>();
    needed.put("u:jvm:object__alloc()", "-XX:+DTraceAllocProbes");
    needed.put("u:jvm:method__entry()", "-XX:+DTraceMethodProbes");
    needed.put("u:jvm:method__return()", "-XX:+DTraceMethodProbes");
    needed.put("u:jvm:monitor__wait()", "-XX:+DTraceMonitorProbes");
    needed.put("u:jvm:monitor__notify()", "-XX:+DTraceMonitorProbes");
    needed.put("u:jvm:GetIntField__entry()", "-XX:-UseFastJNIAccessors");
    needed.put("u:jvm:GetLongField__return()", "-XX:-UseFastJNIAccessors");
    needed.put("p:jvm:jni_GetIntField()", "-XX:-UseFastJNIAccessors");
    String[] specifiers = needed.keySet().toArray(new String[0]);
    List<String> flags = List.copyOf(needed.values());
    try (Target without = Target.start(jdk, null, List.of())) {
      List<String> warnings = checked(without, specifiers);
      assertThat(warnings).hasSameSizeAs(flags);
      for (int i = 0; i < flags.size(); i++) {
        assertThat(warnings.get(i)).contains(flags.get(i));
      }
    }
    try (Target with = Target.start(jdk, null, flags)) {
      assertThat(checked(with, specifiers)).isEmpty();
    }
  }

  /** JDK 17 has this flag; later ones refuse it or pass over it. */
  static List<Path> withAFlagForOthers() throws Exception {
    List<Path> with = new ArrayList<>();
    for (Path jdk : Jdks.all()) {
      Command.Result flags =
          Command.run(List.of(jdk + "/bin/java", "-XX:+PrintFlagsFinal", "-version"));
      if (flags.out().contains(" ExtendedDTraceProbes ")) {
        with.add(jdk);
      }
    }
    return with;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("withAFlagForOthers")
  void oneFlagCanSwitchOthers(Path jdk) throws Exception {
    try (Target jvm = Target.start(jdk, null, List.of("-XX:+ExtendedDTraceProbes"))) {
      assertThat(checked(jvm, CONTENDED, "u:jvm:object__alloc()", "u:jvm:method__entry()"))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void probesThatAlwaysFireSayNothing(Path jdk) throws Exception {
    try (Target jvm = Target.start(jdk, null, List.of())) {
      assertThat(
              checked(
                  jvm,
                  "u:jvm:gc__begin()",
                  "u:jvm:hs_private.safepoint__begin()",
                  "u:jvm:class__loaded()",
                  "u:jvm:SetIntField__entry()",
                  "u:jvm:GetObjectField__entry()",
                  "p:jvm:JVM_MonitorWait()",
                  "r:c:read()",
                  "t:syscalls:sys_enter_read()",
                  "t:raw_syscalls:sys_enter()",
                  "t:task:task_newtask()",
                  "t:signal:signal_deliver()"))
          .isEmpty();
      assertThat(checked(jvm, "u:jvm:vm__init__end()"))
          .singleElement()
          .asString()
          .contains("fires while a JVM starts");
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void virtualThreadsAreNamedWhereTheJdkHasThem(Path jdk) throws Exception {
    String latency = "r:jvm:JVM_MonitorWait():u64:$latency";
    try (Target jvm = Target.start(jdk, null, List.of())) {
      List<String> all = checked(jvm, latency, "u:jvm:thread__park__begin()");
      List<String> expected = new ArrayList<>();
      if (Jdks.feature(jdk) >= UNMOUNTS_IN_MONITORS) {
        expected.add(
            "warning: virtual threads that wait are unmounted on this JDK (24 or later), and"
                + " JVM_MonitorWait returns at once: for them it does not show how long they"
                + " have waited");
      }
      if (Jdks.feature(jdk) >= HAS_VIRTUAL_THREADS) {
        expected.add(
            "warning: thread__park__begin is not reached by virtual threads, which are"
                + " unmounted instead: only platform threads are counted, with those that carry"
                + " virtual threads");
      }
      assertThat(all).isEqualTo(expected);
    }
  }

  @Test
  void tracepointsSayWhoseEventsTheyCount() throws Exception {
    Map<String, String> said = new LinkedHashMap<>();
    said.put("t:sched:sched_switch()", "belong to the thread that stops running");
    said.put("t:sched:sched_wakeup()", "belong to who wakes");
    said.put("t:signal:signal_generate()", "belong to who sends the signal");
    said.put("t:irq:irq_handler_entry()", "are in interrupts");
    said.put("t:block:block_rq_complete()", "are in interrupts");
    said.put("t:workqueue:workqueue_execute_start()", "are in threads of the kernel");
    said.put("t:tcp:tcp_retransmit_skb()", "also if this process has caused them");
    said.put("t:sock:inet_sock_set_state()", "also if this process has caused them");
    said.put("t:net:netif_receive_skb()", "also if this process has caused them");
    String[] specifiers = said.keySet().toArray(new String[0]);
    List<String> parts = List.copyOf(said.values());
    try (Target jvm = Target.start(Jdks.own(), null, List.of())) {
      List<String> warnings = checked(jvm, specifiers);
      assertThat(warnings).hasSameSizeAs(parts);
      for (int i = 0; i < parts.size(); i++) {
        assertThat(warnings.get(i))
            .contains(parts.get(i))
            .endsWith("; --scope system counts those of all processes");
      }
      List<String> wide = new ArrayList<>(List.of("--scope", "system"));
      wide.addAll(List.of(specifiers));
      assertThat(checked(jvm, wide.toArray(new String[0]))).isEmpty();
    }
  }

  /** Wherever the end of a pair happens that is found by values, its beginning is ours. */
  @Test
  void theEndOfAPairThatIsFoundByValuesIsNotMissing() throws Exception {
    String end = "..block_rq_complete()";
    String key = " on args->dev, args->sector";
    try (Target jvm = Target.start(Jdks.own(), null, List.of())) {
      assertThat(checked(jvm, "t:block:block_rq_issue()" + key + end + key))
          .noneMatch(warning -> warning.contains("block_rq_complete"))
          .anyMatch(warning -> warning.contains("block_rq_issue"));
      assertThat(checked(jvm, "t:block:block_rq_issue()" + end))
          .anyMatch(warning -> warning.contains("block_rq_complete"));
    }
  }

  /** libz has a type of its own that is called as the kernel's is. */
  @Test
  void structsOfTheKernelInUserSpaceAreNamed() throws Exception {
    try (Target jvm = Target.start(Jdks.own(), null, List.of())) {
      assertThat(checked(jvm, "p:c:write(struct z_stream_s *s):u64:s->total_in"))
          .singleElement()
          .asString()
          .contains("struct z_stream_s is read as this kernel has it");
      assertThat(
              checked(
                  jvm,
                  "p:c:write(struct z_stream_s *s):u64:s",
                  "p:c:nanosleep(struct timespec *t):long:t->tv_sec"))
          .isEmpty();
    }
  }

  /** The name of a function of libc is not always that of the system call. */
  @Test
  void systemCallsThatGlibcDoesNotMakeAreNamed(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("opened"));
    String open =
        "t:syscalls:sys_enter_open():char*:args->filename:STREQ(\"" + file + "\", args->filename)";
    String openat = open.replace("sys_enter_open", "sys_enter_openat");
    try (Target jvm = target(Jdks.own(), "")) {
      ObjectName none = Target.frequency(jvm.add("count", open));
      ObjectName all = Target.frequency(jvm.add("count", openat));
      jvm.run("open " + TIMES + " " + file);
      assertThat(jvm.attribute(none, "Count")).isEqualTo(0L);
      assertThat(jvm.attribute(all, "Count")).isEqualTo((long) TIMES);
      assertThat(warnings(jvm, none))
          .containsExactly(
              "glibc's open makes the system call openat, so sys_enter_open sees only code that"
                  + " makes the call itself: t:syscalls:sys_enter_openat() sees glibc's");
      assertThat(warnings(jvm, all)).isEmpty();
      assertThat(checked(jvm, "t:syscalls:sys_exit_clock_gettime()"))
          .singleElement()
          .asString()
          .contains("p:c:clock_gettime() sees those that go through glibc");
    }
  }
}
