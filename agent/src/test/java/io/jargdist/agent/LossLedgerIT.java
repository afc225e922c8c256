/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.HardCalls;
import io.jargdist.testing.HardProbe;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import javax.management.JMException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Each reason for a loss, provoked a known number of times. Every event is either counted or lost,
 * and lost once.
 */
class LossLedgerIT {
  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    target = HardCalls.start(Jdks.own(), "--max-overhead 0").awaitAgent();
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  /** A probe of the test's library, as the agent's options say it. */
  private record Probe(HardProbe probe) implements AutoCloseable {
    static Probe of(String options, String specifier) throws Exception {
      return new Probe(HardProbe.of(target, options, specifier));
    }

    Object get(String attribute) throws Exception {
      return probe.get(attribute);
    }

    void expect(long count, long lost, String detail) {
      // A slow machine may need more time for a reading than the agent has.
      await()
          .untilAsserted(
              () -> {
                assertThat(get("LostDetail")).isEqualTo(detail);
                assertThat(get("Lost")).isEqualTo(lost);
                assertThat(get("Count")).isEqualTo(count);
              });
    }

    @Override
    public void close() throws IOException, JMException {
      probe.close();
    }
  }

  @Test
  void newKeysOfAFullTable() throws Exception {
    try (Probe probe = Probe.of("-C", "p:LIBRARY:hard_call(long value):long:value");
        Probe larger = Probe.of("--table-entries 50000 -C", "p:LIBRARY:hard_call(long v):long:v")) {
      target.run("call 50000 50000 1");
      probe.expect(10240, 39760, "table full: 39760");
      larger.expect(50000, 0, "");
      // Keys that are in the table go on.
      target.run("call 10240 10240 1");
      probe.expect(20480, 39760, "table full: 39760");
    }
  }

  @Test
  void textThatRunsIntoUnmappedMemory() throws Exception {
    try (Probe key = Probe.of("-C", "p:LIBRARY:hard_text(char *text):char*:text");
        Probe filter =
            Probe.of("-H", "p:LIBRARY:hard_text(char *text):int:1:STREQ(\"end\", text)");
        Probe kept = Probe.of("-C", "r:LIBRARY:hard_text(char *text):char*:$entry(text)")) {
      target.run("text 101");
      key.expect(101, 202, "memory not readable: 202");
      filter.expect(101, 202, "memory not readable: 202");
      kept.expect(101, 202, "memory not readable: 202");
      assertThat((String[]) key.get("Top")).contains("\t101        text = b'end'");
    }
  }

  @Test
  void returnsBelowTheDepthThatTheKernelTraps() throws Exception {
    try (Probe plain = Probe.of("-C", "r:LIBRARY:hard_recursion():long:$retval");
        Probe timed = Probe.of("-H", "r:LIBRARY:hard_recursion():u64:$latency");
        Probe kept = Probe.of("-C", "r:LIBRARY:hard_recursion(long d):long:$entry(d)");
        Probe entries = Probe.of("-C", "p:LIBRARY:hard_recursion(long d):long:d")) {
      target.run("recurse 7 99");
      for (Probe probe : new Probe[] {plain, timed, kept}) {
        probe.expect(7 * 64, 7 * 36, "calls nested too deep: 252");
      }
      entries.expect(700, 0, "");
    }
  }

  @Test
  void returnsThatOtherProbesTookThePlaceOf() throws Exception {
    // hard_recursion calls hard_call at every depth but the deepest, where none or some of the 64
    // places are left. Nothing of hard_call's own is nested.
    try (Probe outer = Probe.of("-C", "r:LIBRARY:hard_recursion()");
        Probe inner = Probe.of("-C", "r:LIBRARY:hard_call()");
        Probe timed = Probe.of("-C", "r:LIBRARY:hard_call():u64:$latency>0")) {
      target.run("recurse 1 99");
      outer.expect(64, 36, "calls nested too deep: 36");
      inner.expect(63, 36, "entry whose return never came: 36");
      timed.expect(63, 36, "entry whose return never came: 36");
    }
  }

