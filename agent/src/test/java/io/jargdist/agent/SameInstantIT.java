/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers of probes that were asked for together can be compared. */
class SameInstantIT {
  private static final int CALLERS = 2;

  /**
   * At each end of an interval, a caller may be between two of the probes. In the first interval it
   * adds up: a return whose call began before does not count, and a tracepoint in that call does.
   */
  private static final int MOST_APART = 2 * CALLERS;

  /** Ten ways to see the same event, of which each takes its own time to attach. */
  private static final List<String> TEN =
      List.of(
          "-C",
          "p:c:lseek64(int fd, long offset):long:offset:offset==4099#p1",
          "-H",
          "p:c:lseek64(int fd, long offset):long:offset:offset==4099#p2",
          "-C",
          "r:c:lseek64(int fd, long offset):long:$retval:$retval==4099#p3",
          "-H",
          "r:c:lseek64(int fd, long offset):u64:$latency:$entry(offset)==4099#p4",
          "-C",
          "t:syscalls:sys_enter_lseek():long:args->offset:args->offset==4099#p5",
          "-H",
          "t:syscalls:sys_exit_lseek():long:args->ret:args->ret==4099#p6",
          "-C",
          "p:c:lseek64(int fd, long offset):int:fd:offset==4099#p7",
          "-H",
          "r:c:lseek64():long:$retval:$retval==4099#p8",
          "-C",
          "t:raw_syscalls:sys_exit():long:args->ret:args->id==8&&args->ret==4099#p9",
          "-C",
          "p:c:lseek64(int fd, long offset):u64,u64:offset,offset+1:offset==4099#p10");

