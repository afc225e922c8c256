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
import jdk.jfr.Timespan;

/** A key of which a value was added up. */
@Name("jargdist.Sum")
@Label("Sum")
@Category("jargdist")
@Description("Sum of a value in an interval for a key; none without events")
@Period("1 s")
@StackTrace(false)
final class SumEvent extends Event {
  @Label("Probe")
  @Description("Name of the probe's MBean")
  String probe;

  @Label("Key")
  @Description("As the command line shows it")
  String key;

  @Label("Sum")
  @Description("Sum of the values of these events, modulo 2^64")
  long sum;

  @Label("Count")
  @Description("Events with the key in the interval")
  long count;

  @Label("Total")
  @Description("Events of the probe in the interval, with all keys")
  long total;

  @Label("Interval")
  @Description("The time in which they happened, which ends with this event")
  @Timespan(Timespan.NANOSECONDS)
  long interval;

  SumEvent(String probe, String key) {
    this.probe = probe;
    this.key = key;
  }
}
