/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import io.jargdist.os.MachineException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A C text that libbcc has compiled. Owns the module in native memory.
 *
 * <p>LLVM may end this process while it compiles. libbcc prints its diagnostics to this process's
 * stderr, and creates the tables in the kernel as it compiles.
 */
public final class BccModule implements AutoCloseable {
  static final String LIBRARY = "libbcc.so.0";

  private final LibBcc libbcc;
  private final Pointer module;

  private BccModule(LibBcc libbcc, Pointer module) {
    this.libbcc = libbcc;
    this.module = module;
  }

  /** Loads the library. */
  public static LibBcc load() throws MachineException {
    try {
      return LibraryLoader.create(LibBcc.class).failImmediately().load(LIBRARY);
    } catch (UnsatisfiedLinkError e) {
      throw new MachineException(
          LIBRARY
              + " cannot be loaded: apt-get install libbpfcc (Debian, Ubuntu), dnf install bcc (Fedora, RHEL)",
          e);
    }
  }

  /**
   * @return null if the text does not compile; libbcc has printed why
   */
  public static @Nullable BccModule compile(LibBcc libbcc, String text) {
    Pointer module = libbcc.bpf_module_create_c_from_string(text, 0, null, 0, true, null);
    return module == null ? null : new BccModule(libbcc, module);
  }

  /**
   * A compiled function.
   *
   * @param instructions 8 bytes each, in native byte order; loads of a table's address hold its
   *     {@link Table#fd()}
   */
  public record Function(String name, ByteBuffer instructions) {}

  /** A table as libbcc has created it. */
  public record Table(
      String name, int fd, int type, int keySize, int valueSize, int maxEntries, int flags) {}

  public List<Function> functions() {
    List<Function> functions = new ArrayList<>();
    for (long id = 0; id < libbcc.bpf_num_functions(module); id++) {
      int size = (int) libbcc.bpf_function_size_id(module, id);
      byte[] instructions = new byte[size];
      libbcc.bpf_function_start_id(module, id).get(0, instructions, 0, size);
      functions.add(
          new Function(
              libbcc.bpf_function_name(module, id),
              ByteBuffer.wrap(instructions).order(ByteOrder.nativeOrder())));
    }
    return functions;
  }

  public List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    for (long id = 0; id < libbcc.bpf_num_tables(module); id++) {
      tables.add(
          new Table(
              libbcc.bpf_table_name(module, id),
              libbcc.bpf_table_fd_id(module, id),
              libbcc.bpf_table_type_id(module, id),
              (int) libbcc.bpf_table_key_size_id(module, id),
              (int) libbcc.bpf_table_leaf_size_id(module, id),
              (int) libbcc.bpf_table_max_entries_id(module, id),
              libbcc.bpf_table_flags_id(module, id)));
    }
    return tables;
  }

  @Override
  public void close() {
    libbcc.bpf_module_destroy(module);
  }
}