  @Test
  void callsLeftByLongjmp() throws Exception {
    try (Probe plain = Probe.of("-C", "r:LIBRARY:hard_jump()");
        Probe timed = Probe.of("-H", "r:LIBRARY:hard_jump():u64:$latency");
        Probe inner = Probe.of("-C", "r:LIBRARY:hard_call():u64:$latency>0")) {
      target.run("jump 1000 3");
      // The last abandoned call is noticed at the thread's next call.
      plain.expect(0, 3996, "entry whose return never came: 3996");
      target.run("jump 1 0");
      plain.expect(0, 4000, "entry whose return never came: 4000");
      timed.expect(0, 4000, "entry whose return never came: 4000");
      inner.expect(1001, 0, "");
    }
  }

  /**
   * By return instructions, since the unwinder does not find its way through replaced addresses.
   */
  @Test
  void callsLeftByAnException() throws Exception {
    try (Probe plain = Probe.of("--returns sites -C", "r:LIBRARY:hard_throw():long:1");
        Probe timed = Probe.of("--returns sites -H", "r:LIBRARY:hard_throw():u64:$latency");
        Probe entries = Probe.of("-C", "p:LIBRARY:hard_throw()")) {
      target.run("throw 1000 3");
      entries.expect(4000, 0, "");
      // The last abandoned call is noticed at the thread's next call.
      plain.expect(0, 3996, "entry whose return never came: 3996");
      target.run("throw 1 0");
      plain.expect(0, 4000, "entry whose return never came: 4000");
      timed.expect(0, 4000, "entry whose return never came: 4000");
    }
  }

  @Test
  void theSameIsLostAtReturnInstructions() throws Exception {
    try (Probe call = Probe.of("--returns sites -C", "r:LIBRARY:hard_call():u64:$latency>0");
        Probe recursion = Probe.of("--returns sites -C", "r:LIBRARY:hard_recursion():long:1");
        Probe jump = Probe.of("--returns sites -C", "r:LIBRARY:hard_jump():long:1");
        Probe meeting =
            Probe.of(
                "--returns sites --call-entries 900 -C",
                "r:LIBRARY:hard_meeting():u64:$latency>0")) {
      target.run("call 5000 1 8");
      call.expect(40_000, 0, "");
      target.run("recurse 7 99");
      recursion.expect(7 * 64, 7 * 36, "calls nested too deep: 252");
      // All calls of hard_call are seen, however many returns are waited for.
      call.expect(40_000 + 7 * 99, 0, "");
      target.run("jump 1000 3");
      target.run("jump 1 0");
      jump.expect(0, 4000, "entry whose return never came: 4000");
      target.run("meet 1 7 1000");
      meeting.expect(900, 100, "too many threads in the function: 100");
    }
  }

  @Test
  void threadsThatEndInside() throws Exception {
    try (Probe plain = Probe.of("-C", "r:LIBRARY:hard_exit()");
        Probe timed = Probe.of("-H", "r:LIBRARY:hard_exit():u64:$latency")) {
      target.run("exit 1500 0 8");
      plain.expect(0, 12000, "entry whose return never came: 12000");
      timed.expect(0, 12000, "entry whose return never came: 12000");
    }
  }

  @Test
  void moreThreadsInsideThanTheTableHolds() throws Exception {
    try (Probe plain = Probe.of("--call-entries 900 -C", "r:LIBRARY:hard_meeting()");
        Probe timed = Probe.of("--call-entries 900 -H", "r:LIBRARY:hard_meeting():u64:$latency");
        Probe larger = Probe.of("-H", "r:LIBRARY:hard_meeting(long v):u64:$entry(v)")) {
      target.run("meet 1 7 1000");
      plain.expect(1000, 0, "");
      timed.expect(900, 100, "too many threads in the function: 100");
      larger.expect(1000, 0, "");
      assertThat(larger.get("Sum")).isEqualTo(7000L);
    }
  }

  @Test
  void nothingStaysOfThreadsThatHaveEnded() throws Exception {
    // A single record that stayed of one thread in 130 would fill this table.
    try (Probe probe = Probe.of("--call-entries 64 -C", "r:LIBRARY:hard_call():u64:$latency>0")) {
      target.run("live 1000 1 8");
      probe.expect(8000, 0, "");
    }
  }

  @Test
  void commandLineSaysWhatIsLost() throws Exception {
    Process process =
        Command.start(
            target,
            "--publish",
            "-c",
            "-n",
            "3",
            "-C",
            "p:" + HardCalls.library() + ":hard_text(char *text):char*:text#texts");
    await().until(() -> target.has(Target.frequency("texts")));
    target.run("text 101");
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
        .endsWith("\t101        text = b'end'\nlost 202 (memory not readable: 202)\n");
  }
}
