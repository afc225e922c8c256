/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.os.Layout.Field;
import java.time.Instant;

/**
 * The status of a file, as the kernel tells it (statx(2), Linux 4.11).
 *
 * @param major of the device of its file system
 * @param mode type and permissions
 * @param size in bytes
 * @param changedNanos when it or its attributes changed last, since 1970; no program can set that
 *     time
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

  private static final Layout STATX = new Layout("struct statx", "linux/stat.h", 256);
  private static final Field UID = STATX.field("stx_uid", 0x14, 4);
  private static final Field GID = STATX.field("stx_gid", 0x18, 4);
  private static final Field MODE = STATX.field("stx_mode", 0x1c, 2);
  private static final Field INODE = STATX.field("stx_ino", 0x20, 8);
  private static final Field BYTES = STATX.field("stx_size", 0x28, 8);
  private static final Field CHANGED = STATX.field("stx_ctime.tv_sec", 0x60, 8);
  private static final Field CHANGED_NANOS = STATX.field("stx_ctime.tv_nsec", 0x68, 4);
  private static final Field MODIFIED = STATX.field("stx_mtime.tv_sec", 0x70, 8);
  private static final Field MAJOR = STATX.field("stx_dev_major", 0x88, 4);
  private static final Field MINOR = STATX.field("stx_dev_minor", 0x8c, 4);

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

  /**
   * Returns whether entries of this folder can be replaced by their owner, and the folder's, only.
   */
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
    Struct statx = new Struct(STATX);
    Syscalls.statx("looking at " + name, fd, Memory.of(""), AT_EMPTY_PATH, BASIC, statx);
    return new FileStatus(
        statx.getInt(MAJOR),
        statx.getInt(MINOR),
        statx.get(INODE),
        statx.getInt(MODE),
        statx.getInt(UID),
        statx.getInt(GID),
        statx.get(BYTES),
        Instant.ofEpochSecond(statx.get(MODIFIED)),
        statx.get(CHANGED) * 1_000_000_000 + statx.get(CHANGED_NANOS));
  }
}
