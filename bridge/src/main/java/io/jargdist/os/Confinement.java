/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Takes from our children the rights that they do not need, since they work on input of a hostile
 * target. An attacker who takes one of them over shall find no rights there.
 *
 * <p>capset(2) and prctl(2) act on one thread and a JVM has many. So the compiler is started by a
 * thread that has given its privileges away: a process gets those of the thread that forks. It then
 * becomes another user by the C library's setresuid(3), which reaches all threads and takes their
 * capabilities, but for the one thread that asks to keep its own; and a seccomp filter holds for
 * all threads. We do not use a second execve(2), which costs the start of another JVM, nor
 * setpriv(1), which is not everywhere, nor Landlock, which many kernels lack.
 *
 * <p>If a part is not possible (a container refuses a call, a user may not become another one), the
 * rest is done.
 */
public final class Confinement {
  private static final int CAP_DAC_OVERRIDE = 1;
  private static final int CAP_DAC_READ_SEARCH = 2;
  private static final int CAP_KILL = 5;
  private static final int CAP_SETGID = 6;
  private static final int CAP_SETUID = 7;
  private static final int CAP_SETPCAP = 8;
  private static final int CAP_SYS_PTRACE = 19;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_SYS_RESOURCE = 24;
  private static final int CAP_SYSLOG = 34;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;
  private static final int CAP_CHECKPOINT_RESTORE = 40;

  /**
   * A bridge needs these for tables, programs and events; another process's mappings and files; the
   * addresses of kernel functions; and to start, confine and end a compiler.
   */
  private static final long PROBING =
      1L << CAP_BPF
          | 1L << CAP_PERFMON
          | 1L << CAP_SYS_ADMIN
          | 1L << CAP_SYS_RESOURCE
          | 1L << CAP_SYS_PTRACE
          | 1L << CAP_CHECKPOINT_RESTORE
          | 1L << CAP_DAC_OVERRIDE
          | 1L << CAP_DAC_READ_SEARCH
          | 1L << CAP_SYSLOG
          | 1L << CAP_SETUID
          | 1L << CAP_SETGID
          | 1L << CAP_SETPCAP
          | 1L << CAP_KILL;

  /**
   * The user "nobody", also in a container: user namespaces show this number for users without one.
   */
  private static final int NOBODY = 65534;

  private static final int RLIMIT_FSIZE = 1;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_NOFILE = 7;
  private static final int RLIMIT_MEMLOCK = 8;
  private static final int RLIMIT_AS = 9;

  /** The output of the compiler goes into a file. */
  private static final long MOST_PRINTED = 1 << 20;

  private static final long MOST_DESCRIPTORS = 256;

  /** LLVM takes 150 MB for the largest of our texts. */
  private static final long MOST_MEMORY = 1L << 30;

  private static final int CLONE_THREAD = 0x10000;

  /** O_ACCMODE, O_CREAT, O_TRUNC and the bit of O_TMPFILE, the same on x86-64 and AArch64. */
  private static final int WRITING = 0x400000 | 0x200 | 0x40 | 3;

  // include/uapi/linux/bpf.h
  private static final int BPF_MAP_CREATE = 0;
  private static final int BPF_OBJ_GET_INFO_BY_FD = 15;
  private static final int BPF_BTF_LOAD = 18;

  private Confinement() {}

