/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.PidNumbers;
import java.util.Locale;

/**
 * Writes the C text that decides whether the current thread's events count. Threads of jargdist in
 * the target are left out, unless the options say otherwise. There are few of them, so a bit set of
 * their numbers rules out nearly all other threads without a search.
 *
 * <p>bpf_get_ns_current_pid_tgid (Linux 5.7) returns the current thread's numbers in one pid
 * namespace, and fails for threads of other namespaces.
 */
final class TargetFilterText {
  private TargetFilterText() {}

  /** Returns C that declares {@code seen_id(id)} and {@code is_target(id)}. */
  static String of(PlanOptions options) {
    return tables(options) + seenId(options.numbers()) + isTarget(options);
  }

  private static String tables(PlanOptions options) {
    return options.ownThreads()
        ? ""
        : String.format(
            Locale.ROOT,
            """
        BPF_F_TABLE("array", u32, u64, %1$s, 1, 0);
        BPF_F_TABLE("hash", u32, u32, %2$s, %3$d, 0);

        // By the number that is_target() compares.
        static __always_inline int is_own_thread(u32 thread) {
          u32 zero = 0;
          u64 *bits = %1$s.lookup(&zero);
          return bits && *bits >> (thread %% 64) & 1 && %2$s.lookup(&thread);
        }

        """,
            ProgramTables.OWN_BITS,
            ProgramTables.OWN_THREADS,
            ProgramTables.MAX_OWN_THREADS);
  }

  private static String numbersInNamespace(String otherwise) {
    return String.format(
        Locale.ROOT,
        """
          struct bpf_pidns_info own = {};
          if (bpf_get_ns_current_pid_tgid(%s, %s, &own, sizeof(own))) return %s;
        """,
        AttachmentConstant.DEVICE.c(),
        AttachmentConstant.INODE.c(),
        otherwise);
  }

  /**
   * Returns C that declares {@code seen_id(id)}. Threads outside the target's namespace keep their
   * numbers in the initial one.
   */
  private static String seenId(PidNumbers numbers) {
    String body =
        numbers == PidNumbers.INITIAL
            ? "  return id;\n"
            : numbersInNamespace("id") + "  return (u64)own.tgid << 32 | own.pid;\n";
    return "// Process and thread, by the numbers that the target sees.\n"
        + "static __always_inline u64 seen_id(u64 id) {\n"
        + body
        + "}\n\n";
  }

  private static String isTarget(PlanOptions options) {
    boolean oneThread = options.thread() != null;
    boolean oneProcess = !options.systemWide();
    StringBuilder text = new StringBuilder("static __always_inline int is_target(u64 id) {\n");
    if (options.numbers() == PidNumbers.OWN && (oneThread || oneProcess || !options.ownThreads())) {
      text.append(numbersInNamespace(oneThread || oneProcess ? "0" : "1"));
      text.append("  id = (u64)own.tgid << 32 | own.pid;\n");
    }
    if (oneProcess) {
      text.append(compare("id >> 32", AttachmentConstant.PROCESS));
    }
    if (oneThread) {
      text.append(compare("(u32)id", AttachmentConstant.THREAD));
    }
    if (!options.ownThreads()) {
      text.append("  if (is_own_thread(id)) return 0;\n");
    }
    return text.append("  return 1;\n}\n\n").toString();
  }

  private static String compare(String number, AttachmentConstant with) {
    return String.format(Locale.ROOT, "  if (%s != %s) return 0;\n", number, with.c());
  }
}
