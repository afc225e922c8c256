/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.PidNumbers;
import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.RegularFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running process and the files that it has mapped to run code from. A moment's view; ask again
 * for libraries that are loaded later.
 *
 * @param pid as this process sees it
 */
public record TargetProcess(long pid, PidFilter filter, List<MappedFile> files) {
  /** proc_pid_maps(5): address, permissions, offset, device, inode, path. */
  private static final Pattern MAPPING =
      Pattern.compile(
          "([0-9a-f]{1,16})-([0-9a-f]{1,16}) ..x. [0-9a-f]+"
              + " ([0-9a-f]{1,8}):([0-9a-f]{1,8}) (\\d{1,20}) +(/.*)",
          Pattern.DOTALL);

  /** The kernel writes this behind the path of a file that has no name any more. */
  private static final String DELETED = " (deleted)";

  public TargetProcess {
    files = List.copyOf(files);
  }

  /**
   * A mapped file.
   *
   * @param path as the target sees it, for people, without a {@code (deleted)} mark
   * @param bytes the same, as {@link KernelFile} reads it
   * @param range where it is mapped, as the name in {@code /proc/PID/map_files}; empty if that is
   *     not known
   * @param major of the device, as the file system has it; that which statx(2) tells may be another
   *     one (overlayfs, btrfs)
   * @param deleted whether its name is gone, or is that of another file
   */
  public record MappedFile(
      String path, String bytes, String range, int major, int minor, long inode, boolean deleted) {
    /** Returns the last part of its path. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The same for all mappings of a file; another one for a file that took its path. */
    private List<Object> key() {
      return List.of(bytes, major, minor, inode);
    }

    /**
     * @param line of {@code /proc/PID/maps}
     * @return null if it is not the mapping of a file that code is run from
     */
    static @Nullable MappedFile parse(String line) {
      Matcher parts = MAPPING.matcher(line);
      if (!parts.matches()) {
        return null;
      }
      String path = parts.group(6);
      boolean deleted = path.endsWith(DELETED);
      if (deleted) {
        path = path.substring(0, path.length() - DELETED.length());
      }
      // The kernel prints the links without leading zeros, maps pads small addresses.
      return new MappedFile(
          KernelFile.readable(path),
          path.replace("\\012", "\n"),
          withoutZeros(parts.group(1)) + "-" + withoutZeros(parts.group(2)),
          Integer.parseUnsignedInt(parts.group(3), 16),
          Integer.parseUnsignedInt(parts.group(4), 16),
          new BigInteger(parts.group(5)).longValue(),
          deleted);
    }

    private static String withoutZeros(String address) {
      return Long.toHexString(Long.parseUnsignedLong(address, 16));
    }
  }

