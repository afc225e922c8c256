/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JVM on this machine that the console is connected to, into which an agent can be loaded.
 *
 * @param pid as this machine's processes see it
 */
record LocalJvm(long pid) {
  /** A JVM tells when it started a moment after the process did; clocks are adjusted meanwhile. */
  private static final long CLOCK_TOLERANCE_MILLIS = 60_000;

  /**
   * Returns null if the JVM is another machine's or another pid namespace's: its name has another
   * host, or there is no process of that pid that started when it says it did.
   */
  static @Nullable LocalJvm of(JvmSnapshot.Jvm jvm) {
    return of(jvm, ManagementFactory.getRuntimeMXBean().getName());
  }

  /**
   * @param ownName how the runtime of this JVM is called
   */
  static @Nullable LocalJvm of(JvmSnapshot.Jvm jvm, String ownName) {
    int at = jvm.runtimeName().indexOf('@');
    if (at <= 0
        || !jvm.runtimeName()
            .substring(at)
            .equals(ownName.substring(Math.max(0, ownName.indexOf('@'))))) {
      return null;
    }
    try {
      long pid = Long.parseLong(jvm.runtimeName().substring(0, at));
      Optional<Instant> started =
          ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
      return started.isPresent()
              && Math.abs(started.get().toEpochMilli() - jvm.startMillis()) < CLOCK_TOLERANCE_MILLIS
          ? new LocalJvm(pid)
          : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * Returns the jar that this class comes from, which is the agent, too; null if it comes from no
   * file.
   */
  static @Nullable Path ownJar() {
    CodeSource source = LocalJvm.class.getProtectionDomain().getCodeSource();
    try {
      return source == null ? null : Path.of(source.getLocation().toURI()).toAbsolutePath();
    } catch (URISyntaxException | RuntimeException e) {
      return null;
    }
  }

  /**
   * Loads the agent, without options.
   *
   * @throws IllegalStateException if that cannot be done; the message says what to do
   */
  void loadAgent(Path jar) {
    try {
      VirtualMachine vm = VirtualMachine.attach(Long.toString(pid));
      try {
        vm.loadAgent(jar.toString());
      } finally {
        vm.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw refused(e.getMessage(), "start it with -javaagent:" + jar, e);
    } catch (AgentLoadException | AgentInitializationException e) {
      String reason = String.valueOf(e.getMessage());
      throw reason.contains("Dynamic agent loading is not enabled")
          ? refused("-XX:-EnableDynamicAgentLoading", "start it with -javaagent:" + jar, e)
          : refused(
              reason, "can the JVM's user read " + jar + "? The JVM's stderr may tell more", e);
    } catch (IOException e) {
      throw refused(
          e.getMessage(),
          "run the console as the JVM's user, or start it with -javaagent:" + jar,
          e);
    }
  }

  private IllegalStateException refused(@Nullable String reason, String remedy, Exception cause) {
    return new IllegalStateException(
        "cannot load the agent into process " + pid + " (" + reason + "): " + remedy, cause);
  }
}
