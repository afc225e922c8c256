/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.MachineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A running process and the files that it has mapped to run code from. A moment's view; ask again
 * for libraries that are loaded later.
 *
 * @param pid as this process sees it
 */
public record TargetProcess(long pid, PidFilter filter, List<MappedFile> files) {
  public TargetProcess {
    files = List.copyOf(files);
  }

  /**
   * A mapped file.
   *
   * @param path as the target sees it, without a {@code (deleted)} mark
   * @param openPath what to open: the mapping's own link, which leads to the file that runs even if
   *     another one has its name by now, or if it is in a container
   */
  public record MappedFile(String path, Path openPath) {
    /** The last part of its path. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  /**
   * @throws MachineException if there is no such process, or it may not be looked at
   */
  public static TargetProcess of(long pid) throws MachineException {
    checkProc();
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      Map<String, MappedFile> files = new LinkedHashMap<>();
      for (String line : Files.readAllLines(process.resolve("maps"))) {
        // address perms offset dev inode path; the path may have blanks.
        String[] parts = line.split("\\s+", 6);
        if (parts.length == 6 && parts[1].charAt(2) == 'x' && parts[5].startsWith("/")) {
          String path = parts[5].replace(" (deleted)", "");
          files.putIfAbsent(path, new MappedFile(path, openPath(process, parts[0], path)));
        }
      }
      return new TargetProcess(pid, PidFilter.of(pid), new ArrayList<>(files.values()));
    } catch (NoSuchFileException e) {
      throw new MachineException("there is no process " + pid, e);
    } catch (IOException e) {
      throw new MachineException(
          "process " + pid + " may not be inspected (" + e.getMessage() + "): run as root", e);
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
   * The number by which the filter knows a thread.
   *
   * @param tid the thread's number in the target's own pid namespace, as its debuggers show it
   * @throws MachineException if the process has no such thread
   */
  public int thread(int tid) throws MachineException {
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    try (Stream<Path> threads = Files.list(tasks)) {
      for (Path thread : threads.toList()) {
        List<Integer> numbers = PidFilter.numbers(thread);
        if (numbers.get(numbers.size() - 1) == tid) {
          return filter instanceof PidFilter.Initial ? numbers.get(0) : tid;
        }
      }
    } catch (IOException e) {
      throw new MachineException("the threads of process " + pid + " cannot be listed", e);
    }
    throw noThread(pid, tid);
  }

  /**
   * The number that a thread has in its own pid namespace.
   *
   * @param tid its number as this process sees it
   * @throws MachineException if the process has no such thread
   */
  public static int ownNumber(long pid, int tid) throws MachineException {
    try {
      Path thread = Path.of("/proc", Long.toString(pid), "task", Integer.toString(tid));
      List<Integer> numbers = PidFilter.numbers(thread);
      return numbers.get(numbers.size() - 1);
    } catch (IOException e) {
      throw noThread(pid, tid);
    }
  }

  private static MachineException noThread(long pid, int tid) {
    return new MachineException(
        "process " + pid + " has no thread " + tid + " (-t): ls /proc/" + pid + "/task shows them");
  }

  private static Path openPath(Path process, String range, String path) {
    // The kernel prints these links without leading zeros, maps pads small addresses.
    int dash = range.indexOf('-');
    String link =
        Long.toHexString(Long.parseUnsignedLong(range.substring(0, dash), 16))
            + "-"
            + Long.toHexString(Long.parseUnsignedLong(range.substring(dash + 1), 16));
    Path mapFile = process.resolve("map_files").resolve(link);
    return Files.isReadable(mapFile) ? mapFile : process.resolve("root" + path);
  }
}
