/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.child.PathTrust;
import io.jargdist.facts.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder as a target process has it, in its own mount namespace. Owns a descriptor of it. The
 * target may be hostile and we may be root, so this class hands out descriptors and never a path
 * that another process could redirect:
 *
 * <ul>
 *   <li>a link is followed below the target's root only, and none is followed in a name of a file;
 *   <li>a file is made anew or not at all, and read only if it is a regular file;
 *   <li>nothing waits for a FIFO, a device or a lock.
 * </ul>
 *
 * <p>The thread decides whose rights count: see {@link TargetRights}. Linux 5.6 and later.
 */
public final class TargetFolder implements AutoCloseable {
  /** The mode of a folder that is closed to all other users. */
  public static final int PRIVATE = 0700;

  private static final Architecture HERE = Architecture.current();
  private static final int O_DIRECTORY = HERE.choose(0x10000, 0x4000);
  private static final int O_NOFOLLOW = HERE.choose(0x20000, 0x8000);
  private static final int O_NOCTTY = 0x100;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final long RESOLVE_IN_ROOT = 16;
  private static final long STRICT = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

  private static final int RENAME_NOREPLACE = 1;
  private static final int REMOVE_FOLDER = 0x200;
  private static final int EEXIST = 17;
  private static final int EINVAL = 22;
  private static final int ENOENT = 2;
  private static final int MOST_LINKS = 40;
  private static final int MOST_PARTS = 200;
  private static final int MOST_REMOVED = 100;
  private static final int COMPARED_AT_ONCE = 1 << 16;

  /** Of no file. */
  private static final int CLOSED = -1;

  private volatile int fd;
  private final String path;

