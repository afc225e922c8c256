/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.jmx.FakeAgent.FakeFrequency;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrequencyBeanTest {
  private static final String BEAN = "type=Frequency,name=x";
  private static final KeyColumn FD = new KeyColumn("fd", false);
  private static final KeyColumn NAME = new KeyColumn("name", true);

  private final FakeAgent agent = new FakeAgent();

  @AfterEach
  void close() {
    agent.close();
  }

  private TabularData frequencies() throws Exception {
    return (TabularData) agent.attribute(BEAN, "Frequencies");
  }

  private List<String> rows(String attribute) throws Exception {
    return List.of((String[]) agent.attribute(BEAN, attribute));
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Test
  void rowsAreIndexedByTheKeyAndTheMostFrequentComesFirst() throws Exception {
    FakeFrequency probe = agent.frequency("p:c:f()#x", FD, NAME);
    probe.record(2, "1", "b");
    probe.record(7, "3", "a");
    TabularData table = frequencies();
    assertThat(table.getTabularType().getIndexNames()).containsExactly("fd", "name");
    assertThat(table.get(new Object[] {"1", "b"}).get("value")).isEqualTo(2L);
    assertThat(((CompositeData) table.values().iterator().next()).get("value")).isEqualTo(7L);
    assertThat(agent.attribute(BEAN, "Count")).isEqualTo(9L);
    assertThat(agent.attribute(BEAN, "Keys")).isEqualTo(2L);
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(0L);
  }

  @Test
  void openPairsHaveATableOfTheirOwn() throws Exception {
    FakeFrequency probe = agent.frequency("p:c:f()..g()#x", FD);
    assertThat(((TabularData) agent.attribute(BEAN, "OpenByKey")).size()).isZero();
    probe.open = Map.of(List.of("3"), 2L, List.of("4"), 7L);
    TabularData table = (TabularData) agent.attribute(BEAN, "OpenByKey");
    assertThat(table.get(new Object[] {"4"}).get("open")).isEqualTo(7L);
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void countedCallsAreOneRow() throws Exception {
    agent.frequency("p:c:f()#x").record(5);
    assertThat(frequencies().get(new Object[] {"total calls"}).get("value")).isEqualTo(5L);
    assertThat(rows("Top")).containsExactly("\tCOUNT      EVENT", "\t5          total calls");
  }

  @Test
  void textIsReadAsUtf8AndKeysThatLookTheSameShareARow() throws Exception {
    FakeFrequency probe = agent.frequency("p:c:f()#x", NAME);
    probe.record(3, bytes("größe"));
    probe.record(1, "\u00ff");
    probe.record(4, "\u00fe");
    TabularData table = frequencies();
    assertThat(table.get(new Object[] {"größe"}).get("value")).isEqualTo(3L);
    assertThat(table.get(new Object[] {"\ufffd"}).get("value")).isEqualTo(5L);
    assertThat(rows("Top")).contains("\t1          name = b'\\xff'");
  }

  @Test
  void theColumnCutNamesTheColumnsWhoseTextGoesOn() throws Exception {
    KeyColumn path = new KeyColumn("path", true);
    FakeFrequency probe = agent.frequency("p:c:f()#x", FD, NAME, path);
    String cut = new KeyText(bytes("größe"), true).element();
    probe.record(3, "1", cut, cut);
    probe.record(2, "2", bytes("größe"), cut);
    probe.record(4, "2", bytes("größe"), bytes("größe"));
    probe.record(1, "3", "b", "c");
    TabularData table = frequencies();
    assertThat(table.get(new Object[] {"1", "größe", "größe"}).get("cut")).isEqualTo("name, path");
    // They look the same, so they share a row.
    assertThat(table.get(new Object[] {"2", "größe", "größe"}).get("cut")).isEqualTo("path");
    assertThat(table.get(new Object[] {"2", "größe", "größe"}).get("value")).isEqualTo(6L);
    assertThat(table.get(new Object[] {"3", "b", "c"}).get("cut")).isEqualTo("");
    assertThat(rows("Top"))
        .contains(
            "\t2          fd = 2, name = b'gr\\xc3\\xb6\\xc3\\x9fe', path = b'gr\\xc3\\xb6\\xc3\\x9fe'...");
    agent.frequency("p:c:f()#numbers", FD).record(1, "1");
    assertThat(
            ((TabularData) agent.attribute("type=Frequency,name=numbers", "Frequencies"))
                .getTabularType()
                .getRowType()
                .keySet())
        .containsExactly("fd", "value");
  }

  @Test
  void columnNamesAreUniqueAndNeverEmpty() throws Exception {
    agent
        .frequency(
            "p:c:f()#x",
            new KeyColumn("a", false),
            new KeyColumn("a", false),
            new KeyColumn("value", false),
            new KeyColumn("", false))
        .record(1, "1", "2", "3", "4");
    TabularData table = frequencies();
    assertThat(table.getTabularType().getIndexNames())
        .containsExactly("a", "a-2", "value-2", "key");
    assertThat(table.get(new Object[] {"1", "2", "3", "4"}).get("value")).isEqualTo(1L);
  }

  @Test
  void aLongTableIsCutAndSaysByHowMuch() throws Exception {
    FakeFrequency probe = agent.frequency("p:c:f()#x", FD);
    for (int i = 1; i <= 1234; i++) {
      probe.record(i, Integer.toString(i));
    }
    assertThat(frequencies().size()).isEqualTo(1000);
    assertThat(frequencies().containsKey(new Object[] {"235"})).isTrue();
    assertThat(frequencies().containsKey(new Object[] {"234"})).isFalse();
    assertThat(agent.attribute(BEAN, "Keys")).isEqualTo(1234L);
    assertThat(agent.attribute(BEAN, "Truncated")).isEqualTo(234L);
    assertThat(rows("Top")).hasSize(21).last().isEqualTo("\t1234       fd = 1234");
  }

  @Test
  void resetAndIntervalCountFromTheirOwnStart() throws Exception {
    FakeFrequency probe = agent.frequency("p:c:f()#x", FD);
    probe.record(2, "1");
    agent.passSeconds(1);
    assertThat(rows("Interval")).contains("\t2          fd = 1");
    agent.invoke(BEAN, "reset");
    probe.record(1, "7");
    agent.passSeconds(1);
    assertThat(rows("Interval")).containsExactly("\tCOUNT      EVENT", "\t1          fd = 7");
    assertThat(agent.attribute(BEAN, "Keys")).isEqualTo(1L);
    assertThat(agent.attribute(BEAN, "Count")).isEqualTo(1L);
  }
}
