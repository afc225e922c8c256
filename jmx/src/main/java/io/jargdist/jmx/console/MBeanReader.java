/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.specifier.Form;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.MBeanServerDelegate;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.jspecify.annotations.Nullable;

/** Reads a JVM's MBeans. Waits for the JVM, so never to be used on the event thread. */
final class MBeanReader {
  static final ObjectName AGENT = name("jargdist:type=Agent");

  private static final ObjectName RUNTIME = name(ManagementFactory.RUNTIME_MXBEAN_NAME);
  private static final String[] AGENT_ATTRIBUTES = {
    "Version", "Bridge", "Control", "LastError", "Probes"
  };
  private static final List<String> FACTS =
      List.of(
          "Specifier",
          "State",
          "LastError",
          "Started",
          "Count",
          "Lost",
          "LostDetail",
          "HitsPerSecond",
          "OverheadPercent",
          "Coverage",
          "Warnings");

  private MBeanReader() {}

  /**
   * Takes a snapshot.
   *
   * @param selected the probe whose keys are wanted: there may be a thousand of them, so those of
   *     the others are left out
   * @throws IOException if the JVM does not answer
   * @throws JMException if its MBeans are not what they should be
   */
  static JvmSnapshot read(MBeanServerConnection server, @Nullable ObjectName selected)
      throws IOException, JMException {
    String id =
        String.valueOf(server.getAttribute(MBeanServerDelegate.DELEGATE_NAME, "MBeanServerId"));
    Map<String, Object> runtime = values(server, RUNTIME, "Name", "StartTime");
    JvmSnapshot.Jvm jvm =
        new JvmSnapshot.Jvm(text(runtime, "Name"), (long) number(runtime, "StartTime", Double.NaN));
    List<ProbeSnapshot> probes = new ArrayList<>();
    JvmSnapshot.AgentFacts agent = null;
    if (server.isRegistered(AGENT)) {
      Map<String, Object> values = values(server, AGENT, AGENT_ATTRIBUTES);
      agent =
          new JvmSnapshot.AgentFacts(
              text(values, "Version"),
              text(values, "Bridge"),
              text(values, "Control"),
              text(values, "LastError"));
      if (values.get("Probes") instanceof ObjectName[] names) {
        for (ObjectName name : names) {
          try {
            probes.add(probe(server, name, name.equals(selected)));
          } catch (InstanceNotFoundException e) {
            // Removed since the agent was asked.
          }
        }
      }
    }
    return new JvmSnapshot(Instant.now(), System.nanoTime(), id, agent, jvm, probes);
  }

  private static ProbeSnapshot probe(
      MBeanServerConnection server, ObjectName name, boolean withKeys)
      throws IOException, JMException {
    List<String> wanted = new ArrayList<>(FACTS);
    Form form = form(name);
    wanted.addAll(
        switch (form) {
          case HISTOGRAM ->
              withKeys
                  ? List.of(
                      "Unit", "PercentileError", "Scheme", "Counts", "Sum", "ByKey", "Truncated")
                  : List.of("Unit", "PercentileError", "Scheme", "Counts", "Sum");
          case FREQUENCY -> withKeys ? List.of("Frequencies", "Truncated") : List.of();
          case SUM -> withKeys ? List.of("Unit", "Sums", "Truncated") : List.of();
        });
    Map<String, Object> values = values(server, name, wanted.toArray(new String[0]));
    ProbeSnapshot.Facts facts =
        new ProbeSnapshot.Facts(
            name,
            text(values, "Specifier"),
            text(values, "State"),
            text(values, "LastError"),
            values.get("Started") instanceof Date date ? date.toInstant() : null,
            (Long) required(values, "Count"),
            (Long) required(values, "Lost"),
            text(values, "LostDetail"),
            number(values, "HitsPerSecond", Double.NaN),
            number(values, "OverheadPercent", Double.NaN),
            number(values, "Coverage", Double.NaN),
            values.get("Warnings") instanceof String[] lines ? List.of(lines) : List.of());
    return switch (form) {
      case HISTOGRAM -> histogram(facts, values);
      case FREQUENCY -> {
        Keyed keyed = keyed(values.get("Frequencies"), "value");
        yield new ProbeSnapshot.OfFrequency(
            facts, keyed.columns(), keyed.amounts(), keyed.cut(), truncated(values));
      }
      case SUM -> {
        Keyed keyed = keyed(values.get("Sums"), "sum");
        yield new ProbeSnapshot.OfSum(
            facts,
            text(values, "Unit"),
            keyed.columns(),
            keyed.amounts(),
            keyed.cut(),
            truncated(values));
      }
    };
  }

  private static Form form(ObjectName name) {
    return switch (String.valueOf(name.getKeyProperty("type"))) {
      case "Histogram" -> Form.HISTOGRAM;
      case "Sum" -> Form.SUM;
      default -> Form.FREQUENCY;
    };
  }

  private static long truncated(Map<String, Object> values) {
    return (long) number(values, "Truncated", 0);
  }

