/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.AgentProperty;
import io.jargdist.child.BundledLibraries;
import io.jargdist.child.PathTrust;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The path from which a JVM loads the agent. HotSpot appends the path to its class path and looks
 * there for every class and resource that it does not find elsewhere, as long as it runs, so it
 * must be a path that no other user can ever use.
 */
final class AgentJar {
  private AgentJar() {}

  /**
   * Returns the path that the JVM has already, if the agent of any version is there: both sides
   * tell their versions. Otherwise, this is the path of our own jar, if the target finds it there
   * and can trust it, or else that of a copy that stays.
   *
   * @param mayLoad whether the agent may be loaded if it is not there
   */
  static String choose(long pid, HotSpotAttach jvm, AgentFolder folder, boolean mayLoad)
      throws IOException {
    String loaded = loadedFrom(jvm.systemProperties());
    if (loaded != null) {
      // The JVM reads it again. A user who can write it can write only what the JVM's user runs.
      if (folder.hasFile(loaded, PathTrust.NOW)) {
        return loaded;
      }
      throw new IOException(
          "process "
              + pid
              + " has loaded the agent from "
              + loaded
              + ", which is gone or which another user can write: restart the JVM");
    }
    if (!mayLoad) {
      throw new IOException(
          "process " + pid + " has no agent, so it has no probes: jargdist attach adds some");
    }
    Path jar = BundledLibraries.self().toRealPath();
    byte[] content = Files.readAllBytes(jar);
    return folder.hasJar(jar.toString(), PathTrust.LASTING, content)
        ? jar.toString()
        : folder.copy(content);
  }

  /**
   * Returns null if the agent was never loaded. What a JVM says about itself concerns only itself.
   */
  static @Nullable String loadedFrom(String answer) throws IOException {
    int line = answer.indexOf('\n');
    if (line < 0 || !answer.substring(0, line).equals("0")) {
      return null;
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(answer.substring(line + 1)));
    } catch (IllegalArgumentException e) {
      return null;
    }
    return properties.getProperty(AgentProperty.JAR);
  }
}
