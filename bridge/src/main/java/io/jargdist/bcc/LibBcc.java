/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import io.jargdist.os.MachineException;
import io.jargdist.os.NativeFunction;
import io.jargdist.os.NativeLibrary;

/** The functions of libbcc that compile (src/cc/bcc_common.h and bpf_module.h, 0.26). */
public final class LibBcc {
  static final String NAME = "libbcc.so.0";

  final NativeFunction create;
  final NativeFunction destroy;
  final NativeFunction functionCount;
  final NativeFunction functionName;
  final NativeFunction functionStart;
  final NativeFunction functionSize;
  final NativeFunction tableCount;
  final NativeFunction tableName;
  final NativeFunction tableFd;
  final NativeFunction tableType;
  final NativeFunction tableEntries;
  final NativeFunction tableKeySize;
  final NativeFunction tableLeafSize;
  final NativeFunction tableFlags;

  private LibBcc(NativeLibrary library) {
    create = library.function("bpf_module_create_c_from_string");
    destroy = library.function("bpf_module_destroy");
    functionCount = library.function("bpf_num_functions");
    functionName = library.function("bpf_function_name");
    functionStart = library.function("bpf_function_start_id");
    functionSize = library.function("bpf_function_size_id");
    tableCount = library.function("bpf_num_tables");
    tableName = library.function("bpf_table_name");
    tableFd = library.function("bpf_table_fd_id");
    tableType = library.function("bpf_table_type_id");
    tableEntries = library.function("bpf_table_max_entries_id");
    tableKeySize = library.function("bpf_table_key_size_id");
    tableLeafSize = library.function("bpf_table_leaf_size_id");
    tableFlags = library.function("bpf_table_flags_id");
  }

  /** Loads the library, and LLVM with it. */
  public static LibBcc load() throws MachineException {
    try {
      return new LibBcc(NativeLibrary.open(NAME));
    } catch (UnsatisfiedLinkError e) {
      throw new MachineException(
          NAME
              + " cannot be loaded: apt-get install libbpfcc (Debian, Ubuntu), dnf install bcc (Fedora, RHEL)",
          e);
    }
  }
}
