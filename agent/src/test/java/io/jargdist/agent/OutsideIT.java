/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.NativeCalls;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line counts, whether or not the process answers. */
class OutsideIT {
  private static final String SYNCS = "p:c:fsync()#syncs";

  /** This option shows the test whether a JVM has printed its threads, as it does at SIGQUIT. */
  private static final String DUMPS_TO_STDERR = "-XX:+DisplayVMOutputToStderr";

  /** The longest time between two prints: twice the interval, and some more for a busy machine. */
  private static final Duration MOST = Duration.ofSeconds(4);

  /** The options of commands that go on running and print every second. */
  private static final String[] RUNS_ON = {"--publish", "--json", "-c", "-n", "1000"};

  /** Reads what a command prints as JSON, while the command runs. */
  private static final class Prints {
    private static final Pattern COUNT =
        Pattern.compile("\"name\":\"([^\"]*)\".*?\"count\":(\\d+)");
    private static final Pattern TIME = Pattern.compile("\\{\"time\":\"([^\"]*)\"");

    private final List<String> lines = new CopyOnWriteArrayList<>();

    private Prints(Process command) {
      Thread reader = new Thread(() -> command.inputReader().lines().forEach(lines::add), "prints");
      reader.setDaemon(true);
      reader.start();
    }

    private static Prints of(Process command) {
      Prints prints = new Prints(command);
      await().until(() -> !prints.lines.isEmpty());
      return prints;
    }

    /** Returns each probe's count by name, from a print that begins after this call. */
    private Map<String, Long> fromNowOn() {
      int printed = lines.size();
      await().until(() -> lines.size() >= printed + 2);
      return counts(lines.get(printed + 1));
    }

    private long count(String probe) {
      return fromNowOn().getOrDefault(probe, -1L);
    }

    private static Map<String, Long> counts(String line) {
      Map<String, Long> counts = new HashMap<>();
      Matcher count = COUNT.matcher(line);
      while (count.find()) {
        counts.put(count.group(1), Long.parseLong(count.group(2)));
      }
      return counts;
    }

    /** Returns the longest time between two prints, or from the last one until now. */
    private Duration longestGap() {
      List<Instant> times = new ArrayList<>();
      for (String line : lines) {
        Matcher time = TIME.matcher(line);
        assertThat(time.lookingAt()).as(line).isTrue();
        times.add(OffsetDateTime.parse(time.group(1)).toInstant());
      }
      times.add(Instant.now());
      Duration longest = Duration.ZERO;
      for (int i = 1; i < times.size(); i++) {
        Duration gap = Duration.between(times.get(i - 1), times.get(i));
        longest = gap.compareTo(longest) > 0 ? gap : longest;
      }
      return longest;
    }
  }

  /** Ends a command. Process.destroy would also close its output, which is still to be read. */
  private static void end(Process command) {
    command.toHandle().destroy();
  }

  private static void signal(String name, long pid) throws Exception {
    Command.run(List.of("kill", "-" + name, Long.toString(pid)));
  }

