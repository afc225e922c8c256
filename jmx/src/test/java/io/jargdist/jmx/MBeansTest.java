/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.MBeanServerDelegate;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MBeansTest {
  private static final String AGENT = "type=Agent";

  private final FakeAgent agent = new FakeAgent();

  @AfterEach
  void close() {
    agent.close();
  }

  @Test
  void theAgentShowsItsProbesInTheOrderOfTheirPublication() throws Exception {
    agent.histogram("p:c:b()#b");
    agent.frequency("p:c:a()#a");
    assertThat((ObjectName[]) agent.attribute(AGENT, "Probes"))
        .containsExactly(
            new ObjectName("jargdist:type=Histogram,name=b"),
            new ObjectName("jargdist:type=Frequency,name=a"));
    assertThat((String[]) agent.attribute(AGENT, "Specifiers"))
        .containsExactly("p:c:b()#b", "p:c:a()#a");
    assertThat(agent.attribute(AGENT, "Version")).isEqualTo("1.2.3");
    assertThat(agent.attribute(AGENT, "Bridge")).isEqualTo("running, pid 4711");
    assertThat(agent.attribute(AGENT, "Control")).isEqualTo("local");
    assertThat(agent.attribute(AGENT, "LastError")).isEqualTo("");
  }

  @Test
  void theTypeComesFirstInANameAsExportersWantIt() throws Exception {
    Object name = agent.invoke(AGENT, "histogram", "p:c:read()#reads");
    assertThat(name).hasToString("jargdist:type=Histogram,name=reads");
  }

  @Test
  void operationsReachTheAgent() throws Exception {
    agent.invoke(AGENT, "count", "  p:c:read()#reads  ");
    assertThat((String[]) agent.attribute(AGENT, "Specifiers")).containsExactly("p:c:read()#reads");
    agent.invoke(AGENT, "remove", "reads");
    assertThat((ObjectName[]) agent.attribute(AGENT, "Probes")).isEmpty();
    assertThat(agent.invoke(AGENT, "check", "p:c:read()")).isEqualTo("fine: p:c:read()");
    assertThat(agent.invoke(AGENT, "execute", "-d 3")).isEqualTo("done: -d 3");
  }

  @ParameterizedTest
  @CsvSource({
    "histogram, specifier, p:c:malloc(size_t size):size_t:size#malloc sizes",
    "count, specifier, p:c:write(int fd):int:fd#writes by fd",
    "remove, name, malloc_sizes",
  })
  void whatJConsolePutsIntoTheFieldIsExplained(String operation, String parameter, String example) {
    assertThatThrownBy(() -> agent.invoke(AGENT, operation, "String"))
        .isInstanceOf(RuntimeMBeanException.class)
        .hasRootCauseMessage(
            "replace the word String by a " + parameter + ", for example " + example);
    assertThatThrownBy(() -> agent.invoke(AGENT, operation, " "))
        .hasRootCauseMessage("give a " + parameter + ", for example " + example);
  }

  @Test
  void aHistogramMayHaveOtherBuckets() throws Exception {
    agent.invoke(AGENT, "histogram", "p:c:f(int n):int:n#fine", "log2/3");
    assertThat(agent.attribute("type=Histogram,name=fine", "Scheme")).isEqualTo("log2/3");
    assertThatThrownBy(() -> agent.invoke(AGENT, "histogram", "p:c:f(int n):int:n", "log3"))
        .hasRootCauseMessage(
            "unknown buckets \"log3\": use log2, log2/1 to log2/5, linear(MIN,MAX,STEP), or exp/0 to"
                + " exp/5, for example log2/3 or linear(0,1000,50) or exp/3");
    assertThatThrownBy(() -> agent.invoke(AGENT, "histogram", "p:c:f(int n):int:n", "String"))
        .hasRootCauseMessage("replace the word String by a scheme, for example log2/3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p:c:refused()", "p:c:defect()", "nonsense"})
  void failuresAreExceptionsOfTheJdkWithoutACause(String specifier) {
    assertThatThrownBy(() -> agent.invoke(AGENT, "histogram", specifier))
        .isInstanceOf(RuntimeMBeanException.class)
        .cause()
        .hasNoCause()
        .extracting(e -> e.getClass().getPackageName())
        .isEqualTo("java.lang");
  }

  @Test
  void listenersAreToldWhatHappensToProbes() throws Exception {
    List<Notification> heard = new CopyOnWriteArrayList<>();
    agent.server.addNotificationListener(
        new ObjectName("jargdist:" + AGENT), (n, handback) -> heard.add(n), null, null);
    agent.histogram("p:c:read()#reads");
    agent.beans.failed("reads", "the bridge died");
    agent.beans.recovered("reads");
    agent.remove("reads");
    agent.beans.rejected("nonsense", "type: no such thing");
    await().until(() -> heard.size() >= 5);
    assertThat(heard)
        .extracting(Notification::getType, Notification::getUserData, Notification::getMessage)
        .containsExactly(
            tuple("jargdist.probe.added", "reads", "local: reads counts p:c:read()#reads"),
            tuple("jargdist.probe.failed", "reads", "reads: the bridge died"),
            tuple("jargdist.probe.recovered", "reads", "reads counts again"),
            tuple("jargdist.probe.removed", "reads", "local: reads was removed"),
            tuple("jargdist.probe.rejected", "nonsense", "local: type: no such thing"));
    assertThat(heard)
        .extracting(Notification::getSequenceNumber)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void publishingAgainChangesNothing() throws Exception {
    FakeAgent.FakeHistogram probe = agent.histogram("p:c:read()#reads");
    List<Notification> heard = new CopyOnWriteArrayList<>();
    agent.server.addNotificationListener(
        new ObjectName("jargdist:" + AGENT), (n, handback) -> heard.add(n), null, null);
    assertThat(agent.beans.publish(probe)).hasToString("jargdist:type=Histogram,name=reads");
    // They come in order, so nothing was sent before this one.
    agent.beans.recovered("reads");
    await().until(() -> !heard.isEmpty());
    assertThat(heard).extracting(Notification::getType).containsExactly("jargdist.probe.recovered");
    assertThat((ObjectName[]) agent.attribute(AGENT, "Probes")).hasSize(1);
  }

  @Test
  void aSecondAgentOnTheSameServerIsRefusedWithTheReason() {
    assertThatThrownBy(() -> new MBeans(agent.server, agent))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "jargdist:type=Agent is already registered: is there a second jargdist in this JVM?");
  }

  @Test
  void closingRemovesEverythingAndMayBeRepeated() {
    agent.histogram("p:c:read()");
    agent.frequency("p:c:write()");
    int others = agent.server.getMBeanCount() - 3;
    agent.beans.close();
    agent.beans.close();
    assertThat(agent.server.getMBeanCount()).isEqualTo(others);
  }

  @Test
  void aListenerThatThrowsDoesNoHarm() throws Exception {
    agent.server.addNotificationListener(
        MBeanServerDelegate.DELEGATE_NAME,
        (n, handback) -> {
          throw new IllegalStateException("a listener of the application");
        },
        null,
        null);
    assertThatCode(
            () -> {
              agent.histogram("p:c:read()#reads");
              agent.remove("reads");
            })
        .doesNotThrowAnyException();
  }
}
