/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.BucketScheme;
import org.jspecify.annotations.Nullable;

/**
 * The work that the agent does for the Agent MBean.
 *
 * <p>A failing call throws {@link IllegalArgumentException} for a bad specifier, name or command,
 * {@link IllegalStateException} when the machine, the kernel or the bridge refuses, {@link
 * SecurityException} when this caller may not. The caller gets the message, and nothing else of the
 * exception. Calls may come from any thread, several at once.
 */
public interface ProbeControl {
  /** Returns the version of jargdist. */
  String version();

  /** Returns who may change probes by JMX. */
  Control control();

  /** Returns how the bridge is, in one line for people. */
  String bridge();

  /** Returns what last went wrong; null if nothing ever did. */
  @Nullable String lastError();

  /**
   * Starts a histogram and {@linkplain MBeans#publish publishes} it.
   *
   * @return the probe's name
   */
  String addHistogram(String specifier, BucketScheme buckets);

  /** Does the same as {@link #addHistogram} for a frequency table. */
  String addFrequency(String specifier);

  /** Does the same as {@link #addHistogram} for sums. */
  String addSum(String specifier);

  /** Does everything but attach, and says in a few lines what it found. */
  String check(String specifier);

  /** Stops a probe and {@linkplain MBeans#withdraw withdraws} it. */
  void remove(String name);

  /** Carries out a line of the command line's language and answers as it would print. */
  String execute(String commandLine);
}