  /** Starts a process that has no privilege but the one to make BPF tables. */
  public static Process start(ProcessBuilder builder) throws IOException {
    FutureTask<Process> start =
        new FutureTask<>(
            () -> {
              dropOtherCapabilities();
              return builder.start();
            });
    Thread thread = new Thread(start, "unprivileged-start");
    thread.setDaemon(true);
    thread.start();
    try {
      return start.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Drops capabilities of this thread and of the processes that it starts. */
  private static void dropOtherCapabilities() throws IOException {
    ProcessStatus self = ProcessStatus.of("thread-self");
    boolean root = self.effectiveUid() == 0;
    long allowed = tableCapability(self);
    if (root) {
      allowed |= self.permitted() & (1L << CAP_SETUID | 1L << CAP_SETGID);
    }
    // Tables count as locked memory before Linux 5.11, and libbcc can no longer raise that limit.
    Syscalls.raiseLimit(RLIMIT_MEMLOCK);
    Syscalls.noNewPrivileges();
    Syscalls.boundCapabilities(allowed);
    Syscalls.setCapabilities(allowed, allowed);
    if (!root) {
      Syscalls.raiseAmbientCapabilities(allowed);
    }
  }

  /**
   * Returns the capability by which libbcc may create tables: CAP_BPF, or where that is missing
   * more.
   */
  private static long tableCapability(ProcessStatus self) throws IOException {
    long bpf = self.permitted() & 1L << CAP_BPF;
    return bpf != 0 ? bpf : self.permitted() & 1L << CAP_SYS_ADMIN;
  }

  /**
   * Confines this process, once it has opened and loaded what it needs: it can still compute,
   * answer on its socket, read files that all users may read, and create BPF tables. Only the
   * calling thread can do the latter.
   */
  public static void compute() throws IOException {
    ProcessStatus self = ProcessStatus.of("thread-self");
    long capability = tableCapability(self);
    Syscalls.lowerLimit(RLIMIT_CORE, 0);
    Syscalls.lowerLimit(RLIMIT_FSIZE, MOST_PRINTED);
    Syscalls.lowerLimit(RLIMIT_NOFILE, MOST_DESCRIPTORS);
    Syscalls.lowerLimit(RLIMIT_AS, self.virtualMemory() + MOST_MEMORY);
    if (self.effectiveUid() == 0) {
      Syscalls.becomeUser(NOBODY, NOBODY);
    }
    Syscalls.setCapabilities(capability, 0);
    try {
      computing().install();
    } catch (KernelException e) {
      // The privileges are gone all the same.
    }
  }

  /**
   * Takes from a bridge, as its first act, the rights that no probe needs. Without CAP_SYS_PTRACE,
   * as in a container, the bridge keeps the capabilities of the JVM, since it could not look at the
   * JVM otherwise. Its threads get no more capabilities than the calling one, and it cannot change
   * its root, mounts or namespaces, load modules, debug or change other processes, or gain a
   * privilege by executing a file. The rest is still much: the kernel wants CAP_SYS_ADMIN for most
   * probes. A JVM's own threads, which run none of our code, keep their capabilities: only a filter
   * reaches them.
   */
  public static void observe() throws IOException {
    ProcessStatus self = ProcessStatus.of("thread-self");
    // A process without CAP_SYS_PTRACE may not look at one that has more capabilities
    // (cap_ptrace_access_check in security/commoncap.c), and the JVM would have more then.
    boolean mayLook = (self.permitted() & 1L << CAP_SYS_PTRACE) != 0;
    Syscalls.setCapabilities(mayLook ? self.permitted() & PROBING : self.permitted(), 0);
    try {
      SeccompFilter.refusing(SystemCall.range(SystemCall.ACCT, SystemCall.VHANGUP)).install();
    } catch (KernelException e) {
      // The bridge works without the filter, too.
    }
  }

  private static SeccompFilter computing() {
    return SeccompFilter.refusingAllBut(SystemCall.range(SystemCall.ACCESS, SystemCall.WRITEV))
        .allowIf(SystemCall.OPEN, 1, WRITING, 0)
        .allowIf(SystemCall.OPENAT, 2, WRITING, 0)
        .allowIf(SystemCall.CLONE, 0, CLONE_THREAD, CLONE_THREAD)
        .allowIf(SystemCall.BPF, 0, ~0, BPF_MAP_CREATE, BPF_BTF_LOAD, BPF_OBJ_GET_INFO_BY_FD)
        .allowIf(SystemCall.PRLIMIT64, 0, ~0, 0)
        .allowIf(SystemCall.PRCTL, 0, ~0, Syscalls.PR_SET_NAME, Syscalls.PR_SET_VMA)
        // LLVM ends a process by abort(3).
        .allowIf(SystemCall.TGKILL, 0, ~0, (int) ProcessHandle.current().pid());
  }
}
