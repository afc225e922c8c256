/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.text.IoFailure;
import java.util.List;
import java.util.Map;

/**
 * A system call that failed. The message names the operation, the call, and the error by name and
 * number.
 */
public final class KernelException extends Exception {
  private static final long serialVersionUID = 1;

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EACCES = 13;
  private static final int ENOTDIR = 20;
  public static final int EINVAL = 22;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;
  public static final int ENOSPC = 28;

  private static final int SHOWN_LINES = 8;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM"),
          Map.entry(ENOENT, "ENOENT"),
          Map.entry(ESRCH, "ESRCH"),
          Map.entry(5, "EIO"),
          Map.entry(7, "E2BIG"),
          Map.entry(9, "EBADF"),
          Map.entry(11, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(EACCES, "EACCES"),
          Map.entry(14, "EFAULT"),
          Map.entry(16, "EBUSY"),
          Map.entry(17, "EEXIST"),
          Map.entry(19, "ENODEV"),
          Map.entry(18, "EXDEV"),
          Map.entry(ENOTDIR, "ENOTDIR"),
          Map.entry(EINVAL, "EINVAL"),
          Map.entry(ENFILE, "ENFILE"),
          Map.entry(EMFILE, "EMFILE"),
          Map.entry(ENOSPC, "ENOSPC"),
          Map.entry(38, "ENOSYS"),
          Map.entry(40, "ELOOP"),
          Map.entry(95, "EOPNOTSUPP"),
          Map.entry(524, "ENOTSUPP"));

  private static final Map<Integer, String> REMEDIES =
      Map.of(EMFILE, IoFailure.DESCRIPTORS, ENFILE, IoFailure.DESCRIPTORS_OF_MACHINE);

  private final int errno;
  private final boolean permission;
  private final String log;

  public KernelException(String operation, String call, int errno) {
    super(
        operation
            + ": "
            + call
            + " failed with "
            + name(errno)
            + " ("
            + errno
            + ")"
            + (REMEDIES.containsKey(errno) ? ": " + REMEDIES.get(errno) : ""));
    this.errno = errno;
    this.permission = errno == EPERM || errno == EACCES;
    this.log = "";
  }

  /**
   * The verifier's refusal of a program, for which it uses EACCES, too.
   *
   * @param log what the kernel says about it, whole; the message has its last lines
   */
  public KernelException(KernelException cause, String log) {
    super(cause.getMessage() + "\n" + lastLines(log), cause);
    this.errno = cause.errno;
    this.permission = false;
    this.log = log;
  }

  private KernelException(KernelException cause, int errno, String explanation) {
    super(cause.getMessage() + ": " + explanation, cause);
    this.errno = errno;
    this.permission = cause.permission;
    this.log = cause.log;
  }

  /** Adds to the message what a user can do about it. */
  public KernelException explained(String explanation) {
    return new KernelException(this, errno, explanation);
  }

  /** Everything that the kernel said; empty if that was nothing but the error. */
  public String log() {
    return log;
  }

  /** Returns one line: what the kernel said last, or the call and its error. */
  public String reason() {
    String message = String.valueOf(getMessage()).lines().findFirst().orElse("");
    return log.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("processed "))
        .reduce((first, second) -> second)
        .orElse(message.substring(message.indexOf(": ") + 2));
  }

  private static String lastLines(String log) {
    List<String> lines = log.lines().filter(line -> !line.startsWith("processed ")).toList();
    int shown = Math.min(SHOWN_LINES, lines.size());
    String tail = String.join("\n", lines.subList(lines.size() - shown, lines.size()));
    int omitted = lines.size() - shown;
    return omitted == 0 ? tail : "(" + omitted + " lines omitted)\n" + tail;
  }

  public int errno() {
    return errno;
  }

  /** Returns whether a privilege is missing. */
  public boolean isPermission() {
    return permission;
  }

  /** Returns whether there is no such file. */
  public boolean isMissing() {
    return errno == ENOENT || errno == ENOTDIR;
  }

  /** Returns whether this process, or the machine, has no descriptor left. */
  public boolean lacksDescriptors() {
    return errno == ENFILE || errno == EMFILE;
  }

  private static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno");
  }
}
