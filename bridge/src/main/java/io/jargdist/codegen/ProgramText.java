/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.ProbePlan.KeyField;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Loss;
import io.jargdist.typing.CType;
import io.jargdist.typing.Types;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The C text of a probe, put together from parts: each method appends one.
 *
 * <p>libbcc compiles it: {@code BPF_F_TABLE} and the table methods are its dialect. Tables that are
 * read without a system call have one element per processor and BPF_F_MMAPABLE (1024).
 *
 * <p>What is counted in them is added atomically, although only one processor does: a program stays
 * on its processor, but another thread's may run there between any two of its instructions. Linux
 * runs programs of uprobes with migration disabled and preemption enabled
 * (bpf_prog_run_array_uprobe in include/linux/bpf.h, since commit 8c7dcb84e3b7, 6.0), and a plain
 * addition would then take back all that others added meanwhile.
 */
final class ProgramText {
  private static final int MMAPABLE = 1024;

  private static final String HIT = "  __sync_fetch_and_add(&account->hits, 1);\n";

  private final PlanOptions options;
  private final StringBuilder text = new StringBuilder();

  ProgramText(PlanOptions options) {
    this.options = options;
  }

  void append(String part) {
    text.append(part);
  }

  /** What every probe has: its ledger of hits and losses, its filter. */
  void prologue() {
    text.append(
        String.format(
            Locale.ROOT,
            """
        #include <uapi/linux/ptrace.h>

        #define READ(type, reader, address) ({ \\
          type value_ = 0; \\
          if (reader(&value_, sizeof(value_), (void *)(address))) failed = 1; \\
          value_; })

        // Keeps the compiler from moving or repeating a load.
        #define CONTEXT(place) ({ \\
          u64 value_ = (place); \\
          asm volatile("" : "+r"(value_)); \\
          value_; })

        // A number that is put into the program when it is loaded. The second instruction marks it.
        #define ATTACHED(placeholder) ({ \\
          u64 value_; \\
          asm volatile("%%0 = " #placeholder " ll\\n%%0 = %%0" : "=r"(value_)); \\
          value_; })

        // When counting began, and which half of the tables counts.
        #define CLOSED %6$dULL
        struct gate { u64 since; u64 half; };
        BPF_F_TABLE("array", u32, struct gate, %5$s, 1, 0);

        static __always_inline struct gate *find_gate(void) {
          u32 zero = 0;
          return %5$s.lookup(&zero);
        }

        struct account { u64 hits; u64 counted; u64 lost[%1$d]; } __attribute__((aligned(64)));
        BPF_F_TABLE("array", u32, struct account, %2$s, %3$d, %4$d);

        static __always_inline void lose(struct account *account, u32 reason) {
          __sync_fetch_and_add(&account->lost[reason], 1);
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

        """,
            Loss.values().length,
            ProbePlan.LEDGER_TABLE,
            options.possibleCpus() * ProbePlan.HALVES,
            MMAPABLE,
            ProbePlan.GATE_TABLE,
            ProbePlan.GATE_CLOSED));
    text.append(TargetFilterText.of(options));
  }

  /**
   * The table of slots. Each half has cache lines of its own for each processor, and its sum shares
   * one with its lowest slots.
   */
  void histogramTable(BucketScheme buckets) {
    text.append(buckets.slotFunction());
    text.append(
        String.format(
            Locale.ROOT,
            """

        struct histogram { u64 sum; u64 slots[%1$d]; } __attribute__((aligned(64)));
        BPF_F_TABLE("array", u32, struct histogram, %2$s, %3$d, %4$d);

        static __always_inline void add(u32 line, u64 slot, u64 value) {
          struct histogram *mine = %2$s.lookup(&line);
          // The compiler may know that the slot is small enough and leave the test out, but the
          // verifier of Linux 6.1 does not.
          asm volatile("" : "+r"(slot));
          if (!mine || slot >= %1$d) return;
          __sync_fetch_and_add(&mine->slots[slot], 1);
          __sync_fetch_and_add(&mine->sum, value);
        }

        """,
            buckets.slots(),
            ProbePlan.HISTOGRAM_TABLE,
            options.possibleCpus() * ProbePlan.HALVES,
            MMAPABLE));
  }

