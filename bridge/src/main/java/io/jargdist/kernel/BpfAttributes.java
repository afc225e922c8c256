/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;

/** The parameters of bpf(2): each command has fields of its own. */
final class BpfAttributes {
  static final Layout LAYOUT = new Layout("union bpf_attr", "linux/bpf.h", 128);

  static final Field MAP_TYPE = LAYOUT.field("map_type", 0, 4);
  static final Field KEY_SIZE = LAYOUT.field("key_size", 4, 4);
  static final Field VALUE_SIZE = LAYOUT.field("value_size", 8, 4);
  static final Field MAX_ENTRIES = LAYOUT.field("max_entries", 12, 4);
  static final Field MAP_FLAGS = LAYOUT.field("map_flags", 16, 4);
  static final Field MAP_NAME = LAYOUT.field("map_name", 28, 16);

  static final Field MAP_FD = LAYOUT.field("map_fd", 0, 4);
  static final Field KEY = LAYOUT.field("key", 8, 8);
  static final Field VALUE = LAYOUT.field("value", 16, 8);

  static final Field BATCH_FROM = LAYOUT.field("batch.in_batch", 0, 8);
  static final Field BATCH_NEXT = LAYOUT.field("batch.out_batch", 8, 8);
  static final Field BATCH_KEYS = LAYOUT.field("batch.keys", 16, 8);
  static final Field BATCH_VALUES = LAYOUT.field("batch.values", 24, 8);
  static final Field BATCH_COUNT = LAYOUT.field("batch.count", 32, 4);
  static final Field BATCH_MAP_FD = LAYOUT.field("batch.map_fd", 36, 4);

  static final Field PROGRAM_TYPE = LAYOUT.field("prog_type", 0, 4);
  static final Field INSTRUCTION_COUNT = LAYOUT.field("insn_cnt", 4, 4);
  static final Field INSTRUCTIONS = LAYOUT.field("insns", 8, 8);
  static final Field LICENSE = LAYOUT.field("license", 16, 8);
  static final Field LOG_LEVEL = LAYOUT.field("log_level", 24, 4);
  static final Field LOG_SIZE = LAYOUT.field("log_size", 28, 4);
  static final Field LOG = LAYOUT.field("log_buf", 32, 8);
  static final Field PROGRAM_NAME = LAYOUT.field("prog_name", 48, 16);
  static final Field EXPECTED_ATTACH_TYPE = LAYOUT.field("expected_attach_type", 68, 4);
  static final Field BTF_ID = LAYOUT.field("attach_btf_id", 108, 4);

  static final Field INFO_FD = LAYOUT.field("info.bpf_fd", 0, 4);
  static final Field INFO_SIZE = LAYOUT.field("info.info_len", 4, 4);
  static final Field INFO = LAYOUT.field("info.info", 8, 8);

  static final Field STATISTICS_TYPE = LAYOUT.field("enable_stats.type", 0, 4);

  static final Field TRACEPOINT_NAME = LAYOUT.field("raw_tracepoint.name", 0, 8);
  static final Field TRACEPOINT_PROGRAM = LAYOUT.field("raw_tracepoint.prog_fd", 8, 4);

  static final Field LINK_PROGRAM = LAYOUT.field("link_create.prog_fd", 0, 4);
  static final Field LINK_ATTACH_TYPE = LAYOUT.field("link_create.attach_type", 8, 4);
  static final Field UPROBES_PATH = uprobes("path", 16, 8);
  static final Field UPROBES_OFFSETS = uprobes("offsets", 24, 8);
  static final Field UPROBES_COUNTERS = uprobes("ref_ctr_offsets", 32, 8);
  static final Field UPROBES_COUNT = uprobes("cnt", 48, 4);
  static final Field UPROBES_FLAGS = uprobes("flags", 52, 4);
  static final Field UPROBES_PID = uprobes("pid", 56, 4);

  private BpfAttributes() {}

  private static Field uprobes(String name, int offset, int size) {
    return LAYOUT.field("link_create.uprobe_multi." + name, offset, size);
  }
}
