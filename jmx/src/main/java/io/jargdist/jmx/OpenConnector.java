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
 * Whether the JVM's own remote connector asks nobody for a password. Its clients on this machine
 * look like those of the local connector, which only this JVM's user and root can find.
 *
 * <p>A connector that the application has made itself is not known to the JVM, nor to us.
 */
final class OpenConnector {
  private static final String PREFIX = "com.sun.management.jmxremote.";

  /** Of what {@code jcmd PID ManagementAgent.status} prints. */
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

  /** Also one that jcmd or a configuration file has started. */
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
