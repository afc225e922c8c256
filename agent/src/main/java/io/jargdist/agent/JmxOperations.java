/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.jmx.Control;
import io.jargdist.jmx.ProbeControl;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import org.jspecify.annotations.Nullable;

/** The changes that JMX clients can make to the probes of this JVM. Thread-safe. */
final class JmxOperations implements ProbeControl {
  private final ProbeRegistry registry;
  private volatile Control control = Control.LOCAL;
  private volatile Limits limits = Limits.DEFAULT;

  JmxOperations(ProbeRegistry registry) {
    this.registry = registry;
  }

  void setControl(Control control) {
    this.control = control;
  }

  /** Sets the limit of cost for probes that are added later without a limit of their own. */
  void setMaxOverhead(double percent) {
    limits = new Limits(percent, null);
  }

  @Override
  public String version() {
    String version = JmxOperations.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public Control control() {
    return control;
  }

  @Override
  public String bridge() {
    return registry.bridgeState();
  }

  @Override
  public @Nullable String lastError() {
    return registry.lastError();
  }

  @Override
  public String addHistogram(String specifier, BucketScheme buckets) {
    return add(Form.HISTOGRAM, specifier, ProbeOptions.DEFAULT.withBuckets(buckets));
  }

  @Override
  public String addFrequency(String specifier) {
    return add(Form.FREQUENCY, specifier, ProbeOptions.DEFAULT);
  }

  @Override
  public String addSum(String specifier) {
    return add(Form.SUM, specifier, ProbeOptions.DEFAULT);
  }

  private String add(Form form, String specifier, ProbeOptions options) {
    Requested requested = new Requested(form, specifier);
    return translated(
        () -> registry.attach(requested, options.withLimits(limits), registry.ownBridge()).name());
  }

  @Override
  public String check(String specifier) {
    return translated(
        () ->
            registry.check(Form.FREQUENCY, specifier, ProbeOptions.DEFAULT, registry.ownBridge()));
  }

  @Override
  public void remove(String name) {
    registry.remove(name);
  }

  @Override
  public String execute(String commandLine) {
    return translated(() -> new ExecuteLine(registry).run(commandLine));
  }

  private interface Operation {
    String run() throws ProbeException;
  }

  /** Translates exceptions into those that {@link ProbeControl} promises. */
  private static String translated(Operation operation) {
    try {
      return operation.run();
    } catch (ProbeException e) {
      throw e.kind() == Failure.Kind.SPECIFIER
          ? new IllegalArgumentException(e.getMessage())
          : new IllegalStateException(e.getMessage());
    }
  }
}