  private static final Pattern PROBE =
      Pattern.compile("\"label\":\"(p\\d+)\".*?\"count\":(\\d+).*?\"lost\":(\\d+)");

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void tenProbesOfOneEventCountTheSameInEachInterval(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of())) {
      CompletableFuture<?> calls = callWithoutEnd(target);
      List<String> arguments = new ArrayList<>(TEN);
      arguments.addAll(List.of("--json", "--max-overhead", "0", "-n", "3"));
      Process process = Command.start(target, arguments.toArray(new String[0]));
      List<String> intervals = new ArrayList<>();
      try (BufferedReader out = process.inputReader()) {
        out.lines().forEach(intervals::add);
      }
      assertThat(process.waitFor()).isZero();
      assertThat(calls).isNotDone();
      assertThat(intervals).hasSize(3);
      for (String interval : intervals) {
        Collection<Long> counts = counts(interval).values();
        assertThat(counts).hasSize(10).allSatisfy(count -> assertThat(count).isPositive());
        long most = counts.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertThat(counts)
            .allSatisfy(
                count -> assertThat(most - count).as(interval).isLessThanOrEqualTo(MOST_APART));
      }
    }
  }

  /** The threads of the target call until it ends. */
  private static CompletableFuture<?> callWithoutEnd(Target target) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            target.run("lseek 2000000000 4099 " + CALLERS);
          } catch (Exception e) {
            // The target has ended.
          }
        });
  }

  private static Map<String, Long> counts(String interval) {
    Map<String, Long> counts = new LinkedHashMap<>();
    Matcher probe = PROBE.matcher(interval);
    while (probe.find()) {
      assertThat(probe.group(3)).as(interval).isEqualTo("0");
      counts.put(probe.group(1), Long.valueOf(probe.group(2)));
    }
    return counts;
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void probesOfOneOptionsLineOrOneAttachStartTogether(Path jdk) throws Exception {
    String options = "-C '" + TEN.get(1) + "' -H '" + TEN.get(3) + "' -C 'p:c:nonesuch()#wrong'";
    Instant before = Instant.now();
    try (Target target = Target.withAgent(jdk, options)) {
      await().until(() -> target.has(Target.frequency("wrong")));
      assertThat(startsOf(target, Target.frequency("p1"), Target.histogram("p2")))
          .singleElement()
          .satisfies(time -> assertThat(time).isBetween(before, Instant.now()));
      assertThat(target.attribute(Target.frequency("wrong"), "Started")).isNull();
      Instant second = Instant.now();
      List<String> attach = new ArrayList<>(List.of("attach", Long.toString(target.pid())));
      attach.addAll(TEN.subList(4, 10));
      assertThat(Command.jargdist(attach.toArray(new String[0])).exit()).isZero();
      assertThat(
              startsOf(
                  target, Target.frequency("p3"), Target.histogram("p4"), Target.frequency("p5")))
          .singleElement()
          .satisfies(time -> assertThat(time).isBetween(second, Instant.now()));
      target.run("lseek 1009 4099");
      for (int i : new int[] {1, 3, 5}) {
        assertThat(target.attribute(Target.frequency("p" + i), "Count")).isEqualTo(1009L);
      }
    }
  }

  private static Set<Instant> startsOf(Target target, ObjectName... probes) throws Exception {
    Set<Instant> starts = new HashSet<>();
    for (ObjectName probe : probes) {
      await().atMost(Patience.seconds(60)).until(() -> target.attribute(probe, "Started") != null);
      starts.add(((Date) target.attribute(probe, "Started")).toInstant());
    }
    return starts;
  }

  /** An idle JVM makes calls of its own, which are not ours. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eventsOfOurThreadsAreLeftOut(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of())) {
      assertThat(namesOfOurs(target)).isEmpty();
      assertThat(namesOfOurs(target, "--count-jargdist"))
          .contains("jargdist-contro", "jargdist-client");
    }
  }

  /** The same where a bridge of the JVM's own counts, and JMX asks. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eventsOfOurThreadsAreLeftOutByTheJvmsOwnBridge(Path jdk) throws Exception {
    try (Target target =
        Target.withAgent(jdk, "-C 't:raw_syscalls:sys_enter():char*:$COMM#ours'")) {
      await().until(() -> target.has(Target.frequency("ours")));
      await().until(() -> target.attribute(Target.frequency("ours"), "Started") != null);
      target.add("count", "t:raw_syscalls:sys_enter():char*:$COMM#later");
      for (int i = 0; i < 20; i++) {
        assertThat(target.attribute(Target.frequency("ours"), "State")).isEqualTo("running");
      }
      for (String probe : List.of("ours", "later")) {
        assertThat(rows(target, probe))
            .isNotEmpty()
            .allSatisfy(row -> assertThat(row).doesNotContain("jargdist"));
      }
    }
  }

  private static List<String> rows(Target target, String frequency) throws Exception {
    return List.of((String[]) target.attribute(Target.frequency(frequency), "Top"));
  }

  private static Set<String> namesOfOurs(Target target, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(
        List.of(
            "--publish",
            "-n",
            "3",
            "-c",
            "-C",
            "t:raw_syscalls:sys_enter():char*:$COMM",
            "-C",
            "t:sched:sched_switch():char*:$COMM",
            "-C",
            "p:c:write():char*:$COMM"));
    Process process = Command.start(target, arguments.toArray(new String[0]));
    String out;
    try (BufferedReader lines = process.inputReader()) {
      out = String.join("\n", lines.lines().toList());
    }
    assertThat(process.waitFor()).isZero();
    // The JVM has threads that wake up from time to time.
    assertThat(out).contains("Monitor Deflati");
    Set<String> names = new HashSet<>();
    Matcher name = Pattern.compile("b'(jargdist[^']*)'").matcher(out);
    while (name.find()) {
      names.add(name.group(1));
    }
    return names;
  }

  /** The operator finds these numbers in the target's own logs and thread dumps. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void numbersOfProcessAndThreadAreThoseThatTheTargetSees(Path jdk) throws Exception {
    String[] behind = {
      "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", "\"$@\"; exit", "sh"
    };
    String specifier = "p:c:lseek64(int fd, long offset):u32,u32:$PID,$TID:offset==4099";
    try (Target inside = HardCalls.start(jdk, "", behind).awaitAgent()) {
      int pid = Target.ownNumber(Path.of("/proc/" + inside.pid()));
      int thread = inside.mainThread();
      String expected = String.format(Locale.ROOT, "$PID = %d, $TID = %d", pid, thread);
      // Its own bridge, which lives in the namespace, attaches this one.
      inside.add("count", specifier + "#own");
      // This user's bridge, which lives outside, attaches this one.
      Process process =
          Command.start(inside, "--publish", "-C", specifier + "#outside", "-c", "-n", "4");
      await().until(() -> inside.has(Target.frequency("outside")));
      await().until(() -> inside.attribute(Target.frequency("outside"), "Started") != null);
      inside.run("seek 211");
      assertThat(rows(inside, "own").get(1)).contains("211").endsWith(expected);
      try (BufferedReader out = process.inputReader()) {
        assertThat(out.lines().filter(line -> line.contains("211")).findFirst())
            .hasValueSatisfying(line -> assertThat(line).endsWith(expected));
      }
    }
  }
}
