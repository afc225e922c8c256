/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The content of {@code /proc/PID/status} at one moment (proc_pid_status(5)). */
public final class ProcessStatus {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private final Map<String, List<String>> fields;

  private ProcessStatus(Map<String, List<String>> fields) {
    this.fields = fields;
  }

  /**
   * @param process a number, {@code "self"} or {@code "thread-self"}
   */
  public static ProcessStatus of(String process) throws IOException {
    return parse(KernelFile.lines(Path.of("/proc", process, "status")));
  }

  /** Reads the status of one thread. */
  public static ProcessStatus ofThread(long pid, int thread) throws IOException {
    return of(pid + "/task/" + thread);
  }

  /**
   * @param lines of such a file; the kernel escapes newlines in the name of the process
   */
  static ProcessStatus parse(List<String> lines) {
    Map<String, List<String>> fields = new HashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.putIfAbsent(
            line.substring(0, colon), List.of(line.substring(colon + 1).strip().split("\\s+")));
      }
    }
    return new ProcessStatus(fields);
  }

  public int effectiveUid() throws IOException {
    return Integer.parseUnsignedInt(word("Uid", 1));
  }

  public int effectiveGid() throws IOException {
    return Integer.parseUnsignedInt(word("Gid", 1));
  }

  /** Returns all groups whose files it may open as a member. */
  public Set<Integer> groups() throws IOException {
    Set<Integer> groups = new HashSet<>();
    for (String name : List.of("Gid", "Groups")) {
      for (String group : field(name)) {
        if (!group.isEmpty()) {
          groups.add(Integer.parseUnsignedInt(group));
        }
      }
    }
    return groups;
  }

  /**
   * Returns the numbers of the process: the first one in the pid namespace of the /proc that tells
   * it, the last one in its own.
   */
  public List<Integer> numbers() throws IOException {
    // A kernel without pid namespaces (CONFIG_PID_NS) has no such line.
    List<String> numbers = fields.getOrDefault("NSpid", field("Pid"));
    List<Integer> parsed = new ArrayList<>();
    for (String number : numbers) {
      parsed.add(Integer.valueOf(number));
    }
    return parsed;
  }

  /**
   * Returns the users who can do in a process's folders what it can do itself: its own, root, and
   * the one that is root in its user namespace (user_namespaces(7)).
   */
  public static Set<Integer> trustedUsers(long pid) throws IOException {
    String process = Long.toString(pid);
    Set<Integer> users = new HashSet<>(List.of(0, of(process).effectiveUid()));
    for (String line : KernelFile.lines(Path.of("/proc", process, "uid_map"))) {
      String[] range = line.strip().split("\\s+");
      if (range[0].equals("0")) {
        users.add(Integer.parseUnsignedInt(range[1]));
      }
    }
    return users;
  }

  /** Returns the process's number in its own pid namespace. */
  public int innermostPid() throws IOException {
    List<Integer> numbers = numbers();
    return numbers.get(numbers.size() - 1);
  }

  /** Returns whether it has a handler for a signal. */
  public boolean catches(int signal) throws IOException {
    return (Long.parseUnsignedLong(word("SigCgt", 0), 16) >>> (signal - 1) & 1) != 0;
  }

  /**
   * Returns whether a signal or a debugger has stopped it, so that it runs nothing until it is
   * continued.
   */
  public boolean isStopped() throws IOException {
    String state = word("State", 0);
    return state.equals("T") || state.equals("t");
  }

  /** Returns whether it may load programs and attach them to other processes. */
  public boolean mayProbe() throws IOException {
    return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
  }

  /** Returns the capabilities that it may use, one bit each. */
  public long permitted() throws IOException {
    return Long.parseUnsignedLong(field("CapPrm").get(0), 16);
  }

  /** Returns the size of its address space, in bytes. */
  public long virtualMemory() throws IOException {
    return Long.parseLong(field("VmSize").get(0)) << 10;
  }

  private boolean has(int capability) throws IOException {
    return (Long.parseUnsignedLong(word("CapEff", 0), 16) >>> capability & 1) != 0;
  }

  private String word(String name, int number) throws IOException {
    List<String> words = field(name);
    if (number >= words.size()) {
      throw new IOException("/proc/PID/status has no whole line " + name);
    }
    return words.get(number);
  }

  private List<String> field(String name) throws IOException {
    List<String> values = fields.get(name);
    if (values == null) {
      throw new IOException("/proc/PID/status has no line " + name);
    }
    return values;
  }
}
