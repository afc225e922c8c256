/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/**
 * A probe. It comes when a chunk ends, so also when a recording does, which is when the last
 * interval of the others is due.
 */
@Name("jargdist.Probe")
@Label("Probe")
@Category("jargdist")
@Description("A probe that there is")
@Period("endChunk")
@StackTrace(false)
final class ProbeEvent extends Event {
  @Label("Probe")
  @Description("Name of the probe's MBean")
  String probe;

  @Label("Specifier")
  @Description("As it was asked for")
  String specifier;

  @Label("State")
  @Description("running, or why it is not")
  String state;

  @Label("Hits per Second")
  @Description("How often the kernel ran it in a second, also for events that its filter dropped")
  double hitsPerSecond;

  @Label("Overhead")
  @Description("What that takes of one processor, in percent")
  double overheadPercent;

  @Label("Coverage")
  @Description("The part of the time that it has seen, from 0 to 1; NaN if that is not known")
  double coverage = Double.NaN;

  @Label("Estimate")
  @Description("How many events there were in all of that time, as far as the last whole period")
  double estimate = Double.NaN;

  @Label("Error of the Estimate")
  @Description("The number is within so much of the estimate with a chance of 95 %")
  double estimateError = Double.NaN;

  ProbeEvent(String probe, String specifier, String state) {
    this.probe = probe;
    this.specifier = specifier;
    this.state = state;
  }
}
