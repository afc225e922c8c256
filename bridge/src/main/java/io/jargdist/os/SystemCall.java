/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.Architecture;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of system calls that {@link SeccompFilter} names:
 * arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux, the latter
 * for AArch64. -1 is a call that an architecture does not have.
 */
enum SystemCall {
  // The calls from here on let a JVM compute, read files and use the descriptors that it has.
  ACCESS(21, -1),
  ALARM(37, -1),
  BRK(12, 214),
  CHDIR(80, 49),
  CLOCK_GETRES(229, 114),
  CLOCK_GETTIME(228, 113),
  CLOCK_NANOSLEEP(230, 115),
  CLOSE(3, 57),
  DUP(32, 23),
  DUP2(33, -1),
  DUP3(292, 24),
  EPOLL_CREATE1(291, 20),
  EPOLL_CTL(233, 21),
  EPOLL_PWAIT(281, 22),
  EPOLL_WAIT(232, -1),
  EVENTFD2(290, 19),
  EXIT(60, 93),
  EXIT_GROUP(231, 94),
  FACCESSAT(269, 48),
  FCHDIR(81, 50),
  FCNTL(72, 25),
  FSTAT(5, 80),
  FSTATFS(138, 44),
  FUTEX(202, 98),
  GETCPU(309, 168),
  GETCWD(79, 17),
  GETDENTS64(217, 61),
  GETEGID(108, 177),
  GETEUID(107, 175),
  GETGID(104, 176),
  GETPID(39, 172),
  GETPPID(110, 173),
  GETRANDOM(318, 278),
  GETRLIMIT(97, 163),
  GETRUSAGE(98, 165),
  GETSOCKOPT(55, 209),
  GETTID(186, 178),
  GETTIMEOFDAY(96, 169),
  GETUID(102, 174),
  LSEEK(8, 62),
  LSTAT(6, -1),
  MADVISE(28, 233),
  MEMBARRIER(324, 283),
  MINCORE(27, 232),
  MMAP(9, 222),
  MPROTECT(10, 226),
  MREMAP(25, 216),
  MUNMAP(11, 215),
  NANOSLEEP(35, 101),
  NEWFSTATAT(262, 79),
  PIPE2(293, 59),
  POLL(7, -1),
  PPOLL(271, 73),
  PREAD64(17, 67),
  READ(0, 63),
  READLINK(89, -1),
  READLINKAT(267, 78),
  READV(19, 65),
  RECVFROM(45, 207),
  RECVMSG(47, 212),
  RESTART_SYSCALL(219, 128),
  RSEQ(334, 293),
  RT_SIGACTION(13, 134),
  RT_SIGPROCMASK(14, 135),
  RT_SIGRETURN(15, 139),
  SCHED_GETAFFINITY(204, 123),
  SCHED_YIELD(24, 124),
  SENDTO(44, 206),
  SET_ROBUST_LIST(273, 99),
  SETITIMER(38, 103),
  SHUTDOWN(48, 210),
  SIGALTSTACK(131, 132),
  STAT(4, -1),
  STATFS(137, 43),
  STATX(332, 291),
  SYSINFO(99, 179),
  UNAME(63, 160),
  // Linux makes these calls itself where a function of the process is probed, from 6.11 on.
  UPROBE(336, -1),
  URETPROBE(335, -1),
  WRITE(1, 64),
  WRITEV(20, 66),

  // These calls are harmless with some arguments only.
  BPF(321, 280),
  CLONE(56, 220),
  OPEN(2, -1),
  OPENAT(257, 56),
  PRCTL(157, 167),
  PRLIMIT64(302, 261),
  TGKILL(234, 131),

  // Probing needs none of these calls, but taking a machine over does.
  ACCT(163, 89),
  ADD_KEY(248, 217),
  ADJTIMEX(159, 171),
  CHROOT(161, 51),
  CLOCK_ADJTIME(305, 266),
  CLOCK_SETTIME(227, 112),
  DELETE_MODULE(176, 106),
  FINIT_MODULE(313, 273),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  FSOPEN(430, 430),
  FSPICK(433, 433),
  INIT_MODULE(175, 105),
  IO_URING_ENTER(426, 426),
  IO_URING_REGISTER(427, 427),
  IO_URING_SETUP(425, 425),
  IOPERM(173, -1),
  IOPL(172, -1),
  KEXEC_FILE_LOAD(320, 294),
  KEXEC_LOAD(246, 104),
  KEYCTL(250, 219),
  MKNOD(133, -1),
  MKNODAT(259, 33),
  MOUNT(165, 40),
  MOUNT_SETATTR(442, 442),
  MOVE_MOUNT(429, 429),
  NFSSERVCTL(180, 42),
  OPEN_BY_HANDLE_AT(304, 265),
  OPEN_TREE(428, 428),
  PIDFD_GETFD(438, 438),
  PIVOT_ROOT(155, 41),
  PROCESS_VM_WRITEV(311, 271),
  PTRACE(101, 117),
  QUOTACTL(179, 60),
  REBOOT(169, 142),
  REQUEST_KEY(249, 218),
  SETDOMAINNAME(171, 162),
  SETHOSTNAME(170, 161),
  SETNS(308, 268),
  SETTIMEOFDAY(164, 170),
  SWAPOFF(168, 225),
  SWAPON(167, 224),
  UMOUNT2(166, 39),
  UNSHARE(272, 97),
  USERFAULTFD(323, 282),
  VHANGUP(153, 58);

  private final int x86;
  private final int arm64;

  SystemCall(int x86, int arm64) {
    this.x86 = x86;
    this.arm64 = arm64;
  }

  /** Returns all calls that are listed from one to another. */
  static SystemCall[] range(SystemCall first, SystemCall last) {
    return EnumSet.range(first, last).toArray(SystemCall[]::new);
  }

  /** Returns null if this architecture has no such call. */
  @Nullable Integer number() {
    int number = Architecture.current().choose(x86, arm64);
    return number < 0 ? null : number;
  }
}