  private static ProbeSnapshot histogram(ProbeSnapshot.Facts facts, Map<String, Object> values)
      throws JMException {
    long[] counts = (long[]) required(values, "Counts");
    BucketScheme scheme = BucketScheme.parse((String) required(values, "Scheme"));
    if (scheme.slots() != counts.length) {
      scheme = scheme.withSigned(!scheme.signed());
    }
    return new ProbeSnapshot.OfHistogram(
        facts,
        text(values, "Unit"),
        text(values, "PercentileError"),
        new HistogramSnapshot(
            scheme, counts, (Long) required(values, "Sum"), Losses.NONE, Sampling.NONE),
        values.get("ByKey") instanceof TabularData table ? keys(table, scheme, values) : null);
  }

  private static ProbeSnapshot.OfHistogram.Keys keys(
      TabularData table, BucketScheme scheme, Map<String, Object> values) throws JMException {
    List<String> columns = table.getTabularType().getIndexNames();
    Map<List<String>, Distribution> keys = new LinkedHashMap<>();
    for (Object row : (Collection<?>) table.values()) {
      CompositeData data = (CompositeData) row;
      Distribution counts =
          distribution((TabularData) data.get("buckets"), scheme)
              .plus(Distribution.ofSum((Long) data.get("sum")));
      keys.merge(key(data, columns, new HashSet<>()), counts, Distribution::plus);
    }
    return new ProbeSnapshot.OfHistogram.Keys(columns, keys, truncated(values));
  }

  /** Each row has the events up to its bound; there is one for each used slot, or +Inf. */
  private static Distribution distribution(TabularData buckets, BucketScheme scheme)
      throws JMException {
    SortedMap<Integer, Long> upTo = new TreeMap<>();
    Map<String, Integer> slots = new HashMap<>();
    for (int slot = 0; slot < scheme.slots(); slot++) {
      slots.put(scheme.isOverflow(slot) ? "+Inf" : scheme.highText(slot), slot);
    }
    for (Object row : (Collection<?>) buckets.values()) {
      CompositeData data = (CompositeData) row;
      Integer slot = slots.get(String.valueOf(data.get("le")));
      if (slot != null) {
        upTo.put(slot, (Long) data.get("value"));
      } else if (!"+Inf".equals(data.get("le"))) {
        throw new JMException("no bucket of " + scheme.text() + " ends at " + data.get("le"));
      }
    }
    SortedMap<Integer, Long> counts = new TreeMap<>();
    long before = 0;
    for (Map.Entry<Integer, Long> slot : upTo.entrySet()) {
      if (slot.getValue() != before) {
        counts.put(slot.getKey(), slot.getValue() - before);
      }
      before = slot.getValue();
    }
    return new Distribution(counts, 0);
  }

  /**
   * A table with keys.
   *
   * @param amounts by key; null if the table was not asked for
   * @param cut see {@link ProbeSnapshot.OfFrequency}
   */
  private record Keyed(
      List<String> columns, @Nullable Map<List<String>, Long> amounts, Set<List<String>> cut) {}

  /**
   * @param amount the column of what was counted
   */
  private static Keyed keyed(@Nullable Object attribute, String amount) {
    if (!(attribute instanceof TabularData table)) {
      return new Keyed(List.of(), null, Set.of());
    }
    List<String> columns = table.getTabularType().getIndexNames();
    Map<List<String>, Long> amounts = new LinkedHashMap<>();
    Set<List<String>> cut = new HashSet<>();
    for (Object row : (Collection<?>) table.values()) {
      CompositeData data = (CompositeData) row;
      List<String> key = key(data, columns, cut);
      amounts.merge(key, (Long) data.get(amount), Long::sum);
    }
    return new Keyed(columns, amounts, cut);
  }

  /**
   * @param cut gets the key if one of its texts goes on
   */
  private static List<String> key(CompositeData row, List<String> columns, Set<List<String>> cut) {
    // A name may have a comma in it, too.
    String cutColumns = row.containsKey("cut") ? ", " + row.get("cut") + ", " : "";
    List<String> key = new ArrayList<>();
    boolean isCut = false;
    for (String column : columns) {
      boolean goesOn = cutColumns.contains(", " + column + ", ");
      key.add(row.get(column) + (goesOn ? TextFit.ELLIPSIS : ""));
      isCut |= goesOn;
    }
    if (isCut) {
      cut.add(key);
    }
    return key;
  }

  /** Reads all attributes by one request, so that they are of one moment. */
  private static Map<String, Object> values(
      MBeanServerConnection server, ObjectName bean, String... attributes)
      throws IOException, JMException {
    AttributeList list = server.getAttributes(bean, attributes);
    Map<String, Object> values = new HashMap<>();
    for (Attribute attribute : list.asList()) {
      values.put(attribute.getName(), attribute.getValue());
    }
    return values;
  }

  private static Object required(Map<String, Object> values, String attribute) throws JMException {
    Object value = values.get(attribute);
    if (value == null) {
      throw new JMException(
          "the JVM's jargdist has no attribute " + attribute + ": it is of another version");
    }
    return value;
  }

  private static String text(Map<String, Object> values, String attribute) {
    return values.get(attribute) instanceof String text ? text : "";
  }

  private static double number(Map<String, Object> values, String attribute, double otherwise) {
    return values.get(attribute) instanceof Number number ? number.doubleValue() : otherwise;
  }

  private static ObjectName name(String text) {
    try {
      return new ObjectName(text);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
