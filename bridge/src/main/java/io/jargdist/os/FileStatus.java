/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.time.Instant;
import jnr.ffi.Pointer;

/**
 * What the kernel knows of a file (statx(2), Linux 4.11).
 *
 * @param major of the device of its file system
 * @param mode type and permissions
 * @param size in bytes
 * @param changedNanos when it or its attributes changed last, since 1970; nobody can set that time
 */
public record FileStatus(
    int major,
    int minor,
    long inode,
    int mode,
    int uid,
    int gid,
    long size,
    Instant modified,
    long changedNanos) {
  private static final int TYPE = 0170000;
  private static final int FOLDER = 0040000;
  private static final int REGULAR = 0100000;
  private static final int LINK = 0120000;
  private static final int SOCKET = 0140000;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BASIC = 0x7ff;
  private static final int SIZE = 256;

  public boolean isFolder() {
    return (mode & TYPE) == FOLDER;
  }

  public boolean isRegular() {
    return (mode & TYPE) == REGULAR;
  }

  boolean isLink() {
    return (mode & TYPE) == LINK;
  }

  boolean isSocket() {
    return (mode & TYPE) == SOCKET;
  }

  /** Whether entries of this folder can be replaced by their owner, and the folder's, only. */
  public boolean isSticky() {
    return (mode & 01000) != 0;
  }

  public boolean isWritableByGroup() {
    return (mode & 020) != 0;
  }

  public boolean isWritableByOthers() {
    return (mode & 02) != 0;
  }

  public boolean isSameFile(FileStatus other) {
    return inode == other.inode && major == other.major && minor == other.minor;
  }

  /**
   * @param name for messages
   */
  static FileStatus of(int fd, String name) throws KernelException {
    Pointer statx = Syscalls.allocate(SIZE);
    Syscalls.statx("looking at " + name, fd, Syscalls.allocate(1), AT_EMPTY_PATH, BASIC, statx);
    return new FileStatus(
        statx.getInt(0x88),
        statx.getInt(0x8c),
        statx.getLong(0x20),
        Short.toUnsignedInt(statx.getShort(0x1c)),
        statx.getInt(0x14),
        statx.getInt(0x18),
        statx.getLong(0x28),
        Instant.ofEpochSecond(statx.getLong(0x70)),
        statx.getLong(0x60) * 1_000_000_000 + statx.getInt(0x68));
  }
}
