/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;

/** The parameters of perf_event_open(2) that probes need. */
final class PerfEventAttributes {
  /** The first version that has all fields of probes (PERF_ATTR_SIZE_VER5). */
  static final Layout LAYOUT = new Layout("struct perf_event_attr", "linux/perf_event.h", 112);

  static final Field TYPE = LAYOUT.field("type", 0, 4);
  static final Field SIZE = LAYOUT.field("size", 4, 4);
  static final Field CONFIG = LAYOUT.field("config", 8, 8);
  static final Field SAMPLE_PERIOD = LAYOUT.field("sample_period", 16, 8);
  static final Field KPROBE_FUNCTION = LAYOUT.field("kprobe_func", 56, 8);
  static final Field UPROBE_PATH = LAYOUT.field("uprobe_path", 56, 8);
  static final Field PROBE_OFFSET = LAYOUT.field("probe_offset", 64, 8);

  private PerfEventAttributes() {}
}
