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

/** A bucket of a histogram in which there were events: an event cannot have an array. */
@Name("jargdist.HistogramBucket")
@Label("Histogram Bucket")
@Category("jargdist")
@Description("Events of a probe in an interval whose value lies in a bucket; none without events")
@Period("1 s")
@StackTrace(false)
final class HistogramBucketEvent extends Event {
  @Label("Probe")
  @Description("Name of the probe's MBean")
  String probe;

  @Label("Key")
  @Description("As the command line shows it; empty if the histogram has no keys")
  String key;

  @Label("Lowest Value")
  @Description("Inclusive; the smallest 64-bit number if there is no bound")
  long low;

  @Label("Highest Value")
  @Description("Inclusive; the largest 64-bit number if there is no bound, or it is larger")
  long high;

  @Label("Count")
  @Description("Events in the bucket in the interval")
  long count;

  @Label("Total")
  @Description("Events of the probe in the interval, with all keys and in all buckets")
  long total;

  @Label("Interval")
  @Description("The time in which they happened, which ends with this event")
  @Timespan(Timespan.NANOSECONDS)
  long interval;

  HistogramBucketEvent(String probe, String key) {
    this.probe = probe;
    this.key = key;
  }
}
