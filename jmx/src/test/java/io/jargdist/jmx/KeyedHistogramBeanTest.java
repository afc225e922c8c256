/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.jmx.FakeAgent.FakeHistogram;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Log2Buckets;
import java.util.List;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyedHistogramBeanTest {
  private static final String BEAN = "type=Histogram,name=x";
  private static final KeyColumn FD = new KeyColumn("fd", false);

  private final FakeAgent agent = new FakeAgent();
  private final FakeHistogram probe = agent.histogram("p:c:f()#x", Log2Buckets.DEFAULT, FD);

  @AfterEach
  void close() {
    agent.close();
  }

  private TabularData byKey() throws Exception {
    return (TabularData) agent.attribute(BEAN, "ByKey");
  }

  @Test
  void allKeysTogetherAreTheAttributesOfAnyHistogram() throws Exception {
    probe.recordOf("3", 5, 5, 1000);
    probe.recordOf("11", 7, -1);
    assertThat(agent.attribute(BEAN, "Count")).isEqualTo(5L);
    assertThat(agent.attribute(BEAN, "Sum")).isEqualTo(1016L);
    assertThat(agent.attribute(BEAN, "Max")).isEqualTo(1023.0);
    assertThat(agent.attribute(BEAN, "Mean")).isEqualTo(203.2);
    assertThat((String[]) agent.attribute(BEAN, "Histogram"))
        .contains("         4 -> 7          : 3        |****************************************|");
    assertThat(agent.attribute(BEAN, "Keys")).isEqualTo(2L);
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(0L);
  }

  @Test
  void eachKeyHasARowOfItsOwn() throws Exception {
    probe.recordOf("3", 5, 5, 1000);
    probe.recordOf("11", 7, -1);
    CompositeData row = byKey().get(new Object[] {"3"});
    assertThat(row.get("count")).isEqualTo(3L);
    assertThat(row.get("sum")).isEqualTo(1010L);
    assertThat(row.get("max")).isEqualTo(1023.0);
    assertThat((Double) row.get("p50")).isBetween(4.0, 7.0);
    assertThat((Double) row.get("p99")).isBetween(512.0, 1023.0);
    TabularData buckets = (TabularData) row.get("buckets");
    assertThat(buckets.get(new Object[] {"7"}).get("value")).isEqualTo(2L);
    assertThat(buckets.get(new Object[] {"+Inf"}).get("value")).isEqualTo(3L);
    // Another key has a negative value, and the rows are the same for all keys.
    assertThat(buckets.containsKey(new Object[] {"-1"})).isTrue();
  }

  @Test
  void theBusiestKeysAreShown() throws Exception {
    for (int i = 1; i <= 203; i++) {
      for (int n = 0; n < i; n++) {
        probe.recordOf(Integer.toString(i), 1);
      }
    }
    assertThat(byKey().size()).isEqualTo(200);
    assertThat(byKey().containsKey(new Object[] {"4"})).isTrue();
    assertThat(byKey().containsKey(new Object[] {"3"})).isFalse();
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(3L);
  }

  @Test
  void theRowsOfAnIntervalAreByKeyAndTheBusiestComesLast() throws Exception {
    probe.recordOf("3", 5, 5, 5);
    agent.passSeconds(1);
    agent.attribute(BEAN, "Interval");
    probe.recordOf("3", 5);
    probe.recordOf("11", 7, 7);
    agent.passSeconds(1);
    List<String> rows = List.of((String[]) agent.attribute(BEAN, "Interval"));
    assertThat(rows).filteredOn(row -> row.startsWith("fd")).containsExactly("fd = 3", "fd = 11");
    assertThat(rows).last().asString().contains("4 -> 7          : 2 ");
    assertThat((String) agent.invoke(BEAN, "dump")).contains("fd = 3", "fd = 11", ": 4 ");
  }

  @Test
  void aHistogramWithoutKeysHasNoAttributesForThem() throws Exception {
    agent.histogram("p:c:f()#plain");
    assertThat(
            agent
                .server
                .getMBeanInfo(new ObjectName("jargdist:type=Histogram,name=plain"))
                .getAttributes())
        .extracting("name")
        .doesNotContain("ByKey", "Keys", "Truncated");
  }
}
