/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlTest {
  private static final Caller IN_THIS_JVM = new Caller(null, null, true, false);

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // principal, host, on this machine, strangers: who it is, may change with local
        "-, -, true, false, local, true",
        "-, 127.0.0.1, true, false, local, true",
        "bob, 127.0.0.1, true, false, bob@127.0.0.1, true",
        "bob, -, true, false, bob, true",
        "-, 127.0.0.1, true, true, unauthenticated@127.0.0.1, false",
        "bob, 10.0.0.7, false, false, bob@10.0.0.7, false",
        "-, 10.0.0.7, false, false, unauthenticated@10.0.0.7, false",
      })
  void whoMayChangeProbes(
      String principal, String host, boolean near, boolean strangers, String who, boolean may) {
    Caller caller = new Caller(principal, host, near, strangers);
    assertThat(caller).hasToString(who);
    assertThat(Control.LOCAL.refusal(caller) == null).isEqualTo(may);
    assertThat(Control.ON.refusal(caller)).isNull();
    assertThat(Control.OFF.refusal(caller)).contains("--control off");
  }

  @Test
  void whoIsNotCalledByRmiIsLocal() {
    assertThat(Caller.current()).isEqualTo(IN_THIS_JVM);
  }

  @Test
  void theWordsAreThoseOfTheOption() {
    assertThat(Control.of("off")).isEqualTo(Control.OFF);
    assertThat(Control.of("local")).isEqualTo(Control.LOCAL);
    assertThat(Control.of("on")).isEqualTo(Control.ON);
    assertThatThrownBy(() -> Control.of("ON"))
        .hasMessage("--control takes off, local or on, not ON");
  }

  @Test
  void whatIsRefusedIsNotDoneAndListenersHearOfIt() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      FakeAgent.FakeHistogram probe = agent.histogram("p:c:read()#reads");
      probe.record(1, 2, 3);
      agent.control = Control.OFF;
      List<Notification> heard = new CopyOnWriteArrayList<>();
      agent.server.addNotificationListener(
          new ObjectName("jargdist:type=Agent"), (n, handback) -> heard.add(n), null, null);
      for (String[] change :
          new String[][] {
            {"type=Agent", "count", "p:c:write()"},
            {"type=Agent", "remove", "reads"},
            {"type=Agent", "execute", "list"},
            {"type=Agent", "check", "p:c:read()"},
            {"type=Histogram,name=reads", "remove"},
            {"type=Histogram,name=reads", "reset"}
          }) {
        String[] arguments = change.length > 2 ? new String[] {change[2]} : new String[0];
        assertThatThrownBy(() -> agent.invoke(change[0], change[1], arguments))
            .hasRootCauseInstanceOf(SecurityException.class)
            .hasRootCauseMessage(
                "probes cannot be changed by JMX here: the agent was started with --control off");
      }
      await().until(() -> heard.size() >= 6);
      assertThat(heard)
          .allSatisfy(n -> assertThat(n.getType()).isEqualTo("jargdist.probe.rejected"))
          .extracting(Notification::getUserData)
          .containsExactly(
              "count p:c:write()",
              "remove reads",
              "execute list",
              "check p:c:read()",
              "remove reads",
              "reset reads");
      assertThat(agent.attribute("type=Histogram,name=reads", "Count")).isEqualTo(3L);
      assertThat((String) agent.invoke("type=Histogram,name=reads", "dump")).contains("3 events");
      assertThat(agent.attribute("type=Agent", "Control")).isEqualTo("off");
    }
  }

  /** A10: refused clients wrote lines of 1 MB into the application's log, also forged ones. */
  @Test
  void whoIsRefusedWritesOneShortLineIntoTheLog() throws Exception {
    Logger logger = Logger.getLogger("io.jargdist");
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try (FakeAgent agent = new FakeAgent()) {
      agent.control = Control.OFF;
      List<String> heard = new CopyOnWriteArrayList<>();
      agent.server.addNotificationListener(
          new ObjectName("jargdist:type=Agent"),
          (n, handback) -> heard.add((String) n.getUserData()),
          null,
          null);
      List<String> forged =
          List.of(
              "x\nINFO: root logged in\r\u001b[2J\u2028\u202etxt",
              "y".repeat(20_000),
              "z".repeat(1 << 20));
      for (String text : forged) {
        assertThatThrownBy(() -> agent.invoke("type=Agent", "check", text))
            .isInstanceOf(RuntimeMBeanException.class);
      }
      assertThat(lines).hasSize(2);
      assertThat(lines)
          .allSatisfy(
              line -> {
                assertThat(line).hasSizeLessThan(500);
                assertThat(line.codePoints())
                    .noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x202e);
              });
      assertThat(lines.get(0)).contains("x\\nINFO: root logged in\\r\\x1b[2J");
      await().until(() -> heard.size() == 2);
      assertThat(heard).allSatisfy(text -> assertThat(text).hasSizeLessThan(300));
    } finally {
      logger.removeHandler(handler);
    }
  }
}
