/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A regular file that is open for reading, whatever its name leads to by now. Owns the descriptor,
 * through which the kernel, too, can be shown this very file ({@link #path}). Thread-safe.
 *
 * <p>The maker of the file may be hostile. So opening it never waits and has no effect on a device,
 * and a file that becomes shorter while it is read ends nothing but the reading. Linux 5.6 and
 * later.
 */
public final class RegularFile implements AutoCloseable {
  private static final int O_NOCTTY = 0400;
  private static final int O_NONBLOCK = 04000;
  private static final int O_PATH = 010000000;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_NOFOLLOW = Architecture.current().choose(0400000, 0100000);
  private static final long RESOLVE_IN_ROOT = 16;
  private static final int BUFFER = 1 << 16;

  private final int fd;
  private final String name;
  private @Nullable Memory buffer;
  private boolean closed;

  private RegularFile(int fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /**
   * @param path as {@link KernelFile} reads one
   * @param name of the file, for messages
   * @throws IOException if it cannot be opened, or is no regular file
   */
  public static RegularFile open(String path, String name) throws IOException {
    try {
      return reopen(Syscalls.open("opening " + name, path, O_PATH), name);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Does the same, but returns null if we may not open the file or follow the link. */
  public static @Nullable RegularFile openIfPermitted(String path, String name) throws IOException {
    try {
      return reopen(Syscalls.open("opening " + name, path, O_PATH), name);
    } catch (KernelException e) {
      if (e.isPermission()) {
        return null;
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Opens a file as a process sees it; no link leads out of its root.
   *
   * @param path absolute, as {@link KernelFile} reads one
   * @param name of the file, for messages
   */
  public static RegularFile openInRoot(long pid, String path, String name) throws IOException {
    try {
      return reopen(inRoot(pid, path, name, O_PATH | O_CLOEXEC), name);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Does the same, but returns null if there is no such file. */
  public static @Nullable RegularFile openInRootIfThere(long pid, String path, String name)
      throws IOException {
    try {
      return reopen(inRoot(pid, path, name, O_PATH | O_CLOEXEC), name);
    } catch (KernelException e) {
      if (e.isMissing()) {
        return null;
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Looks at a file or folder as a process sees it, without opening it; no link leads out of its
   * root.
   *
   * @param path absolute, as {@link KernelFile} reads one
   * @param followed whether a link at the end of the path is followed
   */
  public static FileStatus statusInRoot(long pid, String path, boolean followed)
      throws IOException {
    String name = KernelFile.readable(path);
    try {
      int flags = O_PATH | O_CLOEXEC | (followed ? 0 : O_NOFOLLOW);
      int fd = inRoot(pid, path, name, flags);
      try {
        return FileStatus.of(fd, name);
      } finally {
        Syscalls.close(fd);
      }
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static int inRoot(long pid, String path, String name, int flags) throws KernelException {
    String operation = "opening " + name;
    int root = Syscalls.open(operation, "/proc/" + pid + "/root", O_PATH);
    try {
      String below = path.equals("/") ? "." : path.replaceFirst("^/+", "");
      return Syscalls.openBelow(operation, root, bytes(below), flags, RESOLVE_IN_ROOT);
    } finally {
      Syscalls.close(root);
    }
  }

  private static Memory bytes(String path) {
    return Memory.of((path + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * A file that is only referred to has not been opened: nothing waits, no device does anything. It
   * is looked at first.
   *
   * @param reference an O_PATH descriptor, which is taken over
   */
  private static RegularFile reopen(int reference, String name)
      throws KernelException, IOException {
    try {
      FileStatus status = FileStatus.of(reference, name);
      if (!status.isRegular()) {
        throw new IOException(name + " is not a regular file");
      }
      String path = "/proc/self/fd/" + reference;
      return new RegularFile(Syscalls.open("opening " + name, path, O_NONBLOCK | O_NOCTTY), name);
    } finally {
      Syscalls.close(reference);
    }
  }

  public FileStatus status() throws IOException {
    try {
      return FileStatus.of(fd, name);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Returns a path of ours to this very file, as long as this object is open. */
  public String path() {
    return "/proc/self/fd/" + fd;
  }

  /** Returns the name of the file, for messages. */
  public String name() {
    return name;
  }

  /**
   * Reads as many bytes as there are.
   *
   * @return how many, less than the array has at the end of the file only
   */
  public synchronized int read(long offset, byte[] into) throws IOException {
    if (closed) {
      throw new IOException(name + " is closed");
    }
    if (buffer == null) {
      buffer = Memory.allocate(BUFFER);
    }
    int done = 0;
    try {
      while (done < into.length) {
        int length = Math.min(BUFFER, into.length - done);
        int read = Syscalls.read("reading " + name, fd, buffer, length, offset + done);
        if (read == 0) {
          break;
        }
        buffer.copyTo(into, done, read);
        done += read;
      }
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
    return done;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }
}
