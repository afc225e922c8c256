/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;
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
    RAW_TRACEPOINT(17),
    /** fentry and fexit. */
    TRAMPOLINE(26);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  /**
   * @param attachType what it will be attached by, as bpf_attach_type; 0 for perf events
   * @param btfId of the kernel function that it is for; 0 if it is for no certain one
   */
  public record Purpose(Type type, int attachType, int btfId) {
    private static final int FENTRY = 24;
    private static final int FEXIT = 25;

    Purpose(Type type) {
      this(type, 0, 0);
    }

    static Purpose trampoline(int btfId, boolean atReturn) {
      return new Purpose(Type.TRAMPOLINE, atReturn ? FEXIT : FENTRY, btfId);
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
  private boolean closed;

  private BpfProgram(int fd) {
    this.fd = fd;
  }

  /**
   * @param instructions with the file descriptors of the tables filled in
   * @throws KernelException if the kernel refuses it; the message has the verifier's last lines
   */
  public static BpfProgram load(String name, Purpose purpose, byte[] instructions)
      throws KernelException {
    String operation = "loading program " + name;
    try {
      return new BpfProgram(load(operation, name, purpose, instructions, null));
    } catch (KernelException e) {
      if (e.errno() == KernelException.EPERM) {
        throw e;
      }
      // Once more for its reasons: a log costs time, and a small one would fail a good program.
      Pointer log = Syscalls.allocate(LOG_SIZE);
      try {
        return new BpfProgram(load(operation, name, purpose, instructions, log));
      } catch (KernelException again) {
        throw new KernelException(again, log.getString(0));
      }
    }
  }

  private static int load(
      String operation, String name, Purpose purpose, byte[] instructions, @Nullable Pointer log)
      throws KernelException {
    Pointer code = Syscalls.allocate(instructions.length);
    code.put(0, instructions, 0, instructions.length);
    Pointer license = Syscalls.allocate("GPL");
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, purpose.type().number);
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
    attributes.putInt(68, purpose.attachType());
    attributes.putInt(108, purpose.btfId());
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
    return info().getLong(RECURSION_MISSES);
  }

  /** Whether the kernel counts those runs. */
  boolean hasRecursionMisses() throws KernelException {
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    info(attributes);
    // The kernel tells how much it has written.
    return attributes.getInt(4) >= RECURSION_MISSES + Long.BYTES;
  }

  private Pointer info() throws KernelException {
    return info(Syscalls.allocate(ATTRIBUTES_SIZE));
  }

  private Pointer info(Pointer attributes) throws KernelException {
    Pointer info = Syscalls.allocate(INFO_SIZE);
    attributes.putInt(0, fd);
    attributes.putInt(4, INFO_SIZE);
    attributes.putLong(8, info.address());
    Syscalls.bpf("reading a program's counters", OBJ_GET_INFO_BY_FD, attributes, ATTRIBUTES_SIZE);
    return info;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
