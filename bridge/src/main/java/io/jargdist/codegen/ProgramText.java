/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.ProbePlan.KeyField;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Loss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The C text of a probe, put together from parts: each method appends one.
 *
 * <p>libbcc compiles it: {@code BPF_F_TABLE} and the table methods are its dialect. Tables that are
 * read without a system call have one element per processor and BPF_F_MMAPABLE (1024).
 */
final class ProgramText {
  private static final int MMAPABLE = 1024;

  private final PlanOptions options;
  private final StringBuilder text = new StringBuilder();

  ProgramText(PlanOptions options) {
    this.options = options;
  }

  void append(String part) {
    text.append(part);
  }

  /** What every probe has: its configuration, its loss counters, its filter. */
  void prologue() {
    text.append(
        """
        #include <uapi/linux/ptrace.h>

        #define READ(type, reader, address) ({ \\
          type value_ = 0; \\
          if (reader(&value_, sizeof(value_), (void *)(address))) failed = 1; \\
          value_; })

        // Keeps the compiler from moving a load of what the verifier watches.
        #define CONTEXT(place) ({ \\
          u64 value_ = (place); \\
          asm volatile("" : "+r"(value_)); \\
          value_; })

        struct config { u64 since; u64 device; u64 inode; u32 process; u32 thread; };
        struct losses { u64 counts[%1$d]; };
        BPF_F_TABLE("array", u32, struct config, %2$s, 1, 0);
        BPF_F_TABLE("array", u32, struct losses, %3$s, %4$d, %5$d);

        static __always_inline void lose(u32 reason) {
          u32 cpu = bpf_get_smp_processor_id();
          struct losses *mine = %3$s.lookup(&cpu);
          if (mine) __sync_fetch_and_add(&mine->counts[reason], 1);
        }

        static __always_inline u64 unsigned_divide(u64 a, u64 b) {
          return b ? a / b : 0;
        }

        static __always_inline u64 unsigned_modulo(u64 a, u64 b) {
          return b ? a %% b : 0;
        }

        static __always_inline s64 signed_divide(s64 a, s64 b) {
          u64 quotient = unsigned_divide(a < 0 ? -(u64)a : a, b < 0 ? -(u64)b : b);
          return (a < 0) == (b < 0) ? quotient : -quotient;
        }

        static __always_inline s64 signed_modulo(s64 a, s64 b) {
          u64 rest = unsigned_modulo(a < 0 ? -(u64)a : a, b < 0 ? -(u64)b : b);
          return a < 0 ? -rest : rest;
        }

        """
            .formatted(
                Loss.values().length,
                ProbePlan.CONFIG_TABLE,
                ProbePlan.LOSS_TABLE,
                options.possibleCpus(),
                MMAPABLE));
    text.append(
        """
        static __always_inline int is_target(struct config *target, u64 id) {
        """);
    boolean namespaced = options.namespaced();
    boolean oneThread = options.thread() != null;
    if (namespaced && (oneThread || !options.systemWide())) {
      text.append(
          """
            struct bpf_pidns_info own = {};
            if (bpf_get_ns_current_pid_tgid(target->device, target->inode, &own, sizeof(own))) return 0;
          """);
    }
    if (!options.systemWide()) {
      String process = namespaced ? "own.tgid" : "(u32)(id >> 32)";
      text.append("  if (%s != target->process) return 0;\n".formatted(process));
    }
    if (oneThread) {
      String thread = namespaced ? "own.pid" : "(u32)id";
      text.append("  if (%s != target->thread) return 0;\n".formatted(thread));
    }
    text.append("  return 1;\n}\n\n");
  }

  /**
   * The table of slots. Each processor has cache lines of its own, and its sum shares one with its
   * lowest slots.
   */
  void histogramTable(BucketScheme buckets) {
    text.append(buckets.slotFunction());
    text.append(
        """

        struct histogram { u64 sum; u64 slots[%1$d]; } __attribute__((aligned(64)));
        BPF_F_TABLE("array", u32, struct histogram, %2$s, %3$d, %4$d);

        static __always_inline void add(u64 slot, u64 value) {
          u32 cpu = bpf_get_smp_processor_id();
          struct histogram *mine = %2$s.lookup(&cpu);
          // The compiler may know that the slot is small enough and leave the test out, but the
          // verifier of Linux 6.1 does not.
          asm volatile("" : "+r"(slot));
          if (!mine || slot >= %1$d) return;
          __sync_fetch_and_add(&mine->slots[slot], 1);
          __sync_fetch_and_add(&mine->sum, value);
        }

        """
            .formatted(
                buckets.slots(), ProbePlan.HISTOGRAM_TABLE, options.possibleCpus(), MMAPABLE));
  }