  /**
   * @throws MachineException if there is no such process, or it may not be looked at
   */
  public static TargetProcess of(long pid) throws MachineException {
    checkProc();
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      Map<List<Object>, MappedFile> files = new LinkedHashMap<>();
      KernelFile.forEachLine(
          process.resolve("maps"),
          line -> {
            MappedFile file = MappedFile.parse(line);
            if (file != null) {
              files.putIfAbsent(file.key(), file);
            }
          });
      return new TargetProcess(pid, PidFilter.of(pid), new ArrayList<>(files.values()));
    } catch (IOException e) {
      if (e instanceof NoSuchFileException || !Files.exists(process)) {
        throw new MachineException("there is no process " + pid, e);
      }
      throw new MachineException(
          "process " + pid + " may not be inspected (" + IoFailure.sentence(e) + "): run as root",
          e);
    }
  }

  /** Numbers of processes mean nothing in a /proc that has those of another pid namespace. */
  private static void checkProc() throws MachineException {
    try {
      String self = Files.readSymbolicLink(Path.of("/proc/self")).toString();
      if (!self.equals(Long.toString(ProcessHandle.current().pid()))) {
        throw new MachineException(
            "/proc belongs to another pid namespace: mount proc in this one"
                + " (unshare --mount-proc)");
      }
    } catch (IOException e) {
      throw new MachineException("/proc is not mounted", e);
    }
  }

  /**
   * Opens the file that is mapped, even if another one has its name by now, or if it is in a
   * container. A process that may not follow the mapping's own link (CAP_SYS_ADMIN, or
   * CAP_CHECKPOINT_RESTORE since Linux 5.9) finds the file by its name.
   *
   * @throws IOException if it cannot be opened, is no regular file, or is not the one that was
   *     mapped
   */
  RegularFile open(MappedFile file) throws IOException {
    RegularFile opened = openMapped(file);
    try {
      FileStatus status = opened.status();
      boolean comparable = status.major() == file.major() && status.minor() == file.minor();
      if (comparable && status.inode() != file.inode()) {
        throw new IOException(
            file.path() + " is not the file that process " + pid + " has mapped: try again");
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private RegularFile openMapped(MappedFile file) throws IOException {
    String link = "/proc/" + pid + "/map_files/" + file.range();
    RegularFile mapped =
        file.range().isEmpty() ? null : RegularFile.openIfPermitted(link, file.path());
    if (mapped != null) {
      return mapped;
    }
    if (file.deleted()) {
      throw new IOException(file.path() + " was replaced or deleted: run as root");
    }
    return RegularFile.openInRoot(pid, file.bytes(), file.path());
  }

  /**
   * Returns the number by which the filter knows a thread.
   *
   * @param tid the thread's number in the target's own pid namespace, as its debuggers show it
   * @throws MachineException if the process has no such thread
   */
  public int thread(int tid) throws MachineException {
    try {
      for (int found : threads(pid, Set.of(tid))) {
        return found;
      }
    } catch (IOException e) {
      throw new MachineException("the threads of process " + pid + " cannot be listed", e);
    }
    throw noThread(pid, tid);
  }

  /**
   * Returns which threads of a process have these numbers, by which the process itself sees them.
   *
   * @return their numbers as a {@link PidFilter} compares them; those that there are
   */
  public static Set<Integer> threads(long pid, Set<Integer> seen) throws IOException {
    Set<Integer> found = new HashSet<>();
    if (seen.isEmpty()) {
      return found;
    }
    PidFilter filter = PidFilter.of(pid);
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    try (Stream<Path> threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        int number = Integer.parseInt(thread.getFileName().toString());
        // The target sees this number itself if it lives in our namespace.
        if (filter.numbers() == PidNumbers.INITIAL) {
          if (seen.contains(number)) {
            found.add(number);
          }
          continue;
        }
        List<Integer> numbers = numbers(pid, number);
        if (!numbers.isEmpty() && seen.contains(numbers.get(numbers.size() - 1))) {
          found.add(filter.numbers() == PidNumbers.OWN ? numbers.get(numbers.size() - 1) : number);
        }
      }
    }
    return found;
  }

  /** Empty if the thread has ended meanwhile. */
  private static List<Integer> numbers(long pid, int thread) throws IOException {
    try {
      return ProcessStatus.ofThread(pid, thread).numbers();
    } catch (IOException e) {
      if (Files.exists(Path.of("/proc", Long.toString(pid), "task", Integer.toString(thread)))) {
        throw e;
      }
      return List.of();
    }
  }

  /**
   * Returns the number that a thread has in its own pid namespace.
   *
   * @param tid its number as this process sees it
   * @throws MachineException if the process has no such thread
   */
  public static int ownNumber(long pid, int tid) throws MachineException {
    try {
      List<Integer> numbers = ProcessStatus.ofThread(pid, tid).numbers();
      return numbers.get(numbers.size() - 1);
    } catch (IOException e) {
      throw noThread(pid, tid);
    }
  }

  private static MachineException noThread(long pid, int tid) {
    return new MachineException(
        "process " + pid + " has no thread " + tid + " (-t): ls /proc/" + pid + "/task shows them");
  }
}
