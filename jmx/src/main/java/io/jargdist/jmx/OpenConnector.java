/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Finds out whether the JVM's own remote connector asks for no password. Its clients on this
 * machine look like those of the local connector, which only this JVM's user and root can find.
 *
 * <p>Neither the JVM nor we know of a connector that the application has made itself.
 */
final class OpenConnector {
  private static final String PREFIX = "com.sun.management.jmxremote.";

  /** The line that {@code jcmd PID ManagementAgent.status} prints then. */
  private static final Pattern NO_PASSWORD =
      Pattern.compile("(?m)^\\s*" + Pattern.quote(PREFIX) + "authenticate\\s*[=:]\\s*false");

  private OpenConnector() {}

  static boolean isPresent() {
    return isAskedFor() || isRunning();
  }

  private static boolean isAskedFor() {
    return System.getProperty(PREFIX + "port") != null
        && "false".equals(System.getProperty(PREFIX + "authenticate"));
  }

  /** Returns true also if jcmd or a configuration file has started it. */
  private static boolean isRunning() {
    try {
      Object status =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "managementAgentStatus",
                  new Object[0],
                  new String[0]);
      return NO_PASSWORD.matcher(String.valueOf(status)).find();
    } catch (JMException | RuntimeException e) {
      // A JVM without that command: the properties have to do.
      return false;
    }
  }
}
