/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Index.atIndex;

import io.jargdist.jmx.FakeAgent.FakeHistogram;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Sampling;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanAttributeInfo;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistogramBeanTest {
  private static final String BEAN = "type=Histogram,name=sizes";

  private final FakeAgent agent = new FakeAgent();
  private final FakeHistogram probe =
      agent.histogram("p:c:write(int fd, void *b, size_t n):size_t:n#sizes");

  @AfterEach
  void close() {
    agent.close();
  }

  private Object get(String attribute) throws Exception {
    return agent.attribute(BEAN, attribute);
  }

  private List<String> rows(String attribute) throws Exception {
    return List.of((String[]) get(attribute));
  }

  /** The rows as {@code le=value}, in order. */
  private List<String> buckets() throws Exception {
    return buckets(BEAN);
  }

  private List<String> buckets(String bean) throws Exception {
    List<String> rows = new ArrayList<>();
    for (Object row : ((TabularData) agent.attribute(bean, "Buckets")).values()) {
      CompositeData data = (CompositeData) row;
      rows.add(data.get("le") + "=" + data.get("value"));
    }
    return rows;
  }

  private List<String> bounds() throws Exception {
    return buckets().stream().map(row -> row.substring(0, row.indexOf('='))).toList();
  }

  @Test
  void whatAPacedProbeHasSeenStandsForMore() throws Exception {
    assertThat(get("Coverage")).isEqualTo(Double.NaN);
    probe.record(5, 5);
    probe.sampling = new Sampling(5_000_000_000L, 500_000_000L, 20.4, 1, 2);
    assertThat(get("Coverage")).isEqualTo(0.1);
    CompositeData estimate = (CompositeData) get("Estimate");
    assertThat(estimate.get("count")).isEqualTo(20L);
    assertThat(estimate.get("low")).isEqualTo(16L);
    assertThat(estimate.get("high")).isEqualTo(24L);
    agent.invoke(BEAN, "reset");
    probe.sampling = probe.sampling.plus(Sampling.whole(500, 3));
    assertThat(get("Coverage")).isEqualTo(1.0);
    assertThat(((CompositeData) get("Estimate")).get("count")).isEqualTo(3L);
  }

  @Test
  void theAttributesShowWhatWasCounted() throws Exception {
    probe.record(5, 5, 6, 100);
    probe.lose(Loss.READ_FAILED, 3);
    assertThat(get("Specifier")).isEqualTo(probe.specifier());
    assertThat(get("Unit")).isEqualTo("bytes");
    assertThat(get("State")).isEqualTo("running");
    assertThat(get("Started")).isEqualTo(Date.from(FakeAgent.STARTED));
    assertThat(get("LastError")).isEqualTo("");
    assertThat(get("Count")).isEqualTo(4L);
    assertThat(get("Sum")).isEqualTo(116L);
    assertThat(get("Lost")).isEqualTo(3L);
    assertThat(get("LostDetail")).isEqualTo("memory not readable: 3");
    assertThat(get("Min")).isEqualTo(4.0);
    assertThat(get("Max")).isEqualTo(127.0);
    assertThat(get("Mean")).isEqualTo(29.0);
    assertThat(get("50thPercentile")).isEqualTo(6.0);
    assertThat(get("75thPercentile")).isEqualTo(7.0);
    assertThat((long[]) get("Counts")).hasSize(128).contains(3, atIndex(64 + 3));
    assertThat(rows("Histogram"))
        .hasSize(8)
        .startsWith("     sizes               : count     distribution");
  }

  @Test
  void withoutEventsNumbersOfValuesAreNaNAndThereAreNoRows() throws Exception {
    for (String attribute : List.of("Min", "Max", "Mean", "50thPercentile", "999thPercentile")) {
      assertThat((Double) get(attribute)).isNaN();
    }
    assertThat(rows("Histogram")).isEmpty();
    assertThat(buckets()).hasSize(64).allMatch(row -> row.endsWith("=0"));
  }

  @Test
  void bucketsAreCumulativeAndEndWithInfinity() throws Exception {
    probe.record(0, 5, 5, 9);
    assertThat(buckets())
        .hasSize(64)
        .startsWith("1=1", "3=1", "7=3", "15=4", "31=4")
        .endsWith("9223372036854775807=4", "+Inf=4");
  }

  @Test
  void bucketsOfSeveralJvmsAddUp() throws Exception {
    probe.record(5);
    List<String> low = bounds();
    probe.record(1L << 40);
    assertThat(bounds()).isEqualTo(low);
  }

  @Test
  void negativeValuesHaveBucketsOfTheirOwn() throws Exception {
    probe.record(-11, -1, 2);
    assertThat(buckets()).startsWith("-8=1", "-4=1", "-2=1", "-1=2", "1=2", "3=3", "7=3");
  }

  @Test
  void otherBucketsAreAsTheirSchemeSays() throws Exception {
    String bean = "type=Histogram,name=linear";
    FakeHistogram linear =
        agent.histogram("p:c:f(int n):int:n#linear", BucketScheme.parse("linear(0,30,10)"));
    linear.record(-4, 0, 9, 25, 30);
    assertThat(agent.attribute(bean, "Scheme")).isEqualTo("linear(0,30,10)");
    assertThat(agent.attribute(bean, "PercentileError"))
        .isEqualTo("at most 9; below 0 and from 30 on not known, shown as infinity");
    assertThat((long[]) agent.attribute(bean, "Counts")).containsExactly(1, 2, 0, 1, 1);
    assertThat(agent.attribute(bean, "Sum")).isEqualTo(60L);
    assertThat(buckets(bean)).containsExactly("-1=1", "9=3", "19=3", "29=4", "+Inf=5");
    assertThat(List.of((String[]) agent.attribute(bean, "Histogram")))
        .hasSize(6)
        .last()
        .isEqualTo(
            "        30 -> +inf       : 1        |********************                    |");
    assertThat(get("Scheme")).isEqualTo("log2");
  }

  @Test
  void bucketsThatNoValueCanBeInHaveNoRow() throws Exception {
    BucketScheme unsigned = BucketScheme.parse("linear(0,30,10)").withSigned(false);
    agent.histogram("p:c:f(u64 n):u64:n#unsigned", unsigned).record(0, 9, 30);
    assertThat(buckets("type=Histogram,name=unsigned"))
        .containsExactly("9=2", "19=2", "29=2", "+Inf=3");
    agent
        .histogram("p:c:f(u64 n):u64:n#exp", BucketScheme.parse("exp/1").withSigned(false))
        .record(0, 2, 3, 4, 5, 8, 9);
    assertThat(buckets("type=Histogram,name=exp"))
        .startsWith("0=1", "1=1", "2=2", "4=4", "5=5", "8=6", "11=7", "16=7")
        .endsWith("13043817825332782212=7", "18446744073709551615=7", "+Inf=7");
  }

  @Test
  void bucketsNeverLoseARow() throws Exception {
    probe.record(-2, 9);
    agent.invoke(BEAN, "reset");
    probe.record(2);
    assertThat(buckets()).startsWith("-2=0", "-1=0", "1=0", "3=1", "7=1", "15=1");
  }

  @Test
  void resetCountsFromZeroWithoutClearingAnything() throws Exception {
    probe.record(5, 6);
    probe.lose(Loss.RECURSION, 2);
    agent.invoke(BEAN, "reset");
    probe.record(100);
    assertThat(get("Count")).isEqualTo(1L);
    assertThat(get("Sum")).isEqualTo(100L);
    assertThat(get("Lost")).isEqualTo(0L);
    assertThat(probe.read().count()).isEqualTo(3);
  }

  @Test
  void aRequestForManyAttributesAsksTheBridgeOnce() throws Exception {
    ObjectName name = new ObjectName("jargdist:" + BEAN);
    List<String> names = new ArrayList<>();
    for (MBeanAttributeInfo info : agent.server.getMBeanInfo(name).getAttributes()) {
      names.add(info.getName());
    }
    AttributeList values = agent.server.getAttributes(name, names.toArray(new String[0]));
    assertThat(values.asList()).extracting(Attribute::getName).containsExactlyElementsOf(names);
    assertThat(probe.reads).isEqualTo(1);
  }

  @Test
  void fixedAttributesDoNotAskTheBridge() throws Exception {
    assertThat(get("Specifier")).isEqualTo(probe.specifier());
    assertThat(get("Started")).isNotNull();
    assertThat(probe.reads).isZero();
  }

  @Test
  void anIntervalEndsWithAReadingAtLeastASecondAfterThePrevious() throws Exception {
    probe.record(1);
    agent.passSeconds(0.5);
    assertThat(rows("Interval")).as("the first second is not over").isEmpty();
    agent.passSeconds(0.5);
    assertThat(rows("Interval")).hasSize(2).last().asString().contains(": 1 ");
    probe.record(1, 1, 1);
    agent.passSeconds(0.9);
    assertThat(rows("Interval")).last().asString().contains(": 1 ");
    agent.passSeconds(5);
    assertThat(rows("Interval")).last().asString().contains(": 3 ");
    agent.passSeconds(1);
    assertThat(rows("Interval")).as("nothing happened").isEmpty();
  }

  @Test
  void readingsOfOtherAttributesDoNotEndAnInterval() throws Exception {
    probe.record(1);
    agent.passSeconds(2);
    assertThat(get("Count")).isEqualTo(1L);
    probe.record(1);
    agent.passSeconds(2);
    assertThat(rows("Interval")).last().asString().contains(": 2 ");
  }

  @Test
  void aResetHasNoInfluenceOnTheInterval() throws Exception {
    probe.record(1, 1);
    agent.passSeconds(1);
    agent.invoke(BEAN, "reset");
    assertThat(rows("Interval")).last().asString().contains(": 2 ");
  }

  @Test
  void whenTheBridgeDoesNotAnswerTheLastNumbersStayAndStateSaysWhy() throws Exception {
    probe.record(5);
    assertThat(get("Count")).isEqualTo(1L);
    probe.record(5);
    probe.silence = "the connection was closed";
    agent.passSeconds(2);
    assertThat(get("Count")).isEqualTo(1L);
    assertThat(get("State")).isEqualTo("no answer: the connection was closed");
    assertThat(get("LastError")).isEqualTo("the connection was closed");
    assertThat(rows("Interval")).isEmpty();
    assertThat((String) agent.invoke(BEAN, "dump"))
        .contains("1 events, 0 lost\nas last known: the connection was closed\n");
    assertThatThrownBy(() -> agent.invoke(BEAN, "reset"))
        .isInstanceOf(RuntimeMBeanException.class)
        .hasRootCauseExactlyInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("not reset, the connection was closed");
    probe.silence = null;
    assertThat(get("State")).isEqualTo("running");
    assertThat(get("Count")).isEqualTo(2L);
  }

  @Test
  void dumpShowsTheSpecifierTheLossesAndTheRows() throws Exception {
    probe.record(0);
    probe.lose(Loss.TABLE_FULL, 2);
    assertThat(agent.invoke(BEAN, "dump"))
        .isEqualTo(
            probe.specifier()
                + "\n1 events, 2 lost (table full: 2)"
                + "\n     sizes               : count     distribution"
                + "\n         0 -> 1          : 1        |****************************************|");
  }

  @Test
  void removeUnregisters() throws Exception {
    agent.invoke(BEAN, "remove");
    assertThat(agent.server.isRegistered(new ObjectName("jargdist:" + BEAN))).isFalse();
  }

  @Test
  void whatDoesNotExistIsRefusedAsJmxHasIt() {
    assertThatThrownBy(() -> get("Nonsense")).isInstanceOf(AttributeNotFoundException.class);
    assertThatThrownBy(() -> agent.invoke(BEAN, "nonsense"))
        .isInstanceOf(ReflectionException.class)
        .hasMessage("no operation nonsense with 0 parameters");
    assertThatThrownBy(
            () ->
                agent.server.setAttribute(
                    new ObjectName("jargdist:" + BEAN), new Attribute("Count", 0L)))
        .isInstanceOf(AttributeNotFoundException.class)
        .hasMessage("Count cannot be set");
  }

  @Test
  void countersAndGaugesSayTheirUnit() throws Exception {
    Map<String, String> units = new HashMap<>();
    for (MBeanAttributeInfo info :
        agent.server.getMBeanInfo(new ObjectName("jargdist:" + BEAN)).getAttributes()) {
      units.put(info.getName(), String.valueOf(info.getDescriptor().getFieldValue("units")));
    }
    assertThat(units)
        .containsEntry("Count", "events")
        .containsEntry("99thPercentile", "bytes")
        .containsEntry("State", "null");
  }
}
