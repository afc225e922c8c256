/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import io.jargdist.os.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A C text that libbcc has compiled. Owns the module in native memory.
 *
 * <p>LLVM may end this process while it compiles. libbcc prints its diagnostics to this process's
 * stderr, and creates the tables in the kernel as it compiles.
 */
public final class BccModule implements AutoCloseable {
  private static final int ALLOW_RLIMIT = 1;

  private final LibBcc libbcc;

  /** The module's address. */
  private final long module;

  private BccModule(LibBcc libbcc, long module) {
    this.libbcc = libbcc;
    this.module = module;
  }

  /**
   * @return null if the text does not compile; libbcc has printed why
   */
  public static @Nullable BccModule compile(LibBcc libbcc, String text) {
    long module = libbcc.create.call(Memory.of(text), 0, null, 0, ALLOW_RLIMIT, null);
    return module == 0 ? null : new BccModule(libbcc, module);
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
    for (long id = 0; id < libbcc.functionCount.call(module); id++) {
      int size = (int) libbcc.functionSize.call(module, id);
      byte[] instructions = Memory.at(libbcc.functionStart.call(module, id), size).copy(size);
      functions.add(
          new Function(
              String.valueOf(libbcc.functionName.callText(module, id)),
              ByteBuffer.wrap(instructions).order(ByteOrder.nativeOrder())));
    }
    return functions;
  }

  public List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    for (long id = 0; id < libbcc.tableCount.call(module); id++) {
      tables.add(
          new Table(
              String.valueOf(libbcc.tableName.callText(module, id)),
              libbcc.tableFd.callInt(module, id),
              libbcc.tableType.callInt(module, id),
              (int) libbcc.tableKeySize.call(module, id),
              (int) libbcc.tableLeafSize.call(module, id),
              (int) libbcc.tableEntries.call(module, id),
              libbcc.tableFlags.callInt(module, id)));
    }
    return tables;
  }

  @Override
  public void close() {
    libbcc.destroy.call(module);
  }
}
