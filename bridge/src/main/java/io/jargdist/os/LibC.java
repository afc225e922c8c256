/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import jnr.ffi.Pointer;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * The C library's functions that we call. Public because jnr-ffi implements it; used by {@link
 * Syscalls} only.
 *
 * <p>jnr-ffi passes garbage as the sixth argument of a function whose arguments are six integers,
 * so each method here has a pointer among its parameters or fewer than six.
 */
public interface LibC {
  long syscall(long number, int command, Pointer attributes, int size);

  long syscall(long number, Pointer attributes, int pid, int cpu, int group, long flags);

  long syscall(long number, int fd, Pointer path, Pointer how, long size);

  long syscall(long number, int fd, int signal, @Nullable Pointer info, int flags);

  long syscall(long number, int pid, int flags);

  @Nullable Pointer mmap(
      @Nullable Pointer address,
      @size_t long length,
      int protection,
      int flags,
      int fd,
      @off_t long offset);

  int open(String path, int flags, int mode);

  /** Calls {@code function(key, base)} if n is 1: how we call code of which we know the address. */
  @Nullable Pointer bsearch(
      long key, Pointer base, @size_t long n, @size_t long size, Pointer function);

  int munmap(Pointer address, @size_t long length);

  int ioctl(int fd, long request, long argument);

  int ioctl(int fd, long request, Pointer argument);

  int close(int fd);

  int open(String path, int flags);

  int getsockopt(int fd, int level, int option, Pointer value, Pointer length);

  int getpgid(int pid);

  int setpriority(int which, int who, int priority);

  long syscall(long number, int fd, Pointer path, int flags, int mask, Pointer status);

  long syscall(long number, int first, int second, int third);

  long syscall(long number, int size, @Nullable Pointer list);

  long syscall(long number, Pointer header, Pointer data);

  long syscall(long number, int from, Pointer name, int to, Pointer newName, int flags);

  long write(int fd, Pointer buffer, @size_t long length);

  long pread(int fd, Pointer buffer, @size_t long length, @off_t long offset);

  long syscall(long number, int operation, int flags, Pointer argument);

  int prctl(int option, long first, long second, long third, long fourth);

  int setrlimit(int resource, Pointer limit);

  int getrlimit(int resource, Pointer limit);

  int setgroups(@size_t long count, @Nullable Pointer groups);

  int setresgid(int real, int effective, int saved);

  int setresuid(int real, int effective, int saved);

  int setenv(String name, String value, int overwrite);

  int alarm(int seconds);

  int poll(Pointer descriptors, long count, int timeoutMillis);
}