  private TargetFolder(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  /** Work with a descriptor that is closed afterwards. */
  private interface DescriptorWork<T> {
    T run(int descriptor) throws KernelException, IOException;
  }

  private interface Call<T> {
    T run() throws KernelException, IOException;
  }

  private interface Action {
    void run() throws KernelException, IOException;
  }

  private static <T> T call(Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void act(Action action) throws IOException {
    call(
        () -> {
          action.run();
          return true;
        });
  }

  /** Opens the target's root. */
  public static TargetFolder root(ProcessReference target) throws IOException {
    TargetFolder root =
        call(
            () ->
                new TargetFolder(
                    Syscalls.open(
                        "opening the root of process " + target.pid(),
                        "/proc/" + target.pid() + "/root",
                        O_PATH | O_DIRECTORY),
                    ""));
    // Another process could have had its number by then.
    if (!target.isSame()) {
      root.close();
      throw new IOException("process " + target.pid() + " has ended");
    }
    return root;
  }

  /** Returns the path as the target sees it: {@code "/home/shop/.cache"}, or empty for its root. */
  public String path() {
    return path;
  }

  public FileStatus status() throws IOException {
    return call(() -> FileStatus.of(fd, path));
  }

  /**
   * Returns a folder below this one, which is a root; links are followed below it.
   *
   * @param absolute its path as the target sees it
   */
  public TargetFolder find(String absolute) throws IOException {
    return call(
        () ->
            new TargetFolder(
                Syscalls.openBelow(
                    "opening " + absolute,
                    fd,
                    absolute.substring(1),
                    O_PATH | O_CLOEXEC | O_DIRECTORY,
                    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS),
                absolute));
  }

  /**
   * Returns a folder below this one, which is a root, that no other user can replace: each part of
   * the path, links included, is judged.
   *
   * @param absolute its path as the target sees it
   * @param trusted the users who may own a part
   * @return it, with the path that has no links
   * @throws IOException in one line which part is not to be trusted, or is not there
   */
  public TargetFolder findTrusted(String absolute, PathTrust trust, Set<Integer> trusted)
      throws IOException {
    return call(
        () -> {
          Deque<TargetFolder> open = new ArrayDeque<>();
          try {
            open.push(below("."));
            judge(open.element(), trust, trusted);
            Deque<String> left = parts(absolute);
            int links = 0;
            for (int taken = 0; !left.isEmpty(); taken++) {
              if (taken > MOST_PARTS) {
                throw new IOException(absolute + " has too many parts");
              }
              String part = left.pop();
              if (part.equals("..")) {
                if (open.size() > 1) {
                  open.pop().close();
                }
                continue;
              }
              TargetFolder here = open.element();
              String link = here.link(part, trusted);
              if (link != null) {
                if (++links > MOST_LINKS) {
                  throw new IOException(absolute + " has too many symbolic links");
                }
                if (link.startsWith("/")) {
                  while (open.size() > 1) {
                    open.pop().close();
                  }
                }
                List<String> more = List.copyOf(parts(link));
                for (int i = more.size() - 1; i >= 0; i--) {
                  left.push(more.get(i));
                }
                continue;
              }
              open.push(here.below(part));
              judge(open.element(), trust, trusted);
            }
            return open.pop();
          } finally {
            open.forEach(TargetFolder::close);
          }
        });
  }

  private static Deque<String> parts(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static void judge(TargetFolder folder, PathTrust trust, Set<Integer> trusted)
      throws IOException {
    FileStatus status = folder.status();
    String fault = trust.fault(status.uid(), status.mode(), trusted);
    if (fault != null) {
      throw new IOException((folder.path.isEmpty() ? "/" : folder.path) + " " + fault);
    }
  }

  /** Returns where a link of this folder points to; null if it is none. */
  private @Nullable String link(String name, Set<Integer> trusted)
      throws IOException, KernelException {
    int link = reference(name);
    try {
      FileStatus status = FileStatus.of(link, inside(name));
      if (!status.isLink()) {
        return null;
      }
      // The permissions of a link let all users write, but only its owner can.
      String fault = PathTrust.LASTING.fault(status.uid(), 0, trusted);
      if (fault != null) {
        throw new IOException(inside(name) + " " + fault);
      }
      return Syscalls.readLink("reading " + inside(name), link);
    } finally {
      Syscalls.close(link);
    }
  }

  /** Returns a descriptor that refers to what has this name, and opens nothing. */
  private int reference(String name) throws KernelException {
    return Syscalls.openBelow(
        "opening " + inside(name), fd, name, O_PATH | O_CLOEXEC | O_NOFOLLOW, RESOLVE_BENEATH);
  }

  private static <T> T with(int descriptor, DescriptorWork<T> work)
      throws IOException, KernelException {
    try {
      return work.run(descriptor);
    } finally {
      Syscalls.close(descriptor);
    }
  }

  /** Returns a folder in this one; a symbolic link is refused. */
  public TargetFolder below(String name) throws IOException {
    return call(
        () ->
            new TargetFolder(
                Syscalls.openBelow(
                    "opening " + inside(name),
                    fd,
                    name,
                    O_PATH | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW,
                    STRICT),
                name.equals(".") ? path : inside(name)));
  }

  /** Returns the path of a file of this folder, as the target sees it. */
  public String inside(String name) {
    return path + "/" + name;
  }

  /** Returns a path of ours to a name in this folder, for a call that makes it: {@code bind(2)}. */
  public Path toMake(String name) {
    return Path.of("/proc/self/fd", Integer.toString(fd), name);
  }

  /**
   * Makes a folder in this one, if there is none of that name.
   *
   * @param mode its permissions, of which the umask takes some
   */
  public TargetFolder make(String name, int mode) throws IOException {
    return call(
        () -> {
          try {
            Syscalls.makeFolder("making " + inside(name), fd, name, mode);
          } catch (KernelException e) {
            if (e.errno() != EEXIST) {
              throw e;
            }
          }
          return below(name);
        });
  }

  /** Makes a folder of a new name that cannot be guessed. */
  public TargetFolder makeUnique(String prefix, int mode) throws IOException {
    return call(
        () -> {
          String name = prefix + random();
          Syscalls.makeFolder("making " + inside(name), fd, name, mode);
          return below(name);
        });
  }

  /** Sets the permissions of this folder, whatever the umask took. It must be our own. */
  public void permit(int mode) throws IOException {
    permit(".", mode);
  }

  /** Sets the permissions of a file of this folder. Folder and file must be our own. */
  public void permit(String name, int mode) throws IOException {
    Files.setAttribute(toMake(name), "unix:mode", mode);
  }

  /** Returns the last part of its path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String random() {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /**
   * Makes an empty file; one that is there is an error.
   *
   * @param mode its permissions, of which the umask takes some
   */
  public void makeFile(String name, int mode) throws IOException {
    act(() -> Syscalls.close(Syscalls.create("making " + inside(name), fd, name, mode, STRICT)));
  }

  /**
   * Makes a file that appears whole or not at all. One that is there stays as it is.
   *
   * @param mode its permissions, of which the umask takes some
   */
  public void makeFile(String name, int mode, byte[] content) throws IOException {
    act(
        () -> {
          String temporary = "new-" + random();
          String operation = "making " + inside(name);
          int file = Syscalls.create(operation, fd, temporary, mode, STRICT);
          try {
            Syscalls.write(operation, file, content);
            rename(operation, temporary, name);
          } finally {
            Syscalls.close(file);
            remove(temporary);
          }
        });
  }

  private void rename(String operation, String temporary, String name) throws KernelException {
    try {
      Syscalls.rename(operation, fd, temporary, name, RENAME_NOREPLACE);
    } catch (KernelException e) {
      if (e.errno() == EINVAL) {
        // Some file systems do not know how to leave what is there.
        Syscalls.rename(operation, fd, temporary, name, 0);
      } else if (e.errno() != EEXIST) {
        throw e;
      }
    }
  }

  /** Returns the status of the file of a name; null if there is none. A link is not followed. */
  public @Nullable FileStatus status(String name) throws IOException {
    try {
      return with(reference(name), file -> FileStatus.of(file, inside(name)));
    } catch (KernelException e) {
      if (e.errno() == ENOENT) {
        return null;
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Returns whether a name is a regular file with this content. A link is not followed. */
  public boolean hasContent(String name, byte[] content) throws IOException {
    return call(
        () ->
            with(
                Syscalls.openBelow(
                    "opening " + inside(name),
                    fd,
                    name,
                    O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                    STRICT),
                file -> {
                  FileStatus status = FileStatus.of(file, inside(name));
                  return status.isRegular()
                      && status.size() == content.length
                      && reads(file, name, content);
                }));
  }

  private boolean reads(int file, String name, byte[] content) throws KernelException {
    Memory buffer = Memory.allocate(COMPARED_AT_ONCE);
    byte[] part = new byte[COMPARED_AT_ONCE];
    for (int at = 0; at < content.length; ) {
      int length = Math.min(part.length, content.length - at);
      int read = Syscalls.read("reading " + inside(name), file, buffer, length, at);
      buffer.copyTo(part, 0, read);
      if (read == 0 || !Arrays.equals(part, 0, read, content, at, at + read)) {
        return false;
      }
      at += read;
    }
    return true;
  }

  /** Returns a socket of the target's; a link is not followed. */
  public TargetSocket socket(String name) throws IOException {
    return call(
        () -> {
          int file = reference(name);
          if (!FileStatus.of(file, inside(name)).isSocket()) {
            Syscalls.close(file);
            throw new IOException(inside(name) + " is not a socket");
          }
          return new TargetSocket(file);
        });
  }

  /** Removes a file or a link, if there is one. */
  public void remove(String name) throws IOException {
    remove(name, 0);
  }

  /** Removes an empty folder, if there is one. */
  public void removeFolder(String name) throws IOException {
    remove(name, REMOVE_FOLDER);
  }

  private void remove(String name, int flags) throws IOException {
    act(
        () -> {
          try {
            Syscalls.remove("removing " + inside(name), fd, name, flags);
          } catch (KernelException e) {
            if (e.errno() != ENOENT) {
              throw e;
            }
          }
        });
  }

  /**
   * Removes old files, and old folders with the files in them, whose names begin so: at most 100.
   */
  public void removeOld(String prefix, Duration age) throws IOException {
    Instant limit = Instant.now().minus(age);
    for (String name : names(prefix)) {
      FileStatus status = status(name);
      if (status == null || !status.modified().isBefore(limit)) {
        continue;
      }
      if (status.isFolder()) {
        try (TargetFolder old = below(name)) {
          for (String file : old.names("")) {
            old.remove(file);
          }
        }
        removeFolder(name);
      } else {
        remove(name);
      }
    }
  }

  private List<String> names(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd", Integer.toString(fd)))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.startsWith(prefix))
          .limit(MOST_REMOVED)
          .toList();
    }
  }

  @Override
  public synchronized void close() {
    int descriptor = fd;
    if (descriptor != CLOSED) {
      // Whoever uses it still gets EBADF, and not the file that has the number next.
      fd = CLOSED;
      Syscalls.close(descriptor);
    }
  }
}
