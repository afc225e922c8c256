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

  int setfsuid(int uid);

  int setfsgid(int gid);

  int getpgid(int pid);

  int setpriority(int which, int who, int priority);

  long syscall(long number, int fd, Pointer path, int flags, int mask, Pointer status);

  long pread(int fd, Pointer buffer, @size_t long length, @off_t long offset);
}
