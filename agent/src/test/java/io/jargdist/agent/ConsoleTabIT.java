/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import io.jargdist.testing.JConsole;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tab in a real JConsole: {@code jconsole -pluginpath jargdist.jar PID}. */
class ConsoleTabIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String OFFSETS =
      "p:c:lseek64(int fd, long offset):long:offset:offset==4099||offset==71#offsets";

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void showsAndChangesTheProbesOfTheJvm(Path jdk) throws Exception {
    Skips.unless(JConsole.missing(jdk).isEmpty(), JConsole.missing(jdk));
    try (Target target = Target.start(jdk, null, List.of());
        JConsole console = JConsole.start(jdk, target.pid())) {
      await(() -> assertThat(console.ask("click Insecure_connection")).isEqualTo("clicked"));
      await(() -> assertThat(console.ask("tab jargdist")).isEqualTo("chosen"));
      loadsTheAgent(console, target);
      explainsWhatIsWrong(console);
      showsExactNumbers(console, target);
      countsByKeys(console, target);
      Path shot = Path.of("target", "console-" + jdk.getFileName() + ".png").toAbsolutePath();
      assertThat(console.ask("shot " + shot)).isEqualTo("taken");
      assertThat(Files.size(shot)).isGreaterThan(10_000);
      removesAfterASecondClick(console, target);
      marksTextsThatAreCut(console, target);
      addsUpByKeys(console, target);
      showsAHistogramOfEachKey(console, target);
      saysThatItMayNot(console, target);
      target.process().destroyForcibly();
      await(
          () ->
              assertThat(console.text("status"))
                  .contains("not connected", "these are the numbers of"));
      assertThat(console.text("probes")).contains("offsets");
    }
  }

  private static void loadsTheAgent(JConsole console, Target target) throws Exception {
    await(() -> assertThat(console.text("no-agent")).startsWith("jargdist is not loaded"));
    assertThat(target.children("BridgeMain")).isEmpty();
    assertThat(console.text("load")).isEqualTo("Load jargdist into process " + target.pid());
    assertThat(console.ask("click jargdist.load")).isEqualTo("clicked");
    await(() -> assertThat(console.text("none")).contains("There are no probes"));
  }

  private static void explainsWhatIsWrong(JConsole console) throws Exception {
    console.ask("set jargdist.specifier r:c:read():int:$retvl");
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(
        () ->
            assertThat(console.text("answer"))
                .contains(
                    "$retvl", "\n  r:c:read():int:$retvl\n                 ^^^^^^", "$retval"));
    console.ask("set jargdist.specifier " + OFFSETS);
    assertThat(console.ask("click jargdist.check")).isEqualTo("clicked");
    await(() -> assertThat(console.text("answer")).contains("lseek64"));
  }

  private static void showsExactNumbers(JConsole console, Target target) throws Exception {
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(() -> assertThat(console.text("name")).isEqualTo("offsets"));
    target.run("lseek 101 4099");
    target.run("lseek 53 71");
    await(() -> assertThat(console.text("figures")).startsWith("events\n154\n"));
    assertThat(console.text("counts").lines())
        .startsWith("64 \u2013 127|53|34.4 %|34.4 %")
        .endsWith("4,096 \u2013 8,191|101|65.6 %|100.0 %")
        .hasSize(7);
    assertThat(console.text("bars")).startsWith("64 \u2013 127: 53\n").endsWith(": 101\n");
    assertThat(console.text("figures")).contains("min\n64\n", "max\n8,191\n", "mean\n2,713");
    assertThat(console.text("state")).startsWith("running since ");
    assertThat(console.text("lost")).isEqualTo("absent");
    console.ask("sort jargdist.counts 1");
    console.ask("sort jargdist.counts 1");
    assertThat(console.text("counts"))
        .startsWith("4,096 \u2013 8,191|101|")
        .contains("\n64 \u2013 127|53|");
    console.ask("sort jargdist.counts 0");

    console.ask("click jargdist.interval");
    await(() -> assertThat(console.text("bars")).isEqualTo("No events in the last interval."));
    console.ask("click jargdist.cumulative");
    await(() -> assertThat(console.text("heatmap")).endsWith(" 7 buckets"));
  }

  private static void countsByKeys(JConsole console, Target target) throws Exception {
    console.ask("set jargdist.form Count by");
    console.ask(
        "set jargdist.specifier p:c:lseek64(int fd, long offset):long:offset:offset==4099||offset==71#keys");
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(() -> assertThat(console.text("name")).isEqualTo("keys"));
    target.run("lseek 7 4099");
    target.run("lseek 11 71");
    await(
        () ->
            assertThat(console.text("counts"))
                .isEqualTo("71|11|61.1 %|61.1 %\n4099|7|38.9 %|100.0 %"));
    assertThat(console.text("heatmap")).isEqualTo("absent");
    console.ask("select jargdist.probes 0");
    await(() -> assertThat(console.text("figures")).startsWith("events\n172\n"));
  }

  private static void removesAfterASecondClick(JConsole console, Target target) throws Exception {
    console.ask("select jargdist.probes 1");
    await(() -> assertThat(console.text("name")).isEqualTo("keys"));
    console.ask("click jargdist.remove");
    await(() -> assertThat(console.text("remove")).isEqualTo("Click again to remove"));
    assertThat(target.has(Target.frequency("keys"))).isTrue();
    console.ask("click jargdist.remove");
    await(() -> assertThat(console.text("name")).isEqualTo("offsets"));
    assertThat(target.has(Target.frequency("keys"))).isFalse();
    target.agent("count", "p:c:fsync()#others");
    await(() -> assertThat(console.text("probes")).contains("others"));
  }

  private static void marksTextsThatAreCut(JConsole console, Target target) throws Exception {
    console.ask(
        "set jargdist.specifier p:c:access(char *path):char*:path:STRCMP(\"/no/such/\",path)#paths");
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(() -> assertThat(console.text("name")).isEqualTo("paths"));
    String whole = "/no/such/" + "x".repeat(71);
    String start = "/no/such/" + "y".repeat(71);
    target.run("access 3 " + whole);
    target.run("access 2 " + start + "z");
    await(
        () -> assertThat(console.text("bars")).isEqualTo(whole + ": 3\n" + start + "\u2026: 2\n"));
    assertThat(console.text("figures")).endsWith("keys cut at -z\n1");
  }

  private static void addsUpByKeys(JConsole console, Target target) throws Exception {
    console.ask("set jargdist.form Sum of");
    console.ask(
        "set jargdist.specifier p:c:lseek64(int fd, long offset):long,long:offset-100,offset"
            + ":offset==4099||offset==71#summed");
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(() -> assertThat(console.text("name")).isEqualTo("summed"));
    target.run("lseek 7 4099");
    target.run("lseek 11 71");
    await(
        () ->
            assertThat(console.text("counts"))
                .isEqualTo("4099|27,993|98.9 %|98.9 %\n71|-319|1.1 %|100.0 %"));
    assertThat(console.text("figures")).isEqualTo("events\n18\nkeys\n2\nsum\n27,674");
  }

  private static void showsAHistogramOfEachKey(JConsole console, Target target) throws Exception {
    console.ask("set jargdist.form Histogram of");
    console.ask(
        "set jargdist.specifier p:c:lseek64(int fd, long offset):long,long:offset,offset+1"
            + ":offset==4099||offset==71#keyed");
    assertThat(console.ask("click jargdist.add")).isEqualTo("clicked");
    await(() -> assertThat(console.text("name")).isEqualTo("keyed"));
    target.run("lseek 7 4099");
    target.run("lseek 11 71");
    await(() -> assertThat(console.text("keys")).isEqualTo("all together|18\n72|11\n4100|7"));
    assertThat(console.text("figures")).startsWith("events\n18\n");
    console.ask("select jargdist.keys 2");
    await(() -> assertThat(console.text("figures")).startsWith("events\n7\n"));
    assertThat(console.text("bars")).isEqualTo("4,096 \u2013 8,191: 7\n");
    console.ask("select jargdist.keys 0");
    await(() -> assertThat(console.text("figures")).startsWith("events\n18\n"));
  }

  private static void saysThatItMayNot(JConsole console, Target target) throws Exception {
    VirtualMachine vm = VirtualMachine.attach(Long.toString(target.pid()));
    vm.loadAgent(Target.JAR.toString(), "--control off");
    vm.detach();
    console.ask("click jargdist.add");
    await(() -> assertThat(console.text("answer")).contains("--control off"));
  }

  private static void await(ThrowingRunnable seen) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(seen);
  }
}
