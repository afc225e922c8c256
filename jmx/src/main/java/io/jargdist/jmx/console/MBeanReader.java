/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
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
   * @param selected the frequency whose keys are wanted: there may be a thousand of them, so those
   *     of the others are left out
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
    boolean histogram = "Histogram".equals(name.getKeyProperty("type"));
    if (histogram) {
      wanted.addAll(List.of("Unit", "PercentileError", "Scheme", "Counts", "Sum"));
    } else if (withKeys) {
      wanted.addAll(List.of("Frequencies", "Truncated"));
    }
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
    return histogram ? histogram(facts, values) : frequency(facts, values);
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
            scheme, counts, (Long) required(values, "Sum"), Losses.NONE, Sampling.NONE));
  }

  private static ProbeSnapshot frequency(ProbeSnapshot.Facts facts, Map<String, Object> values) {
    if (!(values.get("Frequencies") instanceof TabularData table)) {
      return new ProbeSnapshot.OfFrequency(facts, List.of(), null, Set.of(), 0);
    }
    List<String> columns = table.getTabularType().getIndexNames();
    Map<List<String>, Long> counts = new LinkedHashMap<>();
    Set<List<String>> cut = new HashSet<>();
    for (Object row : (Collection<?>) table.values()) {
      CompositeData data = (CompositeData) row;
      // A name may have a comma in it, too.
      String cutColumns = data.containsKey("cut") ? ", " + data.get("cut") + ", " : "";
      List<String> key = new ArrayList<>();
      for (String column : columns) {
        boolean goesOn = cutColumns.contains(", " + column + ", ");
        key.add(data.get(column) + (goesOn ? TextFit.ELLIPSIS : ""));
        if (goesOn) {
          cut.add(key);
        }
      }
      counts.merge(key, (Long) data.get("value"), Long::sum);
    }
    return new ProbeSnapshot.OfFrequency(
        facts, columns, counts, cut, (long) number(values, "Truncated", 0));
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
