/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.Architecture;
import io.jargdist.os.Layout.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The one door to the kernel: every system call of ours is made here, and here an errno becomes a
 * {@link KernelException}.
 */
public final class Syscalls {
  private static final NativeLibrary C = NativeLibrary.C;
  private static final NativeFunction SYSCALL = C.function("syscall");
  private static final NativeFunction IOCTL = C.function("ioctl");
  private static final NativeFunction MMAP = C.function("mmap");
  private static final NativeFunction MUNMAP = C.function("munmap");
  private static final NativeFunction OPEN = C.function("open");
  private static final NativeFunction CLOSE = C.function("close");
  private static final NativeFunction PREAD = C.function("pread");
  private static final NativeFunction WRITE = C.function("write");
  private static final NativeFunction GETPGID = C.function("getpgid");
  private static final NativeFunction CLOCK_GETTIME = C.function("clock_gettime");
  private static final NativeFunction POLL = C.function("poll");
  private static final NativeFunction PRCTL = C.function("prctl");
  private static final NativeFunction GETRLIMIT = C.function("getrlimit");
  private static final NativeFunction SETRLIMIT = C.function("setrlimit");

  private static final Architecture HERE = Architecture.current();
  private static final long BPF = HERE.choose(321L, 280L);
  private static final long PERF_EVENT_OPEN = HERE.choose(298L, 241L);

  // These numbers are the same on all architectures, like those of all calls since Linux 5.1.
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final long OPENAT2 = 437;

  private static final long STATX = HERE.choose(332L, 291L);
  private static final long MKDIRAT = HERE.choose(258L, 34L);
  private static final long UNLINKAT = HERE.choose(263L, 35L);
  private static final long RENAMEAT2 = HERE.choose(316L, 276L);
  private static final long READLINKAT = HERE.choose(267L, 78L);
  private static final long SETGROUPS = HERE.choose(116L, 159L);
  private static final long SETRESGID = HERE.choose(119L, 149L);
  private static final long SETRESUID = HERE.choose(117L, 147L);
  private static final long CAPSET = HERE.choose(126L, 91L);
  private static final long SECCOMP = HERE.choose(317L, 277L);

  private static final Layout OPEN_HOW = new Layout("struct open_how", "linux/openat2.h", 24);
  private static final Field HOW_FLAGS = OPEN_HOW.field("flags", 0, 8);
  private static final Field HOW_MODE = OPEN_HOW.field("mode", 8, 8);
  private static final Field HOW_RESOLVE = OPEN_HOW.field("resolve", 16, 8);

  private static final Layout CAPABILITY_HEADER =
      new Layout("struct __user_cap_header_struct", "linux/capability.h", 8);
  private static final Field CAPABILITY_VERSION = CAPABILITY_HEADER.field("version", 0, 4);
  private static final Layout CAPABILITY_DATA =
      new Layout("struct __user_cap_data_struct", "linux/capability.h", 12);
  private static final Field EFFECTIVE = CAPABILITY_DATA.field("effective", 0, 4);
  private static final Field PERMITTED = CAPABILITY_DATA.field("permitted", 4, 4);
  private static final Field INHERITABLE = CAPABILITY_DATA.field("inheritable", 8, 4);

  private static final Layout LIMIT = new Layout("struct rlimit", "sys/resource.h", 16);
  private static final Field SOFT = LIMIT.field("rlim_cur", 0, 8);
  private static final Field HARD = LIMIT.field("rlim_max", 8, 8);

  private static final Layout TIME = new Layout("struct timespec", "time.h", 16);
  private static final Field SECONDS = TIME.field("tv_sec", 0, 8);
  private static final Field NANOSECONDS = TIME.field("tv_nsec", 8, 8);

  private static final Layout POLLED = new Layout("struct pollfd", "poll.h", 8);
  private static final Field POLLED_FD = POLLED.field("fd", 0, 4);
  private static final Field POLLED_EVENTS = POLLED.field("events", 4, 2);

  private static final int PERF_FLAG_FD_CLOEXEC = 8;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final long MAP_FAILED = -1;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int O_NONBLOCK = 04000;
  private static final int PRIO_PROCESS = 0;
  private static final int CLOCK_THREAD_CPUTIME_ID = 3;
  private static final int CLOCK_MONOTONIC_COARSE = 6;
  private static final int CPUCLOCK_SCHED = 2;

