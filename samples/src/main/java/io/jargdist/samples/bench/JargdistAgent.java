/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;

/** The MBean {@code jargdist:type=Agent} of a target, by JMX. Closing it closes the connection. */
public final class JargdistAgent implements AutoCloseable {
  private static final int MOST_SECONDS_TO_REGISTER = 30;

  private final JMXConnector connector;
  private final MBeanServerConnection connection;
  private final ObjectName name;

  private JargdistAgent(JMXConnector connector, ObjectName name) throws IOException {
    this.connector = connector;
    this.connection = connector.getMBeanServerConnection();
    this.name = name;
  }

  /** Returns when the MBean is there; the agent registers it a little after the JVM's start. */
  public static JargdistAgent connect(Target target) throws Exception {
    JargdistAgent agent =
        new JargdistAgent(target.connect(), new ObjectName("jargdist:type=Agent"));
    for (int second = 0; !agent.connection.isRegistered(agent.name); second++) {
      if (second == MOST_SECONDS_TO_REGISTER) {
        agent.close();
        throw new IOException(agent.name + " is not registered in JVM " + target.pid());
      }
      TimeUnit.SECONDS.sleep(1);
    }
    return agent;
  }

  ObjectName[] probes() throws IOException, JMException {
    return (ObjectName[]) connection.getAttribute(name, "Probes");
  }

  /** Returns when the probe is attached. */
  public ObjectName histogram(String specifier) throws IOException, JMException {
    return (ObjectName) invoke("histogram", specifier);
  }

  /** Returns when the probe is attached. */
  public ObjectName count(String specifier) throws IOException, JMException {
    return (ObjectName) invoke("count", specifier);
  }

  /** Returns an attribute of a probe. */
  public Object attribute(ObjectName probe, String attribute) throws IOException, JMException {
    return connection.getAttribute(probe, attribute);
  }

  public void remove(ObjectName probe) throws IOException, JMException {
    invoke("remove", probe.getKeyProperty("name"));
  }

  /**
   * Carries out a line of the command line's language.
   *
   * @return for probes, their names, a line for each, when all are attached
   */
  String execute(String line) throws IOException, JMException {
    return (String) invoke("execute", line);
  }

  void remove(String probe) throws IOException, JMException {
    invoke("remove", probe);
  }

  private Object invoke(String operation, String argument) throws IOException, JMException {
    return connection.invoke(
        name, operation, new Object[] {argument}, new String[] {String.class.getName()});
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
