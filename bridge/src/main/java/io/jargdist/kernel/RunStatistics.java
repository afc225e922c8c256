/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.kernel.BpfProgram.Runs;
import io.jargdist.os.KernelException;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;

/**
 * Has the kernel measure how long a probe's programs run, as long as this is open. It measures the
 * programs of the whole machine then, which takes about 20 ns of each run. Since Linux 5.8
 * (BPF_ENABLE_STATS), with CAP_SYS_ADMIN.
 */
public final class RunStatistics implements AutoCloseable {
  private static final int ENABLE_STATS = 32;
  private static final int RUN_TIME = 0;

  private final LoadedProbe probe;
  private final Runs before;
  private final int fd;

  private RunStatistics(LoadedProbe probe, Runs before, int fd) {
    this.probe = probe;
    this.before = before;
    this.fd = fd;
  }

  /**
   * @param probe which this object does not own
   * @throws KernelException if the kernel cannot do that, or this process must not ask for it
   */
  public static RunStatistics of(LoadedProbe probe) throws KernelException {
    Struct attributes =
        new Struct(BpfAttributes.LAYOUT).set(BpfAttributes.STATISTICS_TYPE, RUN_TIME);
    Runs before = probe.runs();
    int fd = Syscalls.bpf("measuring how long programs run", ENABLE_STATS, attributes);
    return new RunStatistics(probe, before, fd);
  }

  /** Returns the runs since this was opened. The number means nothing when the probe is closed. */
  public Runs runs() throws KernelException {
    return probe.runs().minus(before);
  }

  @Override
  public void close() {
    Syscalls.close(fd);
  }
}
