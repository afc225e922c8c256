/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libbcc that compile (src/cc/bcc_common.h and bpf_module.h, 0.26). C spelling
 * stays in here. Public because jnr-ffi implements it; used by {@link BccModule} only.
 */
public interface LibBcc {
  @Nullable Pointer bpf_module_create_c_from_string(
      String text,
      int flags,
      @Nullable Pointer cflags,
      int ncflags,
      boolean allowRlimit,
      @Nullable Pointer device);

  void bpf_module_destroy(Pointer module);

  @size_t
  long bpf_num_functions(Pointer module);

  String bpf_function_name(Pointer module, @size_t long id);

  Pointer bpf_function_start_id(Pointer module, @size_t long id);

  @size_t
  long bpf_function_size_id(Pointer module, @size_t long id);

  @size_t
  long bpf_num_tables(Pointer module);

  String bpf_table_name(Pointer module, @size_t long id);

  int bpf_table_fd_id(Pointer module, @size_t long id);

  int bpf_table_type_id(Pointer module, @size_t long id);

  @size_t
  long bpf_table_max_entries_id(Pointer module, @size_t long id);

  @size_t
  long bpf_table_key_size_id(Pointer module, @size_t long id);

  @size_t
  long bpf_table_leaf_size_id(Pointer module, @size_t long id);

  int bpf_table_flags_id(Pointer module, @size_t long id);
}
