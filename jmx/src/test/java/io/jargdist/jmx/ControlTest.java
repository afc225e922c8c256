/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import javax.management.Notification;
import javax.management.ObjectName;
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
      List<Notification> heard = new ArrayList<>();
      agent.server.addNotificationListener(
          new ObjectName("jargdist:type=Agent"), (n, handback) -> heard.add(n), null, null);
      for (String[] change :
          new String[][] {
            {"type=Agent", "count", "p:c:write()"},
            {"type=Agent", "remove", "reads"},
            {"type=Agent", "execute", "list"},
            {"type=Histogram,name=reads", "remove"},
            {"type=Histogram,name=reads", "reset"}
          }) {
        String[] arguments = change.length > 2 ? new String[] {change[2]} : new String[0];
        assertThatThrownBy(() -> agent.invoke(change[0], change[1], arguments))
            .hasRootCauseInstanceOf(SecurityException.class)
            .hasRootCauseMessage(
                "probes cannot be changed by JMX here: the agent was started with --control off");
      }
      assertThat(heard).hasSize(5);
      assertThat(heard)
          .allSatisfy(n -> assertThat(n.getType()).isEqualTo("jargdist.probe.rejected"))
          .extracting(Notification::getUserData)
          .containsExactly(
              "count p:c:write()", "remove reads", "execute list", "remove reads", "reset reads");
      assertThat(agent.attribute("type=Histogram,name=reads", "Count")).isEqualTo(3L);
      assertThat(agent.invoke("type=Agent", "check", "p:c:read()")).isEqualTo("fine: p:c:read()");
      assertThat((String) agent.invoke("type=Histogram,name=reads", "dump")).contains("3 events");
      assertThat(agent.attribute("type=Agent", "Control")).isEqualTo("off");
    }
  }
}
