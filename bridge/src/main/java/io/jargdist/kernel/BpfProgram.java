/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.BpfInstruction;
import io.jargdist.os.KernelException;
import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;
import org.jspecify.annotations.Nullable;

/** A program that the kernel's verifier accepted. Owns its file descriptor. */
public final class BpfProgram implements AutoCloseable {
  /** The kind of event that runs a program, as bpf_prog_type. */
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

  /**
   * Runs that the kernel has measured.
   *
   * @param nanos that they took
   */
  public record Runs(long count, long nanos) {
    static final Runs NONE = new Runs(0, 0);

    Runs plus(Runs other) {
      return new Runs(count + other.count, nanos + other.nanos);
    }

    Runs minus(Runs earlier) {
      return new Runs(count - earlier.count, nanos - earlier.nanos);
    }
  }

  private static final int PROG_LOAD = 5;
  private static final int OBJ_GET_INFO_BY_FD = 15;
  private static final int LOG_SIZE = 1 << 20;

  private static final Layout INFO = new Layout("struct bpf_prog_info", "linux/bpf.h", 232);
  private static final Field RUN_NANOS = INFO.field("run_time_ns", 192, 8);
  private static final Field RUNS = INFO.field("run_cnt", 200, 8);
  private static final Field RECURSION_MISSES = INFO.field("recursion_misses", 208, 8);

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
      // The second try gets the reasons. A log costs time, and a small one would fail a good
      // program.
      Memory log = Memory.allocate(LOG_SIZE);
      try {
        return new BpfProgram(load(operation, name, purpose, instructions, log));
      } catch (KernelException again) {
        throw new KernelException(again, log.text());
      }
    }
  }

  private static int load(
      String operation, String name, Purpose purpose, byte[] instructions, @Nullable Memory log)
      throws KernelException {
    Struct attributes =
        new Struct(BpfAttributes.LAYOUT)
            .set(BpfAttributes.PROGRAM_TYPE, purpose.type().number)
            .set(BpfAttributes.INSTRUCTION_COUNT, instructions.length / BpfInstruction.SIZE)
            .set(BpfAttributes.INSTRUCTIONS, Memory.of(instructions))
            .set(BpfAttributes.LICENSE, Memory.of("GPL"))
            .set(BpfAttributes.PROGRAM_NAME, name)
            .set(BpfAttributes.EXPECTED_ATTACH_TYPE, purpose.attachType())
            .set(BpfAttributes.BTF_ID, purpose.btfId());
    if (log != null) {
      attributes
          .set(BpfAttributes.LOG_LEVEL, 1)
          .set(BpfAttributes.LOG_SIZE, LOG_SIZE)
          .set(BpfAttributes.LOG, log);
    }
    return Syscalls.bpf(operation, PROG_LOAD, attributes);
  }

  int fd() {
    return fd;
  }

  /**
   * Returns how often the kernel skipped the program because it was already running on that
   * processor; since Linux 5.12 (bpf_prog_info.recursion_misses), 0 on older ones.
   */
  public long recursionMisses() throws KernelException {
    Struct info = new Struct(INFO);
    read(info);
    return info.get(RECURSION_MISSES);
  }

  /** Returns what the kernel has measured of the program's runs: see {@link RunStatistics}. */
  Runs runs() throws KernelException {
    Struct info = new Struct(INFO);
    read(info);
    return new Runs(info.get(RUNS), info.get(RUN_NANOS));
  }

  /** Returns whether the kernel counts skipped runs. */
  boolean hasRecursionMisses() throws KernelException {
    return read(new Struct(INFO)) >= RECURSION_MISSES.offset() + RECURSION_MISSES.size();
  }

  /** Returns how many bytes the kernel has written. */
  private int read(Struct info) throws KernelException {
    Struct attributes =
        new Struct(BpfAttributes.LAYOUT)
            .set(BpfAttributes.INFO_FD, fd)
            .set(BpfAttributes.INFO_SIZE, INFO.size())
            .set(BpfAttributes.INFO, info);
    Syscalls.bpf("reading a program's counters", OBJ_GET_INFO_BY_FD, attributes);
    return attributes.getInt(BpfAttributes.INFO_SIZE);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
