/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.os.Layout.Field;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells when files of a process come to be at certain paths (inotify(7)): by being written, linked
 * or moved there. Where a folder does not exist, the nearest one above it is watched. The folders
 * are opened as the process sees them, and watched by their descriptors. Owns a descriptor, which
 * can be read after a change. Not thread-safe, except for its descriptor.
 */
public final class FolderWatch implements AutoCloseable {
  private static final String WATCHING = "watching folders";
  private static final int O_PATH = 010000000;
  private static final int O_CLOEXEC = 02000000;

  // include/uapi/linux/inotify.h
  private static final int IN_MODIFY = 0x2;
  private static final int IN_CLOSE_WRITE = 0x8;
  private static final int IN_MOVED_TO = 0x80;
  private static final int IN_CREATE = 0x100;
  private static final int IN_DELETE_SELF = 0x400;
  private static final int IN_MOVE_SELF = 0x800;
  private static final int IN_Q_OVERFLOW = 0x4000;
  private static final int IN_IGNORED = 0x8000;
  private static final int IN_ONLYDIR = 0x1000000;
  private static final int IN_OF_FOLDER =
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

  private static final Layout EVENT = new Layout("struct inotify_event", "linux/inotify.h", 16);
  private static final Field WATCHED = EVENT.field("wd", 0, 4);
  private static final Field MASK = EVENT.field("mask", 4, 4);
  private static final Field NAME_LENGTH = EVENT.field("len", 12, 4);

  private static final int BUFFER = 1 << 16;
  private static final int MOST_READS = 64;

  private final int fd;
  private final long pid;

  /** The kernel's numbers of the folders and of the files, by path. */
  private final Map<String, Integer> watched = new HashMap<>();

  /** The files that are being written. */
  private final Set<String> written = new HashSet<>();

  /** The names that the files, or the folders on the way to them, have in the watched folders. */
  private final Set<String> awaited = new HashSet<>();

  private FolderWatch(int fd, long pid) {
    this.fd = fd;
    this.pid = pid;
  }

  /**
   * @param pid of the process
   */
  public static FolderWatch of(long pid) throws KernelException {
    return new FolderWatch(Syscalls.inotify(WATCHING), pid);
  }

  public int fd() {
    return fd;
  }

  /**
   * Watches for these files from now on, and for no others. To be called again after each change,
   * since a folder may be another one by then.
   *
   * @param paths absolute, as {@link KernelFile} reads one
   * @throws IOException if one of them cannot be watched
   */
  public void watch(Set<String> paths) throws IOException {
    Set<String> folders = new HashSet<>();
    awaited.clear();
    for (String path : paths) {
      folders.add(watchAbove(path));
      if (watchIfThere(path, IN_MODIFY)) {
        folders.add(path);
      }
    }
    written.retainAll(folders);
    Set<String> gone = new HashSet<>(watched.keySet());
    gone.removeAll(folders);
    for (String folder : gone) {
      Integer number = watched.remove(folder);
      if (number != null) {
        Syscalls.unwatch(fd, number);
      }
    }
  }

  /** Watches the nearest folder above a file, and returns its path. */
  private String watchAbove(String path) throws IOException {
    String folder = path;
    while (true) {
      String name = folder.substring(folder.lastIndexOf('/') + 1);
      folder = folder.substring(0, Math.max(1, folder.lastIndexOf('/')));
      if (watchIfThere(folder, IN_OF_FOLDER)) {
        awaited.add(name);
        return folder;
      } else if (folder.length() == 1) {
        throw new IOException("the process has no root");
      }
    }
  }

  private boolean watchIfThere(String path, int changes) throws IOException {
    String name = KernelFile.readable(path);
    try {
      int opened = RegularFile.inRoot(pid, path, name, O_PATH | O_CLOEXEC);
      try {
        int number = Syscalls.watch("watching " + name, fd, "/proc/self/fd/" + opened, changes);
        Integer before = watched.put(path, number);
        if (before != null && before != number && !watched.containsValue(before)) {
          Syscalls.unwatch(fd, before);
        }
        return true;
      } finally {
        Syscalls.close(opened);
      }
    } catch (KernelException e) {
      if (e.isMissing()) {
        return false;
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Returns those of the files that are being written: what is in them is not whole. */
  public Set<String> written() {
    return Set.copyOf(written);
  }

  /**
   * Takes note of the changes so far.
   *
   * @return whether one of them may concern the files
   */
  public boolean changed() throws KernelException {
    Memory changes = Memory.allocate(BUFFER);
    boolean concerned = false;
    for (int i = 0; i < MOST_READS; i++) {
      int length = Syscalls.readWhatIsThere(WATCHING, fd, changes);
      if (length == 0) {
        break;
      }
      concerned |= concerns(changes.copy(length));
    }
    return concerned;
  }

  private boolean concerns(byte[] changes) {
    ByteBuffer all = ByteBuffer.wrap(changes).order(ByteOrder.nativeOrder());
    boolean concerned = false;
    int at = 0;
    while (at + EVENT.size() <= changes.length) {
      int number = (int) WATCHED.get(all, at);
      int what = (int) MASK.get(all, at);
      int start = at + EVENT.size();
      at = start + (int) NAME_LENGTH.get(all, at);
      int end = start;
      while (end < at && changes[end] != 0) {
        end++;
      }
      String name = new String(changes, start, end - start, StandardCharsets.ISO_8859_1);
      concerned |= concerns(number, what, name);
    }
    return concerned;
  }

  /** A change without a name is one of a folder itself, or there were too many to be told. */
  private boolean concerns(int number, int what, String name) {
    if ((what & IN_IGNORED) != 0) {
      return false;
    } else if ((what & IN_Q_OVERFLOW) != 0) {
      written.clear();
    } else if ((what & IN_MODIFY) != 0) {
      watched.forEach(
          (path, known) -> {
            if (known == number) {
              written.add(path);
            }
          });
      return true;
    } else if ((what & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) {
      written.removeIf(path -> path.endsWith("/" + name));
    }
    return name.isEmpty() || awaited.contains(name);
  }

  @Override
  public void close() {
    Syscalls.close(fd);
  }
}
