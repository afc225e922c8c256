/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.child.AgentProperty;
import io.jargdist.child.BundledLibraries;
import io.jargdist.child.ChildJvm;
import io.jargdist.wire.Daemon;
import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/**
 * The JVM enters the agent here. This class does as little as possible and lets nothing escape: an
 * exception from premain would end the JVM.
 *
 * <p>The JVM calls main when premain has returned. So premain leaves the work to a thread, and a
 * JVM with the agent starts nearly as fast as one with an agent that does nothing.
 */
public final class Agent {
  private static @Nullable AgentRuntime runtime;
  private static @Nullable Thread starting;

  private Agent() {}

  /** {@code -javaagent:jargdist.jar=OPTIONS}; each further one is carried out behind it. */
  public static void premain(@Nullable String options, Instrumentation instrumentation) {
    Thread before = starting;
    Thread thread =
        Daemon.thread(
            "jargdist-start",
            () -> {
              await(before);
              enter(options, instrumentation, false);
            });
    thread.start();
    starting = thread;
  }

  private static void await(@Nullable Thread thread) {
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Loaded into a running JVM; each load is a further set of options. */
  public static void agentmain(@Nullable String options, Instrumentation instrumentation) {
    enter(options, instrumentation, true);
  }

  private static synchronized void enter(
      @Nullable String options, Instrumentation instrumentation, boolean running) {
    try {
      if (System.getProperty(ChildJvm.CHILD_PROPERTY) != null) {
        return;
      }
      if (runtime == null) {
        runtime = new AgentRuntime(instrumentation, running);
        System.setProperty(AgentProperty.JAR, BundledLibraries.self().toString());
      }
      runtime.carryOut(options == null ? "" : options);
    } catch (Throwable e) {
      Stderr.print(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
    }
  }
}