  /** The number of a process's clock is its complemented pid, above three bits for the kind. */
  private static final int PROCESS_CLOCK_SHIFT = 3;

  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int FOR_EVER = -1;
  private static final short POLLIN = 1;
  private static final int UNCHANGED = -1;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int WRITTEN_AT_ONCE = 1 << 16;
  private static final int LONGEST_PATH = 4096;

  private Syscalls() {}

  /**
   * bpf(2).
   *
   * @param operation for the message, in words: {@code "creating table counts"}
   */
  public static int bpf(String operation, int command, Struct attributes) throws KernelException {
    int size = attributes.layout().size();
    return check(operation, "bpf", SYSCALL.call(BPF, command, attributes, size));
  }

  /** perf_event_open(2), with close-on-exec. */
  public static int perfEventOpen(String operation, Struct attributes, int pid, int cpu)
      throws KernelException {
    long fd = SYSCALL.call(PERF_EVENT_OPEN, attributes, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    return check(operation, "perf_event_open", fd);
  }

  public static void ioctl(String operation, int fd, long request, long argument)
      throws KernelException {
    check(operation, "ioctl", IOCTL.callInt(fd, request, argument));
  }

  public static void ioctl(String operation, int fd, long request, Struct argument)
      throws KernelException {
    check(operation, "ioctl", IOCTL.callInt(fd, request, argument));
  }

  /** Returns a shared, read-only mapping of a whole table. */
  public static Memory map(String operation, int fd, int length) throws KernelException {
    return map(operation, fd, length, PROT_READ, MAP_SHARED, 0);
  }

  /**
   * Returns a shared mapping of a part of what a descriptor stands for.
   *
   * @param offset a multiple of the size of a page
   */
  public static Memory map(String operation, int fd, int length, long offset, boolean writable)
      throws KernelException {
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return map(operation, fd, length, protection, MAP_SHARED, offset);
  }

  /** Returns the size of a page of memory. */
  public static int pageSize() {
    return C.function("getpagesize").callInt();
  }

  /** Maps a file of machine code as the dynamic linker maps one. */
  public static Memory mapCode(String path, int fd, int length) throws KernelException {
    return map("mapping " + path, fd, length, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0);
  }

  private static Memory map(
      String operation, int fd, int length, int protection, int flags, long offset)
      throws KernelException {
    long address = MMAP.call(null, length, protection, flags, fd, offset);
    if (address == MAP_FAILED) {
      throw new KernelException(operation, "mmap", NativeFunction.errno());
    }
    return Memory.at(address, length);
  }

  /** Unmaps what was mapped here. The memory must not be used any more. */
  public static void unmap(Memory mapped) {
    MUNMAP.call(mapped, mapped.size());
  }

  /** close(2). An error changes nothing: the descriptor is gone in any case. */
  public static void close(int fd) {
    CLOSE.call(fd);
  }

  /** Returns a descriptor of a running process, close-on-exec (Linux 5.3). */
  public static int pidfdOpen(String operation, long pid) throws KernelException {
    return check(operation, "pidfd_open", SYSCALL.call(PIDFD_OPEN, (int) pid, 0));
  }

  public static void pidfdSendSignal(String operation, int pidfd, int signal)
      throws KernelException {
    check(operation, "pidfd_send_signal", SYSCALL.call(PIDFD_SEND_SIGNAL, pidfd, signal, null, 0));
  }

  /** open(2), with close-on-exec. */
  public static int open(String operation, String path, int flags) throws KernelException {
    return check(operation, "open", OPEN.callInt(Memory.of(path), flags | O_CLOEXEC));
  }

  /**
   * openat2(2) (Linux 5.6).
   *
   * @param resolve RESOLVE_* flags
   */
  public static int openBelow(String operation, int folder, String path, long flags, long resolve)
      throws KernelException {
    return openBelow(operation, folder, Memory.of(path), flags, resolve);
  }

  /** Fills {@code value} with what the kernel knows of a socket. */
  public static void getSocketOption(String operation, int fd, int level, int option, Struct value)
      throws KernelException {
    Memory length = Memory.of(value.layout().size());
    int result = C.function("getsockopt").callInt(fd, level, option, value, length);
    check(operation, "getsockopt", result);
  }

  /**
   * Makes a cheap system call that the C library does not answer itself. It has a parameter, since
   * BTF leaves out calls without one.
   */
  public static int processGroup() {
    return GETPGID.callInt(0);
  }

  /** Returns the CPU time that the threads of a process have taken, the ended ones among them. */
  public static long cpuNanos(long pid) throws KernelException {
    int clock = (int) (~pid << PROCESS_CLOCK_SHIFT) | CPUCLOCK_SCHED;
    return clockNanos("reading the CPU time of " + pid, clock);
  }

  /** Returns the CPU time that this thread has taken. */
  public static long cpuNanosOfThread() throws KernelException {
    return clockNanos("reading the CPU time of a thread", CLOCK_THREAD_CPUTIME_ID);
  }

  /** Returns the time between two ticks of the kernel's clock (CONFIG_HZ): 1 to 10 ms. */
  public static long tickNanos() throws KernelException {
    Struct time = new Struct(TIME);
    check(
        "reading the length of a tick",
        "clock_getres",
        C.function("clock_getres").callInt(CLOCK_MONOTONIC_COARSE, time));
    return time.get(NANOSECONDS);
  }

  private static long clockNanos(String operation, int clock) throws KernelException {
    Struct time = new Struct(TIME);
    check(operation, "clock_gettime", CLOCK_GETTIME.callInt(clock, time));
    return time.get(SECONDS) * 1_000_000_000 + time.get(NANOSECONDS);
  }

  public static void lowerPriority(int niceness) {
    C.function("setpriority").call(PRIO_PROCESS, 0, niceness);
  }

  /**
   * statx(2) of a descriptor (Linux 4.11), or of a path below one.
   *
   * @param path NUL-terminated; empty for the descriptor itself
   * @param flags AT_* flags
   * @param status the struct statx that the kernel fills
   */
  static void statx(String operation, int fd, Memory path, int flags, int mask, Struct status)
      throws KernelException {
    check(operation, "statx", SYSCALL.call(STATX, fd, path, flags, mask, status));
  }

  /**
   * pread(2), again after a signal.
   *
   * @return how many bytes; 0 at the end of the file
   */
  public static int read(String operation, int fd, Memory into, int length, long offset)
      throws KernelException {
    long read;
    do {
      read = PREAD.call(fd, into, length, offset);
    } while (read < 0 && NativeFunction.errno() == EINTR);
    return check(operation, "pread", read);
  }

  /** Writes everything (write(2)). */
  static void write(String operation, int fd, byte[] content) throws KernelException {
    Memory buffer = Memory.allocate(Math.min(WRITTEN_AT_ONCE, content.length));
    for (int done = 0; done < content.length; ) {
      int length = Math.min(WRITTEN_AT_ONCE, content.length - done);
      buffer.copyFrom(content, done, length);
      done += check(operation, "write", WRITE.call(fd, buffer, length));
    }
  }

  /**
   * openat2(2) that makes a new regular file for writing, and never opens one that is there.
   *
   * @param resolve RESOLVE_* flags
   */
  static int create(String operation, int folder, String name, int mode, long resolve)
      throws KernelException {
    long flags = O_WRONLY | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC;
    return openat2(operation, folder, Memory.of(name), flags, mode, resolve);
  }

  static void makeFolder(String operation, int folder, String name, int mode)
      throws KernelException {
    check(operation, "mkdirat", SYSCALL.call(MKDIRAT, folder, Memory.of(name), mode));
  }

  /**
   * unlinkat(2).
   *
   * @param flags AT_REMOVEDIR or 0
   */
  static void remove(String operation, int folder, String name, int flags) throws KernelException {
    check(operation, "unlinkat", SYSCALL.call(UNLINKAT, folder, Memory.of(name), flags));
  }

  /** renameat2(2) within a folder (Linux 3.15). */
  static void rename(String operation, int folder, String name, String newName, int flags)
      throws KernelException {
    check(
        operation,
        "renameat2",
        SYSCALL.call(RENAMEAT2, folder, Memory.of(name), folder, Memory.of(newName), flags));
  }

  /** Returns the target of a symbolic link that is open as O_PATH (readlinkat(2)). */
  static String readLink(String operation, int link) throws KernelException {
    Memory target = Memory.allocate(LONGEST_PATH);
    int length =
        check(
            operation,
            "readlinkat",
            SYSCALL.call(READLINKAT, link, Memory.of(""), target, LONGEST_PATH));
    return new String(target.copy(length), StandardCharsets.UTF_8);
  }

  /**
   * Gives this thread, and no other, the rights of another user, without supplementary groups and
   * without capabilities. The real user stays ours, so that the other one cannot signal or trace
   * this process. The wrappers of the C library would change all threads.
   */
  static void takeRightsOf(int uid, int gid) throws KernelException {
    String operation = "taking the rights of uid " + Integer.toUnsignedString(uid);
    check(operation, "setgroups", SYSCALL.call(SETGROUPS, 0, null));
    check(operation, "setresgid", SYSCALL.call(SETRESGID, UNCHANGED, gid, UNCHANGED));
    check(operation, "setresuid", SYSCALL.call(SETRESUID, UNCHANGED, uid, UNCHANGED));
  }

  /** Gives up all capabilities on this thread: none of them is effective any more. */
  static void dropCapabilities() throws KernelException {
    check("dropping capabilities", "capset", setCapabilities(0, 0));
  }

  // include/uapi/linux/prctl.h
  static final int PR_SET_NAME = 15;
  static final int PR_SET_VMA = 0x53564d41;
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_RAISE = 2;

  private static final long RLIM_INFINITY = -1;
  private static final int CAPABILITIES = 64;

  /**
   * Keeps this thread, and the processes that it starts, from getting privileges from a file that
   * they execute.
   */
  static void noNewPrivileges() {
    PRCTL.call(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  }

  /**
   * Keeps the processes that this thread starts from ever getting other capabilities. Without
   * CAP_SETPCAP, this changes nothing.
   */
  static void boundCapabilities(long allowed) {
    for (int capability = 0; capability < CAPABILITIES; capability++) {
      if ((allowed >>> capability & 1) == 0) {
        PRCTL.call(PR_CAPBSET_DROP, capability, 0, 0, 0);
      }
    }
  }

  /**
   * Sets the capabilities that this thread has, and those that it can hand on.
   *
   * @return below 0 if the kernel refuses it
   */
  static long setCapabilities(long permitted, long inheritable) {
    Struct header = new Struct(CAPABILITY_HEADER).set(CAPABILITY_VERSION, CAPABILITY_VERSION_3);
    Struct data = new Struct(CAPABILITY_DATA, 2);
    for (int half = 0; half < 2; half++) {
      int shift = half * Integer.SIZE;
      data.set(half, EFFECTIVE, permitted >>> shift);
      data.set(half, PERMITTED, permitted >>> shift);
      data.set(half, INHERITABLE, inheritable >>> shift);
    }
    return SYSCALL.call(CAPSET, header, data);
  }

  /** Hands capabilities on to what this thread executes, though it is not root's. */
  static void raiseAmbientCapabilities(long capabilities) {
    for (int capability = 0; capability < CAPABILITIES; capability++) {
      if ((capabilities >>> capability & 1) != 0) {
        PRCTL.call(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
      }
    }
  }

  /**
   * Makes all threads another user's: the C library's wrappers tell each of them. This thread keeps
   * its permitted capabilities, all others lose theirs. Without the privilege, this changes
   * nothing.
   */
  static void becomeUser(int uid, int gid) {
    PRCTL.call(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (C.function("setgroups").callInt(0, null) == 0
        && C.function("setresgid").callInt(gid, gid, gid) == 0) {
      C.function("setresuid").call(uid, uid, uid);
    }
  }

  /** Lowers a limit of this process for good; one that is lower already stays. */
  static void lowerLimit(int resource, long most) {
    Struct limit = new Struct(LIMIT);
    if (GETRLIMIT.callInt(resource, limit) == 0
        && Long.compareUnsigned(limit.get(HARD), most) > 0) {
      limit.set(SOFT, Math.min(most, limit.get(SOFT) & Long.MAX_VALUE)).set(HARD, most);
      SETRLIMIT.call(resource, limit);
    }
  }

  /**
   * Lifts a limit of this process and what it starts; without CAP_SYS_RESOURCE, this changes
   * nothing.
   */
  static void raiseLimit(int resource) {
    Struct limit = new Struct(LIMIT).set(SOFT, RLIM_INFINITY).set(HARD, RLIM_INFINITY);
    SETRLIMIT.call(resource, limit);
  }

  static void seccomp(int operation, int flags, Struct filter) throws KernelException {
    long result = SYSCALL.call(SECCOMP, operation, flags, filter);
    check("giving system calls up", "seccomp", result);
  }

  /** Sets a variable of the environment, for native code of this process. */
  public static void setEnvironment(String name, String value) {
    C.function("setenv").call(Memory.of(name), Memory.of(value), 1);
  }

  /** Lets the kernel end this process after a time, whatever it does then; 0 means never. */
  public static void endAfter(int seconds) {
    C.function("alarm").call(seconds);
  }

  /**
   * Waits until a descriptor can be read; of a process, until it has ended.
   *
   * @return false if it could not be read in time
   */
  public static boolean awaitReadable(String operation, int fd, int timeoutMillis)
      throws KernelException {
    Struct polled = new Struct(POLLED).set(POLLED_FD, fd).set(POLLED_EVENTS, POLLIN);
    return check(operation, "poll", POLL.callInt(polled, 1, timeoutMillis)) > 0;
  }

  /** Waits until one of some descriptors can be read, or a signal comes. */
  public static void awaitReadable(String operation, List<Integer> descriptors)
      throws KernelException {
    Struct polled = new Struct(POLLED, descriptors.size());
    for (int i = 0; i < descriptors.size(); i++) {
      polled.set(i, POLLED_FD, descriptors.get(i)).set(i, POLLED_EVENTS, POLLIN);
    }
    long result = POLL.callInt(polled, descriptors.size(), FOR_EVER);
    if (result >= 0 || NativeFunction.errno() != EINTR) {
      check(operation, "poll", result);
    }
  }

  /** Returns a descriptor that can be read after something was written (eventfd(2)). */
  static int eventFd(String operation) throws KernelException {
    return check(operation, "eventfd", C.function("eventfd").callInt(0, O_CLOEXEC | O_NONBLOCK));
  }

  /**
   * read(2) from a descriptor that does not wait.
   *
   * @return how many bytes; 0 if there are none
   */
  static int readWhatIsThere(String operation, int fd, Memory into) throws KernelException {
    long read = C.function("read").call(fd, into, into.size());
    int errno = read < 0 ? NativeFunction.errno() : 0;
    return errno == EAGAIN || errno == EINTR ? 0 : check(operation, "read", read);
  }

  /** Returns a descriptor that tells changes of folders, and does not wait (inotify(7)). */
  static int inotify(String operation) throws KernelException {
    int flags = O_CLOEXEC | O_NONBLOCK;
    return check(operation, "inotify_init1", C.function("inotify_init1").callInt(flags));
  }

  /** Returns the number of what is watched by now. */
  static int watch(String operation, int inotify, String path, int changes) throws KernelException {
    return check(
        operation,
        "inotify_add_watch",
        C.function("inotify_add_watch").callInt(inotify, Memory.of(path), changes));
  }

  /** Nothing happens if it is not watched. */
  static void unwatch(int inotify, int watched) {
    C.function("inotify_rm_watch").call(inotify, watched);
  }

  /** Opens a path of any bytes as openat2(2) does (Linux 5.6). */
  public static int openBelow(String operation, int folder, Memory path, long flags, long resolve)
      throws KernelException {
    return openat2(operation, folder, path, flags, 0, resolve);
  }

  private static int openat2(
      String operation, int folder, Memory path, long flags, int mode, long resolve)
      throws KernelException {
    Struct how = new Struct(OPEN_HOW);
    how.set(HOW_FLAGS, flags).set(HOW_MODE, mode).set(HOW_RESOLVE, resolve);
    long size = OPEN_HOW.size();
    return check(operation, "openat2", SYSCALL.call(OPENAT2, folder, path, how, size));
  }

  private static int check(String operation, String call, long result) throws KernelException {
    if (result < 0) {
      throw new KernelException(operation, call, NativeFunction.errno());
    }
    return (int) result;
  }
}
