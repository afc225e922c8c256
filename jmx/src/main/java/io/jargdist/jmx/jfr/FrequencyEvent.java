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

/** A key of a frequency table that was counted. */
@Name("jargdist.Frequency")
@Label("Frequency")
@Category("jargdist")
@Description("Events of a probe in an interval that have a key; none without events")
@Period("1 s")
@StackTrace(false)
final class FrequencyEvent extends Event {
  @Label("Probe")
  @Description("Name of the probe's MBean")
  String probe;

  @Label("Key")
  @Description("As the command line shows it")
  String key;

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

  FrequencyEvent(String probe, String key) {
    this.probe = probe;
    this.key = key;
  }
}