  /**
   * The table of keys. A key that is new is inserted with 0 and then counted as any other, so that
   * two processors that both find it new lose nothing.
   */
  void frequencyTable(List<KeyField> key) {
    text.append("struct key {\n");
    for (int i = 0; i < key.size(); i++) {
      KeyField field = key.get(i);
      CType.Int type = field.type();
      text.append(
          type == null
              ? "  char v%d[%d];\n".formatted(i, field.size())
              : "  %s v%d;\n".formatted(Types.cName(type), i));
    }
    if (key.isEmpty()) {
      text.append("  u64 all;\n");
    }
    text.append(
        """
        };
        BPF_F_TABLE("hash", struct key, u64, %1$s, %2$d, 0);

        static __always_inline void count(struct key *key) {
          u64 *events = %1$s.lookup(key);
          if (!events) {
            u64 none = 0;
            %1$s.insert(key, &none);
            events = %1$s.lookup(key);
          }
          if (events) __sync_fetch_and_add(events, 1);
          else lose(%3$d);
        }

        """
            .formatted(
                ProbePlan.FREQUENCY_TABLE, options.tableEntries(), Loss.TABLE_FULL.ordinal()));
  }

  /** The table that takes values from the entry program to the return program. */
  void callTable(int keptValues, boolean inKernel) {
    text.append(CallStackText.tables(keptValues, options.callEntries(), inKernel));
  }

  /** The head of a program, up to where only the target's events are left. */
  void begin(String name, String context, boolean takesTime) {
    text.append("int %s(struct %s *ctx) {\n".formatted(name, context));
    if (takesTime) {
      text.append("  u64 now = bpf_ktime_get_ns();\n");
    }
    text.append(
        """
          u32 zero = 0;
          struct config *target = %s.lookup(&zero);
          if (!target) return 0;
          u64 id = bpf_get_current_pid_tgid();
          if (!is_target(target, id)) return 0;
        """
            .formatted(ProbePlan.CONFIG_TABLE));
  }

  /**
   * The rest of an entry program.
   *
   * @param kept the values to keep, as C
   * @param needed whether the event of a call that finds no place cannot be counted
   */
  void keepEntry(List<String> kept, boolean needed) {
    text.append(CallStackText.push(kept, needed));
  }

  /**
   * Takes what the entry program kept.
   *
   * @param variables the names of the kept values
   * @param stackOffset what to subtract from the stack pointer to find the one at entry
   * @param needed whether an event without its entry cannot be counted
   */
  void takeEntry(List<String> variables, int stackOffset, boolean needed) {
    text.append(CallStackText.pop(variables, stackOffset, needed));
  }

  /** The rest of the program that forgets the calls of a thread that ends. */
  void forgetThread() {
    text.append(CallStackText.clear());
  }

  /**
   * @param condition as C; null without a filter
   */
  void filter(@Nullable String condition) {
    text.append("  u32 failed = 0;\n");
    if (condition != null) {
      text.append("  u32 counted = (%s) != 0;\n".formatted(condition));
      giveUpIfFailed();
      text.append("  if (!counted) return 0;\n");
    }
  }

  /** Adds a value to the histogram; the program ends here. */
  void addToHistogram(String value, CType.Int type) {
    String wide = type.signed() ? "s64" : "u64";
    text.append("  %s value = (%s)(%s)%s;\n".formatted(wide, wide, Types.cName(type), value));
    giveUpIfFailed();
    text.append("  add(slot_of(value), value);\n  return 0;\n}\n\n");
  }

  void beginKey() {
    text.append("  struct key key;\n  __builtin_memset(&key, 0, sizeof(key));\n");
  }

  /** Counts the key; the program ends here. */
  void countKey() {
    giveUpIfFailed();
    text.append("  count(&key);\n  return 0;\n}\n\n");
  }

  private void giveUpIfFailed() {
    text.append("  if (failed) { lose(%d); return 0; }\n".formatted(Loss.READ_FAILED.ordinal()));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
