/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/** A program that the kernel's verifier accepted. Owns its file descriptor. */
public final class BpfProgram implements AutoCloseable {
  /** What may run a program, as bpf_prog_type. */
  public enum Type {
    /** uprobes, uretprobes, USDT probes, kprobes, kretprobes. */
    PROBE(2),
    TRACEPOINT(5),
    RAW_TRACEPOINT(17);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  private static final int PROG_LOAD = 5;
  private static final int OBJ_GET_INFO_BY_FD = 15;
  private static final int ATTRIBUTES_SIZE = 128;
  private static final int LOG_SIZE = 1 << 20;
  private static final int INSTRUCTION_SIZE = 8;
  private static final int NAME_LENGTH = 15;
  private static final int INFO_SIZE = 232;
  private static final int RECURSION_MISSES = 208;

  private final int fd;

  private BpfProgram(int fd) {
    this.fd = fd;
  }

  /**
   * @param attachType what it will be attached by, as bpf_attach_type; 0 for perf events
   * @param instructions with the file descriptors of the tables filled in
   * @throws KernelException if the kernel refuses it; the message has the verifier's last lines
   */
  static BpfProgram load(String name, Type type, int attachType, byte[] instructions)
      throws KernelException {
    String operation = "loading program " + name;
    try {
      return new BpfProgram(load(operation, name, type, attachType, instructions, null));
    } catch (KernelException e) {
      if (e.errno() == KernelException.EPERM) {
        throw e;
      }
      // Once more for its reasons: a log costs time, and a small one would fail a good program.
      Pointer log = Syscalls.allocate(LOG_SIZE);
      try {
        return new BpfProgram(load(operation, name, type, attachType, instructions, log));
      } catch (KernelException again) {
        throw new KernelException(again, log.getString(0));
      }
    }
  }

  private static int load(
      String operation,
      String name,
      Type type,
      int attachType,
      byte[] instructions,
      @Nullable Pointer log)
      throws KernelException {
    Pointer code = Syscalls.allocate(instructions.length);
    code.put(0, instructions, 0, instructions.length);
    Pointer license = Syscalls.allocate("GPL");
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, type.number);
    attributes.putInt(4, instructions.length / INSTRUCTION_SIZE);
    attributes.putLong(8, code.address());
    attributes.putLong(16, license.address());
    if (log != null) {
      attributes.putInt(24, 1);
      attributes.putInt(28, LOG_SIZE);
      attributes.putLong(32, log.address());
    }
    byte[] shown =
        name.substring(0, Math.min(NAME_LENGTH, name.length())).getBytes(StandardCharsets.US_ASCII);
    attributes.put(48, shown, 0, shown.length);
    attributes.putInt(68, attachType);
    return Syscalls.bpf(operation, PROG_LOAD, attributes, ATTRIBUTES_SIZE);
  }

  int fd() {
    return fd;
  }

  /**
   * How often the kernel skipped the program because it was already running on that processor;
   * since Linux 5.12 (bpf_prog_info.recursion_misses), 0 on older ones.
   */
  public long recursionMisses() throws KernelException {
    Pointer info = Syscalls.allocate(INFO_SIZE);
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, fd);
    attributes.putInt(4, INFO_SIZE);
    attributes.putLong(8, info.address());
    Syscalls.bpf("reading a program's counters", OBJ_GET_INFO_BY_FD, attributes, ATTRIBUTES_SIZE);
    return info.getLong(RECURSION_MISSES);
  }

  @Override
  public void close() {
    Syscalls.close(fd);
  }
}
