/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.jmx.MBeans;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The agent of one JVM: its probes, and the threads that start them. All threads are daemons. */
final class AgentRuntime {
  private static final Duration LOG_MANAGER_WAIT = Duration.ofSeconds(2);
  private static final Duration LOG_MANAGER_POLL = Duration.ofMillis(50);

  private final ProbeRegistry registry = ProbeRegistry.create();
  private final JmxOperations operations = new JmxOperations(registry);

  /**
   * @param running whether the application is running already, so that nothing of its start can be
   *     disturbed
   */
  AgentRuntime(Instrumentation instrumentation, boolean running) {
    registry
        .threads()
        .start(
            "jargdist-mbeans",
            () -> {
              if (!running) {
                awaitLogManager(instrumentation);
              }
              String whyNoMBeans = NeededModules.whyNoMBeans();
              if (whyNoMBeans == null) {
                registry.publishOn(
                    new MBeans(ManagementFactory.getPlatformMBeanServer(), operations));
              } else {
                Stderr.print(whyNoMBeans);
              }
            });
  }

  /**
   * Starts what the options ask for, on another thread.
   *
   * @throws IllegalArgumentException if they are not understood
   */
  void carryOut(String line) {
    if (line.isBlank()) {
      return;
    }
    AgentOptions options = AgentOptions.parse(Words.split(line));
    if (options.control() != null) {
      operations.setControl(options.control());
    }
    if (options.maxOverhead() != null && options.controlSocket() == null) {
      operations.setMaxOverhead(options.maxOverhead());
    }
    if (options.allowsSystemScope()) {
      registry.allowSystemScope();
    }
    if (!options.probes().isEmpty()) {
      registry
          .threads()
          .start(
              "jargdist-attach", () -> registry.attachOrShow(options.probes(), options.options()));
    }
    Path socket = options.controlSocket();
    if (socket != null) {
      registry
          .threads()
          .start(
              "jargdist-control",
              () -> {
                try {
                  ControlSession.serve(registry, socket, options.bridgeSocket());
                } catch (IOException e) {
                  Stderr.print("cannot reach the command line: " + IoFailure.sentence(e));
                }
              });
    }
  }

  /**
   * The platform MBean server initialises java.util.logging. An application that chooses its log
   * manager in main must come first, so we wait until it has, or until it seems not to care.
   */
  private static void awaitLogManager(Instrumentation instrumentation) {
    long deadline = System.nanoTime() + LOG_MANAGER_WAIT.toNanos();
    while (System.nanoTime() < deadline && !isLoaded(instrumentation)) {
      try {
        Thread.sleep(LOG_MANAGER_POLL.toMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static boolean isLoaded(Instrumentation instrumentation) {
    // The result is null while the JVM ends, against the contract (seen on JDK 25).
    Class<?> @Nullable [] all = instrumentation.getAllLoadedClasses();
    for (Class<?> loaded : all == null ? new Class<?>[0] : all) {
      if (loaded.getName().equals("java.util.logging.LogManager")) {
        return true;
      }
    }
    return false;
  }
}
