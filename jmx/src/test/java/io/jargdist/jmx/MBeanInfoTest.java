/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Log2Buckets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.management.Descriptor;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.ObjectName;
import javax.management.openmbean.TabularType;
import org.junit.jupiter.api.Test;

/**
 * All attributes, operations and notifications, as clients rely on them, are in {@code mbeans.txt}.
 * {@code -Dgoldens=rewrite} writes that file anew and fails.
 */
class MBeanInfoTest {
  private static final Path GOLDEN = Path.of("src/test/resources/io/jargdist/jmx/mbeans.txt");

  @Test
  void theMBeansAreAsRecorded() throws Exception {
    StringBuilder text = new StringBuilder();
    try (FakeAgent agent = new FakeAgent()) {
      agent.histogram("p:c:read()#reads");
      KeyColumn fd = new KeyColumn("fd", false);
      agent.histogram("p:c:read()#by_fd", Log2Buckets.DEFAULT, fd);
      agent.sum("p:c:write()#bytes", fd);
      agent.frequency("p:c:f()#calls", new KeyColumn("fd", false), new KeyColumn("name", true));
      for (String name :
          List.of(
              "Agent",
              "Histogram,name=reads",
              "Histogram,name=by_fd",
              "Frequency,name=calls",
              "Sum,name=bytes")) {
        describe(agent.server.getMBeanInfo(new ObjectName("jargdist:type=" + name)), name, text);
      }
    }
    if ("rewrite".equals(System.getProperty("goldens"))) {
      Files.writeString(GOLDEN, text);
      throw new AssertionError(GOLDEN + " was written anew: look at the difference, then commit");
    }
    assertThat(text.toString()).isEqualTo(Files.readString(GOLDEN));
  }

  private static void describe(MBeanInfo bean, String name, StringBuilder text) {
    text.append(text.isEmpty() ? "" : "\n").append("jargdist:type=").append(name).append('\n');
    text.append("  ").append(bean.getDescription()).append('\n');
    for (MBeanAttributeInfo attribute : bean.getAttributes()) {
      text.append("\n  ").append(attribute.getType()).append(' ').append(attribute.getName());
      append(attribute.getDescriptor(), text);
      text.append("\n      ").append(attribute.getDescription()).append('\n');
    }
    for (MBeanOperationInfo operation : bean.getOperations()) {
      List<String> parameters = new ArrayList<>();
      for (MBeanParameterInfo parameter : operation.getSignature()) {
        parameters.add(parameter.getType() + " " + parameter.getName());
      }
      text.append("\n  ").append(operation.getReturnType()).append(' ').append(operation.getName());
      text.append('(').append(String.join(", ", parameters)).append(")  ");
      text.append(List.of("INFO", "ACTION", "ACTION_INFO", "UNKNOWN").get(operation.getImpact()));
      text.append("\n      ").append(operation.getDescription()).append('\n');
      for (MBeanParameterInfo parameter : operation.getSignature()) {
        text.append("      ").append(parameter.getName()).append(": ");
        text.append(parameter.getDescription()).append('\n');
      }
    }
    for (MBeanNotificationInfo notification : bean.getNotifications()) {
      text.append("\n  ").append(notification.getName()).append(' ');
      text.append(String.join(", ", notification.getNotifTypes()));
      text.append("\n      ").append(notification.getDescription()).append('\n');
    }
  }

  private static void append(Descriptor descriptor, StringBuilder text) {
    List<String> fields = new ArrayList<>();
    for (String field : descriptor.getFieldNames()) {
      Object value = descriptor.getFieldValue(field);
      fields.add(
          value instanceof TabularType table
              ? "index " + table.getIndexNames() + " of " + table.getRowType().keySet()
              : field + " " + value);
    }
    text.append(fields.isEmpty() ? "" : "  " + fields);
  }
}
