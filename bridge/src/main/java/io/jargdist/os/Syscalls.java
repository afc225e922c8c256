/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.codegen.Architecture;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The one door to the kernel: every system call of ours is made here, and here an errno becomes a
 * {@link KernelException}.
 */
public final class Syscalls {
  private static final LibC LIBC = LibraryLoader.create(LibC.class).failImmediately().load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

  private static final boolean X86 = Architecture.current() == Architecture.X86_64;
  private static final long BPF = X86 ? 321 : 280;
  private static final long PERF_EVENT_OPEN = X86 ? 298 : 241;

  // The same on all architectures, as all calls since Linux 5.1.
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final long OPENAT2 = 437;

  private static final long STATX = X86 ? 332 : 291;

  private static final int PERF_FLAG_FD_CLOEXEC = 8;
  private static final int PROT_READ = 1;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int O_CLOEXEC = 02000000;
  private static final int PRIO_PROCESS = 0;
  private static final int EINTR = 4;

  private Syscalls() {}

  /** Zeroed memory outside the heap, freed with the object. */
  public static Pointer allocate(int bytes) {
    Pointer memory = Memory.allocateDirect(RUNTIME, Math.max(1, bytes), true);
    memory.setMemory(0, Math.max(1, bytes), (byte) 0);
    return memory;
  }

  /** Bytes of {@code text} in UTF-8, with a NUL. */
  public static Pointer allocate(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Pointer memory = allocate(bytes.length + 1);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /**
   * bpf(2).
   *
   * @param operation for the message, in words: {@code "creating table counts"}
   */
  public static int bpf(String operation, int command, Pointer attributes, int size)
      throws KernelException {
    return check(operation, "bpf", LIBC.syscall(BPF, command, attributes, size));
  }

  /** perf_event_open(2), with close-on-exec. */
  public static int perfEventOpen(String operation, Pointer attributes, int pid, int cpu)
      throws KernelException {
    long fd = LIBC.syscall(PERF_EVENT_OPEN, attributes, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    return check(operation, "perf_event_open", fd);
  }

  public static void ioctl(String operation, int fd, long request, long argument)
      throws KernelException {
    check(operation, "ioctl", LIBC.ioctl(fd, request, argument));
  }

  public static void ioctl(String operation, int fd, long request, Pointer argument)
      throws KernelException {
    check(operation, "ioctl", LIBC.ioctl(fd, request, argument));
  }

  /** A shared, read-only mapping of a whole table. */
  public static Pointer map(String operation, int fd, long length) throws KernelException {
    Pointer address = LIBC.mmap(null, length, PROT_READ, MAP_SHARED, fd, 0);
    if (address == null || address.address() == -1) {
      throw new KernelException(operation, "mmap", LastError.getLastError(RUNTIME));
    }
    return address;
  }

  /** Maps a file of machine code as the dynamic linker maps one. */
  public static Pointer mapCode(String path, int fd, long length) throws KernelException {
    Pointer address = LIBC.mmap(null, length, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    if (address == null || address.address() == -1) {
      throw new KernelException("mapping " + path, "mmap", LastError.getLastError(RUNTIME));
    }
    return address;
  }

  /**
   * Calls a C function that answers 0.
   *
   * @param argument its only argument
   */
  public static void call(long address, long argument) {
    Pointer base = allocate(1);
    // bsearch looks at one element by calling compare(key, element) once.
    LIBC.bsearch(argument, base, 1, 1, Pointer.wrap(RUNTIME, address));
  }

  public static void unmap(Pointer address, long length) {
    LIBC.munmap(address, length);
  }

  /** close(2). An error changes nothing: the descriptor is gone in any case. */
  public static void close(int fd) {
    LIBC.close(fd);
  }

  /** A descriptor of a running process, close-on-exec (Linux 5.3). */
  public static int pidfdOpen(String operation, long pid) throws KernelException {
    return check(operation, "pidfd_open", LIBC.syscall(PIDFD_OPEN, (int) pid, 0));
  }

  public static void pidfdSendSignal(String operation, int pidfd, int signal)
      throws KernelException {
    check(operation, "pidfd_send_signal", LIBC.syscall(PIDFD_SEND_SIGNAL, pidfd, signal, null, 0));
  }

  /** open(2), with close-on-exec. */
  public static int open(String operation, String path, int flags) throws KernelException {
    return check(operation, "open", LIBC.open(path, flags | O_CLOEXEC));
  }

  /**
   * openat2(2) (Linux 5.6).
   *
   * @param resolve RESOLVE_* flags
   */
  public static int openBelow(String operation, int folder, String path, long flags, long resolve)
      throws KernelException {
    return openBelow(operation, folder, allocate(path), flags, resolve);
  }

  /** Fills {@code value} with what the kernel knows of a socket. */
  public static void getSocketOption(String operation, int fd, int level, int option, Pointer value)
      throws KernelException {
    Pointer length = allocate(4);
    length.putInt(0, (int) value.size());
    check(operation, "getsockopt", LIBC.getsockopt(fd, level, option, value, length));
  }

  /**
   * Opens files with the rights of another user from now on, on this thread only: the wrappers of
   * the C library for these two calls do not reach other threads.
   */
  public static void useRightsOf(int uid, int gid) {
    LIBC.setfsgid(gid);
    LIBC.setfsuid(uid);
  }

  /**
   * A cheap system call that the C library does not answer itself, and that takes a parameter: BTF
   * leaves out those without.
   */
  public static int processGroup() {
    return LIBC.getpgid(0);
  }

  public static void lowerPriority(int niceness) {
    LIBC.setpriority(PRIO_PROCESS, 0, niceness);
  }

  /**
   * statx(2) of a descriptor (Linux 4.11), or of a path below one.
   *
   * @param path NUL-terminated; empty for the descriptor itself
   * @param flags AT_* flags
   * @param status where the kernel puts struct statx, 256 bytes
   */
  public static void statx(
      String operation, int fd, Pointer path, int flags, int mask, Pointer status)
      throws KernelException {
    check(operation, "statx", LIBC.syscall(STATX, fd, path, flags, mask, status));
  }

  /**
   * pread(2), again after a signal.
   *
   * @return how many bytes; 0 at the end of the file
   */
  public static int read(String operation, int fd, Pointer into, int length, long offset)
      throws KernelException {
    long read;
    do {
      read = LIBC.pread(fd, into, length, offset);
    } while (read < 0 && LastError.getLastError(RUNTIME) == EINTR);
    return check(operation, "pread", read);
  }

  /** Opens a path of any bytes as openat2(2) does (Linux 5.6). */
  public static int openBelow(String operation, int folder, Pointer path, long flags, long resolve)
      throws KernelException {
    int size = 24;
    Pointer how = allocate(size);
    how.putLong(0, flags);
    how.putLong(16, resolve);
    return check(operation, "openat2", LIBC.syscall(OPENAT2, folder, path, how, (long) size));
  }

  private static int check(String operation, String call, long result) throws KernelException {
    if (result < 0) {
      throw new KernelException(operation, call, LastError.getLastError(RUNTIME));
    }
    return (int) result;
  }
}
