/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Probes that cost too much, or whose time is over, go by themselves; their numbers stay. */
class OverheadIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Events that a filter drops cost, too. */
  private static final String STORM = "p:c:malloc(size_t size):size_t:size:size==4099";

  private static final String ALLOCATIONS = "allocate 50000 64";
  private static Target target;

  @BeforeAll
  static void start() throws IOException {
    target = HardCalls.start(Jdks.own(), "-C '" + STORM + "#start'").awaitAgent();
    await().until(() -> target.has(Target.frequency("start")));
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  private static Object get(String name, String attribute) throws Exception {
    return target.attribute(Target.frequency(name), attribute);
  }

  private static String state(String name) throws Exception {
    return (String) get(name, "State");
  }

  /** Returns the time in ns. */
  private static long timeOfAllocations() throws IOException {
    long start = System.nanoTime();
    target.run(ALLOCATIONS);
    return System.nanoTime() - start;
  }

  @Test
  void aStormIsLeftAloneAndTheApplicationRecovers() throws Exception {
    List<String> news = new CopyOnWriteArrayList<>();
    target
        .mbeans()
        .addNotificationListener(
            new ObjectName("jargdist:type=Agent"),
            (notification, handback) ->
                news.add(notification.getType() + " " + notification.getMessage()),
            null,
            null);
    target.run("allocate 103 4099");
    assertThat(get("start", "Count")).isEqualTo(103L);
    assertThat(state("start")).isEqualTo("running");
    long probed = Long.MAX_VALUE;
    double hits = 0;
    double percent = 0;
    while (state("start").equals("running")) {
      long time = timeOfAllocations();
      hits = Math.max(hits, (double) get("start", "HitsPerSecond"));
      percent = Math.max(percent, (double) get("start", "OverheadPercent"));
      // It is paced for a moment, which tells that this cannot be told, and is detached then.
      boolean always = ((String[]) get("start", "Warnings")).length == 0;
      probed = always && state("start").equals("running") ? Math.min(probed, time) : probed;
    }
    assertThat(hits).isGreaterThan(1000);
    assertThat(percent).isGreaterThan(5);

    long slow = probed;
    await().atMost(PATIENCE).until(() -> timeOfAllocations() < slow / 3);
    String reason = " of a CPU for 3 s, and --max-overhead allows 5 %: ";
    assertThat(state("start")).startsWith("detached: it cost ").contains(reason);
    assertThat((String) get("start", "LastError")).contains(reason).contains("hits per second of");
    assertThat((String) target.agentAttribute("LastError"))
        .startsWith("start was detached: ")
        .contains(reason);
    await()
        .untilAsserted(
            () ->
                assertThat(news)
                    .anyMatch(
                        each ->
                            each.startsWith("jargdist.probe.detached start: it cost ")
                                && each.contains(reason)));
    target.run("allocate 107 4099");
    assertThat(get("start", "Count")).isEqualTo(103L);
    assertThat(get("start", "Lost")).isEqualTo(0L);
    assertThat(get("start", "HitsPerSecond")).isEqualTo(0.0);
    assertThat(get("start", "OverheadPercent")).isEqualTo(0.0);
  }

  @Test
  void theCommandLineSaysSoAndEndsWithItsLastProbe() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Command.Result> command =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Command.jargdist("-p", "" + target.pid(), "-C", STORM + "#command");
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              } finally {
                ended.set(true);
              }
            });
    while (!ended.get()) {
      target.run(ALLOCATIONS);
    }
    Command.Result result = command.join();
    assertThat(result.err())
        .contains("jargdist: warning: " + STORM + "#command: attached all the time, it cost ")
        .contains("jargdist: " + STORM + "#command was detached: it cost ")
        .contains("it cannot be paced either")
        .contains("--max-overhead allows 5 %");
    assertThat(result.out()).contains("command\n");
    assertThat(result.exit()).isEqualTo(1);
  }

  @Test
  void aTimeToLiveEndsAlsoWithAnotherBridge() throws Exception {
    long start = System.nanoTime();
    target.agent("execute", "--ttl 6s -C '" + STORM + "#short'");
    target.agent("execute", "--max-overhead 0 --ttl 1h -C '" + STORM + "#long'");
    target.run("allocate 53 4099");
    assertThat(get("short", "Count")).isEqualTo(53L);
    assertThat(get("long", "Count")).isEqualTo(53L);
    target.children("BridgeMain").forEach(ProcessHandle::destroyForcibly);
    await().atMost(PATIENCE).until(() -> state("long").equals("running"));
    target.run("allocate 59 4099");
    assertThat(get("long", "Count")).isEqualTo(53L + 59L);
    await().atMost(PATIENCE).until(() -> state("short").startsWith("detached: "));
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofSeconds(6).toNanos());
    assertThat(state("short")).isEqualTo("detached: its time is over (--ttl)");
    assertThat(get("short", "LastError")).isIn("", "the bridge ended");
    assertThat((Long) get("short", "Count")).isGreaterThanOrEqualTo(53L);
    assertThat(state("long")).isEqualTo("running");

    Command.Result result =
        Command.jargdist("-p", "" + target.pid(), "--ttl", "1", "-C", STORM + "#brief");
    assertThat(result.err()).contains("#brief was detached: its time is over (--ttl)");
    assertThat(result.exit()).isZero();
  }

  @Test
  void limitsThatAreNoneAreRefused() throws Exception {
    for (String bad : List.of("--ttl 0", "--ttl 5x", "--ttl", "--max-overhead -1")) {
      assertThatThrownBy(() -> target.agent("execute", "-C '" + STORM + "' " + bad))
          .hasMessageContaining(bad.split(" ")[0]);
    }
    Command.Result result =
        Command.jargdist("-p", "" + target.pid(), "-C", STORM, "--max-overhead", "some");
    assertThat(result.err()).contains("--max-overhead takes a percentage of what the process uses");
    assertThat(result.exit()).isEqualTo(2);
  }
}