  /**
   * Checks that no signal is pending. A pending SIGQUIT would later make the JVM print all its
   * threads.
   */
  private static void assertThatNoSignalWaits(long pid) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
    assertThat(lines).contains("SigPnd:\t0000000000000000", "ShdPnd:\t0000000000000000");
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aJvmThatIsStoppedInTheMiddle(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of())) {
      Process command = Command.start(target, with(RUNS_ON, "-C", SYNCS));
      try {
        Prints prints = Prints.of(command);
        target.run("fsync 53");
        signal("STOP", target.pid());
        assertThat(prints.count("syncs")).isEqualTo(53);
        assertThat(prints.count("syncs")).isEqualTo(53);
        assertThatNoSignalWaits(target.pid());
        signal("CONT", target.pid());
        target.run("fsync 19");
        assertThat(prints.count("syncs")).isEqualTo(72);
        assertThat(prints.longestGap()).isLessThan(MOST);
      } finally {
        signal("CONT", target.pid());
        end(command);
      }
      assertThat(command.waitFor()).isZero();
    }
  }

  /** The MBeans come when the JVM goes on, with the counts of the time before. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aJvmThatIsStoppedAtTheStart(Path jdk, @TempDir Path folder) throws Exception {
    try (Target target = NativeCalls.start(jdk, folder, List.of(DUMPS_TO_STDERR));
        NativeCalls calls = NativeCalls.in(folder)) {
      long pid = target.pid();
      signal("STOP", pid);
      Process command = Command.start(target, with(RUNS_ON, "-C", SYNCS));
      try (BufferedReader errors = command.errorReader()) {
        Prints prints = Prints.of(command);
        assertThat(errors.readLine())
            .isEqualTo(
                "jargdist: no MBeans yet, but the numbers go on: process "
                    + pid
                    + " is stopped, by a signal or a debugger: kill -CONT "
                    + pid
                    + " lets it go on");
        assertThat(prints.count("syncs")).isZero();
        assertThatNoSignalWaits(pid);
        signal("CONT", pid);
        await().until(() -> target.has(Target.frequency("syncs")));
        calls.make(53);
        assertThat(prints.count("syncs")).isEqualTo(53);
        assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
        assertThat(target.errors()).doesNotContain("Full thread dump");
      } finally {
        end(command);
      }
      assertThat(command.waitFor()).isZero();
      await().until(() -> !target.has(Target.frequency("syncs")));
    }
  }

  /** The flag may be an option or stand in a file of options. */
  @ParameterizedTest
  @ValueSource(strings = {"-XX:+DisableAttachMechanism", "@"})
  void aJvmThatLetsNoAgentIn(String option, @TempDir Path folder) throws Exception {
    Path flags = Files.writeString(folder.resolve("flags"), "-XX:+DisableAttachMechanism\n");
    String given = option.equals("@") ? "-XX:VMOptionsFile=" + flags : option;
    try (Target target = Target.start(Jdks.own(), null, List.of(given))) {
      long pid = target.pid();
      Process command = Command.start(target, with(RUNS_ON, "-C", SYNCS));
      try {
        Prints prints = Prints.of(command);
        target.run("fsync 53");
        assertThat(prints.count("syncs")).isEqualTo(53);
        assertThat(prints.count("syncs")).isEqualTo(53);
      } finally {
        end(command);
      }
      assertThat(command.waitFor()).isZero();
      assertThat(command.errorReader().lines())
          .singleElement()
          .asString()
          .startsWith("jargdist: no MBeans, but the numbers go on: process " + pid);
      target.run("fsync 5");
    }
  }

  /**
   * For 20 s or more, no thread that the JVM knows does anything. One command begins before that
   * time, and another one meanwhile.
   */
  @Test
  void aJvmInLongCollections(@TempDir Path folder) throws Exception {
    List<String> options =
        List.of("-XX:+UseSerialGC", "-Xms4g", "-Xmx4g", "-Xmn256m", DUMPS_TO_STDERR);
    try (Target target = NativeCalls.start(Jdks.own(), folder, options);
        NativeCalls calls = NativeCalls.in(folder)) {
      target.run("fill");
      Process first =
          Command.start(
              target,
              with(
                  RUNS_ON,
                  "-C",
                  SYNCS,
                  "-C",
                  "u:jvm:gc__begin()#begun",
                  "-C",
                  "u:jvm:gc__end()#ended"));
      List<Process> commands = new ArrayList<>(List.of(first));
      try {
        Prints prints = Prints.of(first);
        await().until(() -> target.has(Target.frequency("ended")));
        CompletableFuture<Void> collected = inBackground(() -> target.run("collect 20"));
        await().until(() -> isCollecting(prints.fromNowOn()));
        Process second = Command.start(target, with(RUNS_ON, "-C", "p:c:fsync()#late"));
        commands.add(second);
        Prints late = Prints.of(second);
        long made = 0;
        Instant begun = Instant.now();
        while (!collected.isDone()) {
          assertThat(prints.count("syncs")).isEqualTo(made);
          assertThat(late.count("late")).isEqualTo(made);
          calls.make(53);
          made += 53;
        }
        collected.join();
        assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofSeconds(15));
        assertThat(prints.longestGap()).isLessThan(MOST);
        assertThat(late.longestGap()).isLessThan(MOST);
        await().until(() -> target.has(Target.frequency("late")));
        assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(made);
        assertThat(target.attribute(Target.frequency("late"), "Count")).isEqualTo(made);
        Map<String, Long> counts = prints.fromNowOn();
        assertThat(counts).containsEntry("syncs", made).containsEntry("ended", counts.get("begun"));
      } finally {
        commands.forEach(OutsideIT::end);
      }
      for (Process command : commands) {
        assertThat(command.waitFor()).isZero();
      }
      assertThat(commands.get(1).errorReader().lines())
          .singleElement()
          .asString()
          .startsWith("jargdist: no MBeans yet, but the numbers go on: process ");
      assertThat(target.errors()).doesNotContain("Full thread dump");
    }
  }

  /** All threads wait for a lock. The thread that holds it waits for input from outside. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aJvmWhoseThreadsAllWaitForOneLock(Path jdk, @TempDir Path folder) throws Exception {
    try (Target target = NativeCalls.start(jdk, folder, List.of());
        NativeCalls calls = NativeCalls.in(folder)) {
      target.run("block");
      Process command = Command.start(target, with(RUNS_ON, "-C", SYNCS));
      try {
        Prints prints = Prints.of(command);
        calls.make(53);
        assertThat(prints.count("syncs")).isEqualTo(53);
        target.run("release");
        await().until(() -> target.has(Target.frequency("syncs")));
        assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);
        assertThat(prints.count("syncs")).isEqualTo(53);
      } finally {
        end(command);
      }
      assertThat(command.waitFor()).isZero();
      assertThat(command.errorReader().lines()).isEmpty();
    }
  }

  @Test
  void aProgramWithoutJava(@TempDir Path folder) throws Exception {
    Path program = NativeCalls.program(folder);
    Process process = new ProcessBuilder(program.toString()).start();
    try (NativeCalls calls = NativeCalls.of(process)) {
      String pid = Long.toString(process.pid());
      List<String> listed = Command.jargdist("list").out().lines().toList();
      assertThat(listed.subList(listed.indexOf(""), listed.size()))
          .anyMatch(line -> line.startsWith(pid + " ") && line.endsWith(program.toString()))
          .allMatch(line -> line.length() < 200);

      Process command = Command.start(process.pid(), "--json", "-c", "-n", "1000", "-C", SYNCS);
      try {
        Prints prints = Prints.of(command);
        calls.make(211);
        assertThat(prints.count("syncs")).isEqualTo(211);
        assertThat(prints.count("syncs")).isEqualTo(211);
      } finally {
        end(command);
      }
      assertThat(command.waitFor()).isZero();
      assertThat(command.errorReader().lines()).isEmpty();

      Command.Result published = Command.jargdist("-p", pid, "--publish", "-n", "1", "-C", SYNCS);
      assertThat(published.exit()).isZero();
      assertThat(published.err()).contains("process " + pid + " is not a JVM");
    } finally {
      process.destroyForcibly();
    }
  }

  /** A JVM may have collected before. */
  private static boolean isCollecting(Map<String, Long> counts) {
    return counts.getOrDefault("begun", 0L) > counts.getOrDefault("ended", 0L);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> inBackground(Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            work.run();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(new String[0]);
  }
}
