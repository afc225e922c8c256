/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code /proc/PID/status} says of a process (proc_pid_status(5)): a moment's view. */
public final class ProcessStatus {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private final String process;
  private final Map<String, List<String>> fields;

  private ProcessStatus(String process, Map<String, List<String>> fields) {
    this.process = process;
    this.fields = fields;
  }

  /**
   * @param process a number, {@code "self"} or {@code "thread-self"}
   */
  public static ProcessStatus of(String process) throws IOException {
    Map<String, List<String>> fields = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(
            line.substring(0, colon), List.of(line.substring(colon + 1).strip().split("\\s+")));
      }
    }
    return new ProcessStatus(process, fields);
  }

  public int effectiveUid() throws IOException {
    return Integer.parseUnsignedInt(field("Uid").get(1));
  }

  public int effectiveGid() throws IOException {
    return Integer.parseUnsignedInt(field("Gid").get(1));
  }

  /**
   * The users who can do in the process's folders what it can do itself: its own, root, and the one
   * that is root in its user namespace (user_namespaces(7)).
   */
  public Set<Integer> trustedUsers() throws IOException {
    Set<Integer> users = new HashSet<>(List.of(0, effectiveUid()));
    for (String line : Files.readAllLines(Path.of("/proc", process, "uid_map"))) {
      String[] range = line.strip().split("\\s+");
      if (range[0].equals("0")) {
        users.add(Integer.parseUnsignedInt(range[1]));
      }
    }
    return users;
  }

  /** The process's number in its own pid namespace. */
  public int innermostPid() throws IOException {
    List<String> numbers = field("NSpid");
    return Integer.parseInt(numbers.get(numbers.size() - 1));
  }

  /** Whether it has a handler for a signal. */
  public boolean catches(int signal) throws IOException {
    return (Long.parseUnsignedLong(field("SigCgt").get(0), 16) >>> (signal - 1) & 1) != 0;
  }

  /** Whether it may load programs and attach them to other processes. */
  public boolean mayProbe() throws IOException {
    return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
  }

  /** The capabilities that it may use, one bit each. */
  public long permitted() throws IOException {
    return Long.parseUnsignedLong(field("CapPrm").get(0), 16);
  }

  /** The size of its address space, in bytes. */
  public long virtualMemory() throws IOException {
    return Long.parseLong(field("VmSize").get(0)) << 10;
  }

  private boolean has(int capability) throws IOException {
    return (Long.parseUnsignedLong(field("CapEff").get(0), 16) >>> capability & 1) != 0;
  }

  private List<String> field(String name) throws IOException {
    List<String> values = fields.get(name);
    if (values == null) {
      throw new IOException("/proc/PID/status has no line " + name);
    }
    return values;
  }
}