  /**
   * The table of keys. A key that is new is inserted with 0 and then counted as any other, so that
   * two processors that both find it new lose nothing.
   *
   * @param key not empty: where there is only one, the ledger counts
   */
  void frequencyTable(List<KeyField> key) {
    text.append("struct key {\n");
    for (int i = 0; i < key.size(); i++) {
      KeyField field = key.get(i);
      CType.Int type = field.type();
      text.append(
          type == null
              ? String.format(Locale.ROOT, "  char v%d[%d];\n", i, field.size())
              : String.format(Locale.ROOT, "  %s v%d;\n", Types.cName(type), i));
    }
    text.append(
        String.format(
            Locale.ROOT,
            """
        };
        struct events { u64 half[%4$d]; };
        BPF_F_TABLE("hash", struct key, struct events, %1$s, %2$d, 0);

        static __always_inline void count(struct account *account, struct key *key, u64 half) {
          struct events *events = %1$s.lookup(key);
          if (!events) {
            struct events none = {};
            %1$s.insert(key, &none);
            events = %1$s.lookup(key);
          }
          if (events) __sync_fetch_and_add(&events->half[half & 1], 1);
          else lose(account, %3$d);
        }

        """,
            ProbePlan.FREQUENCY_TABLE,
            options.tableEntries(),
            Loss.TABLE_FULL.ordinal(),
            ProbePlan.HALVES));
  }

  /** The table that takes values from the entry program to the return program. */
  void callTable(int keptValues, boolean inKernel) {
    text.append(CallStackText.tables(keptValues, options.callEntries(), inKernel));
  }

  /**
   * The head of a program, up to where only the target's events are left: also those of the time
   * before counting began.
   *
   * @param hit whether a run is one that costs the application something: of a return probe the
   *     entry stands for both
   * @param takesTime whether what follows needs the time
   */
  void begin(String name, String context, boolean hit, boolean takesTime) {
    text.append(
        String.format(
            Locale.ROOT,
            """
        int %1$s(struct %2$s *ctx) {
          struct gate *gate = find_gate();
          if (!gate) return 0;
          u64 half = CONTEXT(gate->half) & 1;
          u32 line = half * %6$d + bpf_get_smp_processor_id();
          struct account *account = %3$s.lookup(&line);
          if (!account) return 0;
        %4$s  u64 id = bpf_get_current_pid_tgid();
          if (!is_target(id)) return 0;
        %5$s""",
            name,
            context,
            ProbePlan.LEDGER_TABLE,
            hit ? HIT : "",
            takesTime ? "  u64 now = bpf_ktime_get_ns();\n" : "",
            options.possibleCpus()));
  }

  /**
   * The rest of an entry program.
   *
   * @param kept the values to keep, as C
   * @param context of the entry program
   * @param needed whether the event of a call that finds no place cannot be counted
   */
  void keepEntry(List<String> kept, CallContext context, boolean needed) {
    text.append(CallStackText.push(kept, context.frame(), needed));
  }

  /**
   * Takes what the entry program kept.
   *
   * @param variables the names of the kept values
   * @param context of the return program
   * @param needed whether an event without its entry cannot be counted
   */
  void takeEntry(List<String> variables, CallContext context, boolean needed) {
    text.append(CallStackText.pop(variables, context, needed));
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
      text.append(String.format(Locale.ROOT, "  u32 counted = (%s) != 0;\n", condition));
      giveUpIfFailed();
      text.append("  if (!counted) return 0;\n");
    }
  }

  /** Leaves out what happens before counting begins. */
  void begun() {
    text.append("  if (gate->since == CLOSED) return 0;\n");
  }

  /** Adds a value to the histogram; the program ends here. */
  void addToHistogram(String value, CType.Int type) {
    String wide = type.signed() ? "s64" : "u64";
    text.append(
        String.format(
            Locale.ROOT, "  %s value = (%s)(%s)%s;\n", wide, wide, Types.cName(type), value));
    giveUpIfFailed();
    text.append("  add(line, slot_of(value), value);\n  return 0;\n}\n\n");
  }

  /** Counts the event, whatever it is; the program ends here. */
  void countEvent() {
    text.append("  __sync_fetch_and_add(&account->counted, 1);\n  return 0;\n}\n\n");
  }

  void beginKey() {
    text.append("  struct key key;\n  __builtin_memset(&key, 0, sizeof(key));\n");
  }

  /** Counts the key; the program ends here. */
  void countKey() {
    giveUpIfFailed();
    text.append("  count(account, &key, half);\n  return 0;\n}\n\n");
  }

  private void giveUpIfFailed() {
    text.append(
        String.format(
            Locale.ROOT,
            "  if (failed) { lose(account, %d); return 0; }\n",
            Loss.READ_FAILED.ordinal()));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
