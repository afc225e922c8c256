/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.FirstByte;
import io.jargdist.testing.HomeTempDir;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that argdist does not have, and how each of them ends. One JVM for all. */
class SubcommandsIT {
  private static final String SYNCS = "p:c:fsync()#syncs";
  private static final String ESCAPE = "\u001b[";

  private static Target target;
  private static String pid;

  @BeforeAll
  static void start() throws Exception {
    target = Target.start(Jdks.own(), null, List.of());
    pid = Long.toString(target.pid());
  }

  @AfterAll
  static void end() throws Exception {
    target.close();
  }

  @Test
  void checkTellsOfEachSpecifierAndAttachesNothing() throws Exception {
    try (Target fresh = Target.start(Jdks.own(), null, List.of())) {
      FirstByte fsync = FirstByte.of(fresh, "p:c:fsync()");
      String[] specifiers = {"check", "-p", Long.toString(fresh.pid()), SYNCS, "p:c:fsink()"};
      Result result = Command.jargdist(specifiers);
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.out()).startsWith("ok: " + SYNCS + "\n").doesNotContain("int probe(");
      assertThat(result.err())
          .contains("has no function \"fsink\"\n  p:c:fsink()\n      ^^^^^\nhint: did you mean");
      assertThat(fsync.isOriginal()).isTrue();
      assertThat(fresh.has(new javax.management.ObjectName("jargdist:type=Agent"))).isFalse();
    }
    assertThat(Command.jargdist("check", pid, SYNCS).out()).startsWith("ok: " + SYNCS + "\n");
    Result own = Command.jargdist("check", "--ebpf", "-H", "r:jvm:JVM_GC():u64:$latency");
    assertThat(own.exit()).isZero();
    assertThat(own.out()).startsWith("ok: r:jvm:JVM_GC()").contains("int probe(");
  }

  @Test
  void checkSaysWhatAHitCostsAndWhatCostsLess() throws Exception {
    String micros = "\\d+(\\.\\d+)? us";
    String hit = micros + " a hit( \\(" + micros + " while all \\d+ processors are hit\\))?";
    Result read = Command.jargdist("check", pid, "p:c:read(int fd):int:fd");
    assertThat(read.out().lines())
        .anyMatch(line -> line.matches("cost: (emulated|single-stepped|no trap), " + hit))
        .anyMatch(
            line ->
                line.matches(
                    "cheaper: t:syscalls:sys_enter_read\\(\\) sees the system calls themselves for "
                        + hit));
    Result returned = Command.jargdist("check", pid, "r:c:malloc():u32:$PID");
    assertThat(returned.out().lines())
        .anyMatch(line -> line.matches("cost: .* and a return, " + hit))
        .anyMatch(
            line ->
                line.matches(
                    "cheaper: p:c:malloc\\(\\) counts the same calls without "
                        + micros
                        + " for the return"));
    for (String dearAsItIs :
        List.of("r:c:fsync():u64:$latency", "r:c:malloc()", "t:syscalls:sys_enter_read()")) {
      assertThat(Command.jargdist("check", pid, dearAsItIs).out())
          .containsPattern("\ncost: .*, " + hit + "\n")
          .doesNotContain("cheaper: ");
    }
  }

  @Test
  void checkWorksWithoutPrivilegeButForTheVerifier(@TempDir(factory = HomeTempDir.class) Path cache)
      throws Exception {
    Result result =
        Command.jargdistBehind(
            List.of(
                "env",
                "XDG_CACHE_HOME=" + cache,
                "setpriv",
                "--bounding-set=-all",
                "--inh-caps=-all"),
            "check",
            SYNCS);
    assertThat(result.exit()).isZero();
    assertThat(result.out())
        .startsWith("ok: " + SYNCS)
        .endsWith("not shown to the kernel's verifier: no privilege to load programs\n");
  }

  @Test
  void probesAreListedAsSpecifiersBegin() throws Exception {
    Result reads = Command.jargdist("probes", pid, "c:rea*");
    assertThat(reads.exit()).isZero();
    assertThat(reads.out().lines())
        .contains("p:c:read()", "p:c:readlink()")
        .allMatch(line -> line.startsWith("p:c:rea"));
    assertThat(Command.jargdist("probes", pid, "u:jvm:thread__start").out())
        .isEqualTo(
            "u:jvm:thread__start()  char *name, s32 name_length, s64 java_thread, u64 native_thread, "
                + "bool is_daemon\n");
    assertThat(Command.jargdist("probes", pid, "t:syscalls:sys_enter_fsync").out())
        .isEqualTo("t:syscalls:sys_enter_fsync()  int __syscall_nr, unsigned int fd\n");
    assertThat(Command.jargdist("probes", pid).out().lines())
        .anyMatch(line -> line.matches("p:jvm:\\*  \\d{5,} functions of .*/libjvm.so"))
        .anyMatch(line -> line.matches("t:syscalls:\\*  \\d{3} tracepoints"));
    assertThat(Command.jargdist("probes", pid, "z:inflat?").out()).isEqualTo("p:z:inflate()\n");
    Result nothing = Command.jargdist("probes", pid, "c:nosuch*");
    assertThat(nothing.exit()).isEqualTo(2);
    assertThat(nothing.err()).startsWith("jargdist: nothing here matches c:nosuch*: ");
  }

  /** The names are those that a user reads from {@code c++filt}. */
  @Test
  void functionsOfTheJvmAreReadableAndSayHowTheirReturnIsProbed() throws Exception {
    Result all = Command.jargdist("probes", pid, "jvm:*");
    assertThat(all.out().lines())
        .hasSizeGreaterThan(10_000)
        .contains(
            "p:jvm:_ZN15G1CollectedHeap7collectEN7GCCause5CauseE()"
                + "  G1CollectedHeap::collect(GCCause::Cause)  (r: by return instructions)",
            "p:jvm:JVM_MonitorWait()");
    assertThat(Command.jargdist("probes", pid, "jvm:G1CollectedHeap::collec?").out().lines())
        .containsExactly(
            "p:jvm:_ZN15G1CollectedHeap7collectEN7GCCause5CauseE()"
                + "  G1CollectedHeap::collect(GCCause::Cause)  (r: by return instructions)");
    assertThat(Command.jargdist("probes", pid, "r:jvm:*").out().lines())
        .hasSizeGreaterThan(10_000)
        .contains("r:jvm:JVM_MonitorWait()");
  }

  @Test
  void attachedProbesStayUntilTheyAreDetached() throws Exception {
    FirstByte fsync = FirstByte.of(target, "p:c:fsync()");
    Result attached =
        Command.jargdist(
            "attach", pid, "--no-placement", "-C", SYNCS, "-H", "r:c:read():int:$retval#got");
    assertThat(attached.exit()).as(attached.err()).isZero();
    assertThat(attached.out())
        .isEqualTo("jargdist:type=Frequency,name=syncs\njargdist:type=Histogram,name=got\n");
    target.run("fsync 53");
    assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(53L);

    Result wrong = Command.jargdist("attach", pid, "-C", SYNCS, "-C", "p:c:fsync():int:x");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err()).contains("unknown name \"x\"");
    await().until(() -> !target.has(Target.frequency("syncs-2")));

    Result unknown = Command.jargdist("detach", pid, "sync");
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err())
        .isEqualTo("jargdist: there is no probe \"sync\"; there are: syncs, got\n");
    assertThat(Command.jargdist("detach", pid, "syncs").out()).isEqualTo("syncs\n");
    assertThat(target.has(Target.frequency("syncs"))).isFalse();
    await().until(fsync::isOriginal);
    assertThat(target.children("BridgeMain")).hasSize(1);
    assertThat(Command.jargdist("detach", pid).out()).isEqualTo("got\n");
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> target.children("BridgeMain").stream().noneMatch(Target::isRunning));
  }

  /** The JVM's own tool loads the agent, too. */
  @Test
  void jcmdLoadsTheAgent() throws Exception {
    target.loadAgent(Jdks.own(), "-C 'p:c:fsync():int:$PID#jcmd'");
    await().until(() -> target.has(Target.frequency("jcmd")));
    target.run("fsync 31");
    assertThat(target.attribute(Target.frequency("jcmd"), "Count")).isEqualTo(31L);
    assertThat(Command.jargdist("detach", pid, "jcmd").exit()).isZero();
  }

  @Test
  void jsonHasTheSameNumbers() throws Exception {
    Process process =
        Command.start(
            target,
            "--publish",
            "--json",
            "-c",
            "-n",
            "3",
            "-C",
            "p:c:write(int fd, char *b, size_t n):size_t:n:n==4099#json");
    await().until(() -> target.has(Target.frequency("json")));
    target.run("write 211 4099");
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).hasSize(3);
    JsonObject last = JsonParser.parseString(lines.get(2)).getAsJsonObject();
    JsonObject probe = last.getAsJsonArray("probes").get(0).getAsJsonObject();
    assertThat(probe.get("name").getAsString()).isEqualTo("json");
    assertThat(probe.get("count").getAsLong()).isEqualTo(211);
    assertThat(probe.get("rows")).hasToString("[{\"key\":[4099],\"count\":211}]");
  }

  @Test
  void onATerminalItRedrawsUnlessNoColorIsSet() throws Exception {
    String command =
        String.format(
            Locale.ROOT,
            "%s/bin/java -jar %s -p %s -n 2 -H 'p:c:write(int fd):int:fd#tty'",
            Jdks.own(),
            Target.JAR,
            pid);
    String coloured = onTerminal(command, Map.of("TERM", "xterm"));
    assertThat(coloured).contains(ESCAPE + "2J" + ESCAPE + "H").contains(ESCAPE + "1m[");
    String plain = onTerminal(command, Map.of("TERM", "xterm", "NO_COLOR", "1"));
    assertThat(plain.replace(ESCAPE + "K", "")).doesNotContain(ESCAPE);
  }

  private static String onTerminal(String command, Map<String, String> environment)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder("script", "-qec", command, "/dev/null");
    builder.environment().remove("NO_COLOR");
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = String.join("\n", process.inputReader().lines().toList());
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void closedOutputEndsItInOneLineAndDetaches() throws Exception {
    String script =
        String.format(
            Locale.ROOT,
            "%s/bin/java -jar %s -p %s -C 'p:c:fsync()#closed' | head -1; exit ${PIPESTATUS[0]}",
            Jdks.own(),
            Target.JAR,
            pid);
    Result result = Command.run(List.of("bash", "-c", script));
    assertThat(result.exit()).isEqualTo(3);
    assertThat(result.err())
        .isEqualTo("jargdist: nobody reads this output any more: stdout is closed\n");
    await().until(() -> !target.has(Target.frequency("closed")));
    String list =
        String.format(
            Locale.ROOT,
            "%s/bin/java -jar %s probes %s 'jvm:*' | head -1; exit ${PIPESTATUS[0]}",
            Jdks.own(),
            Target.JAR,
            pid);
    assertThat(Command.run(List.of("bash", "-c", list)).exit()).isEqualTo(3);
  }

  @Test
  void endOfTheJvmInTheMiddleIsALine() throws Exception {
    try (Target mortal = Target.start(Jdks.own(), null, List.of())) {
      Process process = Command.start(mortal, "-C", SYNCS);
      String first = process.inputReader().readLine();
      assertThat(first).startsWith("[");
      mortal.process().destroyForcibly();
      assertThat(process.waitFor()).isEqualTo(3);
      assertThat(process.errorReader().lines())
          .containsExactly("jargdist: process " + mortal.process().pid() + " has ended");
    }
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = Files.createTempFile("completion", ".bash");
    try {
      Files.writeString(script, Command.jargdist("generate-completion").out());
      List<String> answers = new ArrayList<>();
      for (String line : List.of("pro 1", "deta 1", "attach --buck 2", "--cumul 1")) {
        String[] words = line.split(" (?=\\d$)");
        Result result =
            Command.run(
                List.of(
                    "bash",
                    "-c",
                    "source "
                        + script
                        + "; compopt() { :; }; COMP_WORDS=(jargdist "
                        + words[0]
                        + "); COMP_CWORD="
                        + words[1]
                        + "; COMP_LINE=x; _complete_jargdist; echo \"${COMPREPLY[@]}\""));
        assertThat(result.err()).isEmpty();
        answers.add(result.out().strip());
      }
      assertThat(answers).containsExactly("probes", "detach", "--buckets", "--cumulative");
    } finally {
      Files.delete(script);
    }
  }
}
