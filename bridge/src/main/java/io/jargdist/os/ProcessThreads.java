/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.PidNumbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The threads of a process, which have a number in each pid namespace that they are in. */
public final class ProcessThreads {
  private ProcessThreads() {}

  /**
   * Checks that /proc has the numbers of this pid namespace: those of another one mean nothing
   * here.
   */
  public static void checkProc() throws MachineException {
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
   * Returns the number by which a {@link PidFilter} knows a thread.
   *
   * @param tid the thread's number in the target's own pid namespace, as its debuggers show it
   * @throws MachineException if the process has no such thread
   */
  public static int thread(long pid, int tid) throws MachineException {
    try {
      for (int found : of(pid, Set.of(tid))) {
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
  public static Set<Integer> of(long pid, Set<Integer> seen) throws IOException {
    Set<Integer> found = new HashSet<>();
    if (seen.isEmpty()) {
      return found;
    }
    PidFilter filter = PidFilter.of(pid);
    for (int number : all(pid)) {
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
    return found;
  }

  /** Returns the numbers that this process sees of all threads of a process. */
  public static Set<Integer> all(long pid) throws IOException {
    Set<Integer> all = new HashSet<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      threads.forEach(thread -> all.add(Integer.valueOf(thread.getFileName().toString())));
    }
    return all;
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
