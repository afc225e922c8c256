/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.specifier.Form;
import java.io.IOException;
import java.util.Arrays;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;

/** The operations of the Agent MBean. They wait for it, so the event thread must not use them. */
final class AgentOperations {
  private AgentOperations() {}

  /**
   * Starts a probe.
   *
   * @param buckets of a histogram
   * @return its MBean
   */
  static ObjectName add(MBeanServerConnection server, Form form, String specifier, String buckets)
      throws IOException, JMException {
    return (ObjectName)
        switch (form) {
          case HISTOGRAM -> call(server, "histogram", specifier, buckets);
          case FREQUENCY -> call(server, "count", specifier);
          case SUM -> call(server, "sum", specifier);
        };
  }

  /** Everything but attaching: what was found, in a few lines. */
  static String check(MBeanServerConnection server, String specifier)
      throws IOException, JMException {
    return (String) call(server, "check", specifier);
  }

  static void remove(MBeanServerConnection server, String name) throws IOException, JMException {
    call(server, "remove", name);
  }

  private static Object call(MBeanServerConnection server, String operation, String... arguments)
      throws IOException, JMException {
    String[] signature = new String[arguments.length];
    Arrays.fill(signature, String.class.getName());
    return server.invoke(MBeanReader.AGENT, operation, arguments, signature);
  }
}
