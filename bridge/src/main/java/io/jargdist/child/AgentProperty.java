/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

/** The system property by which a JVM tells that it has the agent. */
public final class AgentProperty {
  /** The path of the jar that it was loaded from. */
  public static final String JAR = "jargdist.agent";

  private AgentProperty() {}
}
