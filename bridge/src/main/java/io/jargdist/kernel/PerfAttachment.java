/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.TracepointPoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A program attached through a perf event. Owns the event's file descriptor; the kernel detaches
 * the program when it is closed, also by the end of this process.
 *
 * <p>Closing waits for the kernel to make sure that no processor runs the program any more: 50 to
 * 130 ms for a uprobe. {@link #disable()} stops the counting at once.
 */
final class PerfAttachment implements Attachment {
  private static final int PERF_TYPE_TRACEPOINT = 2;
  private static final long PERF_EVENT_IOC_ENABLE = 0x2400;
  private static final long PERF_EVENT_IOC_DISABLE = 0x2401;
  private static final long PERF_EVENT_IOC_SET_BPF = 0x40042408;
  private static final int ALL_PROCESSES = -1;
  private static final int REFERENCE_COUNTER_SHIFT = 32;

  private final int fd;
  private boolean closed;

  private PerfAttachment(int fd) {
    this.fd = fd;
  }

  /**
   * Attaches to an instruction of a file, for all threads of a process.
   *
   * @param pid of the process, as this process sees it; null for all processes
   */
  static PerfAttachment uprobe(BpfProgram program, UprobePoint point, @Nullable Integer pid)
      throws KernelException, IOException {
    String operation = "attaching " + point.display();
    Memory path = Memory.of(point.location().path());
    Long semaphore = point.semaphoreOffset();
    long config = semaphore == null ? 0 : semaphore << REFERENCE_COUNTER_SHIFT;
    Struct attributes =
        event(Pmu.UPROBE.type(), config | (point.replacesReturns() ? Pmu.UPROBE.returnFlag() : 0))
            .set(PerfEventAttributes.UPROBE_PATH, path)
            .set(PerfEventAttributes.PROBE_OFFSET, point.location().offset());
    // The program of an event for all processes runs on all processors, whichever one it names.
    try {
      int fd =
          pid == null
              ? Syscalls.perfEventOpen(operation, attributes, ALL_PROCESSES, 0)
              : Syscalls.perfEventOpen(operation, attributes, pid, -1);
      return attach(operation, fd, program);
    } catch (KernelException e) {
      throw UprobeRefusal.explained(e);
    }
  }

  /** Attaches to a tracepoint. It sees all processes; the program has to tell them apart. */
  static PerfAttachment tracepoint(BpfProgram program, TracepointPoint point)
      throws KernelException {
    return tracepoint("attaching " + point.display(), program, point.id());
  }

  /**
   * @param id of a tracepoint, or of an event that was defined in tracefs
   */
  static PerfAttachment tracepoint(String operation, BpfProgram program, int id)
      throws KernelException {
    Struct attributes = event(PERF_TYPE_TRACEPOINT, id).set(PerfEventAttributes.SAMPLE_PERIOD, 1);
    // A program on a tracepoint's perf event runs on all processors, whichever one it names.
    int fd = Syscalls.perfEventOpen(operation, attributes, ALL_PROCESSES, 0);
    return attach(operation, fd, program);
  }

  /** Describes an event. */
  static Struct event(int type, long config) {
    return new Struct(PerfEventAttributes.LAYOUT)
        .set(PerfEventAttributes.TYPE, type)
        .set(PerfEventAttributes.SIZE, PerfEventAttributes.LAYOUT.size())
        .set(PerfEventAttributes.CONFIG, config);
  }

  /** Attaches a program to an event, and takes the event over. */
  static PerfAttachment attach(String operation, int fd, BpfProgram program)
      throws KernelException {
    try {
      Syscalls.ioctl(operation, fd, PERF_EVENT_IOC_SET_BPF, program.fd());
      Syscalls.ioctl(operation, fd, PERF_EVENT_IOC_ENABLE, 0);
      return new PerfAttachment(fd);
    } catch (KernelException e) {
      Syscalls.close(fd);
      throw e;
    }
  }

  @Override
  public synchronized void disable() throws KernelException {
    // The number of a closed descriptor may be another probe's by now.
    if (!closed) {
      Syscalls.ioctl("disabling a probe", fd, PERF_EVENT_IOC_DISABLE, 0);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }

  /** A kind of event that the kernel numbers at boot, as sysfs tells it. */
  enum Pmu {
    KPROBE("kprobe"),
    UPROBE("uprobe");

    private final Path directory;

    Pmu(String name) {
      directory = Path.of("/sys/bus/event_source/devices", name);
    }

    int type() throws IOException {
      return Integer.parseInt(KernelFile.text(directory.resolve("type")).strip());
    }

    /**
     * Returns the bit of {@code config} that asks for the return, from a text such as {@code
     * config:0}.
     */
    long returnFlag() throws IOException {
      String format = KernelFile.text(directory.resolve("format/retprobe")).strip();
      return 1L << Integer.parseInt(format.substring(format.indexOf(':') + 1));
    }
  }
}
