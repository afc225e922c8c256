/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.jmx.FakeAgent.FakeSum;
import io.jargdist.snapshot.KeyColumn;
import java.util.List;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SumBeanTest {
  private static final String BEAN = "type=Sum,name=x";
  private static final KeyColumn FD = new KeyColumn("fd", false);

  private final FakeAgent agent = new FakeAgent();

  @AfterEach
  void close() {
    agent.close();
  }

  private TabularData sums() throws Exception {
    return (TabularData) agent.attribute(BEAN, "Sums");
  }

  private List<String> rows(String attribute) throws Exception {
    return List.of((String[]) agent.attribute(BEAN, attribute));
  }

  @Test
  void rowsAreIndexedByTheKeyAndTheLargestSumComesFirst() throws Exception {
    FakeSum probe = agent.sum("p:c:f()#x", FD);
    probe.record(-7, "1");
    probe.record(40, "3");
    probe.record(2, "3");
    TabularData table = sums();
    assertThat(table.getTabularType().getIndexNames()).containsExactly("fd");
    CompositeData row = table.get(new Object[] {"3"});
    assertThat(row.get("sum")).isEqualTo(42L);
    assertThat(row.get("events")).isEqualTo(2L);
    assertThat(((CompositeData) table.values().iterator().next()).get("sum")).isEqualTo(42L);
    assertThat(agent.attribute(BEAN, "Count")).isEqualTo(3L);
    assertThat(agent.attribute(BEAN, "Sum")).isEqualTo(35L);
    assertThat(agent.attribute(BEAN, "Keys")).isEqualTo(2L);
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(0L);
    assertThat(agent.attribute(BEAN, "Unit")).isEqualTo("bytes");
    assertThat(rows("Top")).hasSize(3).last().isEqualTo("\t42                   2          fd = 3");
  }

  @Test
  void oneSumWithoutAKeyIsOneRow() throws Exception {
    agent.sum("p:c:f()#x").record(Long.MIN_VALUE);
    assertThat(sums().get(new Object[] {"total calls"}).get("sum")).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aLongTableIsCutAndTheSumIsOfAll() throws Exception {
    FakeSum probe = agent.sum("p:c:f()#x", FD);
    for (int i = 1; i <= 1234; i++) {
      probe.record(i, Integer.toString(i));
    }
    assertThat(sums().size()).isEqualTo(1000);
    assertThat(sums().containsKey(new Object[] {"235"})).isTrue();
    assertThat(sums().containsKey(new Object[] {"234"})).isFalse();
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(234L);
    assertThat(agent.attribute(BEAN, "Sum")).isEqualTo(1234L * 1235 / 2);
  }

  @Test
  void resetAndIntervalCountFromTheirOwnStart() throws Exception {
    FakeSum probe = agent.sum("p:c:f()#x", FD);
    probe.record(2, "1");
    agent.passSeconds(1);
    assertThat(rows("Interval")).contains("\t2                    1          fd = 1");
    agent.invoke(BEAN, "reset");
    probe.record(-5, "7");
    agent.passSeconds(1);
    assertThat(rows("Interval")).hasSize(2).last().asString().startsWith("\t-5 ");
    assertThat(agent.attribute(BEAN, "Sum")).isEqualTo(-5L);
    assertThat(agent.attribute(BEAN, "Count")).isEqualTo(1L);
  }

  @Test
  void theAgentAddsSums() throws Exception {
    assertThat(agent.invoke("type=Agent", "sum", "p:c:f()#mine"))
        .isEqualTo(new ObjectName("jargdist:type=Sum,name=mine"));
  }
}
