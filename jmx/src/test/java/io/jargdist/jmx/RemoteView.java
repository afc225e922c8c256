/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Shows what a client sees that has only the JDK. {@code RemoteTest} runs it in a JVM with only
 * this class on its class path, so this class uses no other of ours.
 *
 * <p>Prints a line for each thing seen.
 */
final class RemoteView {
  private RemoteView() {}

  @SuppressWarnings("BanJNDI") // The URL is that of the test.
  public static void main(String[] arguments) throws Exception {
    try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(arguments[0]))) {
      MBeanServerConnection server = connector.getMBeanServerConnection();
      ObjectName agent = new ObjectName("jargdist:type=Agent");
      BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
      server.addNotificationListener(agent, (n, handback) -> heard.add(n), null, null);
      for (ObjectName name : server.queryNames(new ObjectName("jargdist:*"), null)) {
        List<String> attributes = new ArrayList<>();
        for (MBeanAttributeInfo info : server.getMBeanInfo(name).getAttributes()) {
          attributes.add(info.getName());
        }
        for (Attribute attribute :
            server.getAttributes(name, attributes.toArray(new String[0])).asList()) {
          System.out.println(
              name.getKeyProperty("type")
                  + "."
                  + attribute.getName()
                  + "="
                  + show(attribute.getValue()));
        }
      }
      for (String specifier : List.of("nonsense", "p:c:refused()", "p:c:defect()", "String")) {
        System.out.println(specifier + " -> " + add(server, agent, specifier));
      }
      System.out.println("p:c:x()#x -> " + add(server, agent, "p:c:x()#x"));
      server.invoke(new ObjectName("jargdist:type=Histogram,name=x"), "remove", null, null);
      for (int i = 0; i < 2; i++) {
        Notification n = heard.poll(30, TimeUnit.SECONDS);
        System.out.println(
            n == null
                ? "heard nothing"
                : "heard " + n.getType() + " " + n.getUserData() + " of " + n.getSource());
      }
    }
  }

  private static String add(MBeanServerConnection server, ObjectName agent, String specifier)
      throws Exception {
    try {
      Object[] arguments = {specifier};
      String[] signature = {String.class.getName()};
      return String.valueOf(server.invoke(agent, "histogram", arguments, signature));
    } catch (JMException | JMRuntimeException e) {
      return String.valueOf(e.getCause()).replace('\n', '|');
    }
  }

  private static String show(Object value) {
    if (value instanceof Object[] array) {
      return List.of(array).toString();
    }
    if (value instanceof long[] array) {
      return array.length + " longs";
    }
    if (value instanceof TabularData table) {
      List<String> rows = new ArrayList<>();
      for (Object row : table.values()) {
        rows.add(((CompositeData) row).values().toString());
      }
      return rows.size() < 10
          ? rows.toString()
          : rows.size() + " rows from " + rows.get(0) + " to " + rows.get(rows.size() - 1);
    }
    return String.valueOf(value);
  }
}
