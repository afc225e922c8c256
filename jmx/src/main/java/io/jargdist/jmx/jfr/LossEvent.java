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
import jdk.jfr.StackTrace;

/** The events of the application that are missing in the other events. */
@Name("jargdist.Loss")
@Label("Loss")
@Category("jargdist")
@Description("Events of a probe in an interval that were not counted; none if nothing was lost")
@StackTrace(false)
final class LossEvent extends Event {
  @Label("Probe")
  @Description("Name of the probe's MBean")
  String probe;

  @Label("Reason")
  @Description("As in the attribute LostDetail")
  String reason;

  @Label("Count")
  @Description("Events that were lost in the interval")
  long count;

  LossEvent(String probe, String reason, long count) {
    this.probe = probe;
    this.reason = reason;
    this.count = count;
  }
}
