/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.TypeSource;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Loss;
import io.jargdist.specifier.Expression.Explanation;
import io.jargdist.specifier.Form;
import io.jargdist.typing.KeyField;
import io.jargdist.typing.PairEnd;
import io.jargdist.typing.StoredAtEntry;
import io.jargdist.typing.TypedBeginning;
import io.jargdist.typing.TypedColumn;
import io.jargdist.typing.TypedProgram;
import io.jargdist.typing.TypedValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts the C text of a probe together from parts. Each method appends one part.
 *
 * <p>libbcc compiles the text; {@code BPF_F_TABLE} and the table methods are its dialect. Tables
 * that are read without a system call have one element per processor and BPF_F_MMAPABLE (1024).
 *
 * <p>Programs add to these tables atomically, although each element belongs to one processor. A
 * program stays on its processor, but the program of another thread may run there between any two
 * of its instructions. Linux runs programs of uprobes with migration disabled and preemption
 * enabled (bpf_prog_run_array_uprobe in include/linux/bpf.h, since commit 8c7dcb84e3b7, 6.0), so a
 * plain addition could undo what others have added meanwhile.
 */
public final class ProgramText {
  static final int MMAPABLE = 1024;

  private static final String GIVE_UP_IF_FAILED =
      String.format(
          Locale.ROOT,
          "  if (failed) { lose(account, %d); return 0; }\n",
          Loss.READ_FAILED.ordinal());

  private static final String COUNTED = "  __sync_fetch_and_add(&account->counted, 1);\n";
  private static final String HIT = "  __sync_fetch_and_add(&account->hits, 1);\n";

  private final PlanOptions options;
  private final Form form;
  private final Architecture architecture;
  private final StringBuilder text = new StringBuilder();
  private final FilledNumbers numbers = new FilledNumbers();

  /** The names of the programs' functions. */
  public record Names(String atEntry, String atReturn, String atExit) {}

  public ProgramText(PlanOptions options, Form form, Architecture architecture) {
    this.options = options;
    this.form = form;
    this.architecture = architecture;
  }

  /** Appends what every probe has: its ledger of hits and losses, and its filter. */
  public void prologue() {
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

            // The size of a table that gets its size when it is created.
            #define SIZED 1

            // When counting began, and which half of the tables counts.
            #define CLOSED %5$dULL
            struct gate { u64 since; u64 half; };
            BPF_F_TABLE("array", u32, struct gate, %4$s, 1, 0);

            static __always_inline struct gate *find_gate(void) {
              u32 zero = 0;
              return %4$s.lookup(&zero);
            }

            struct account { u64 hits; u64 counted; u64 lost[%1$d]; u64 begun; u64 ended; } __attribute__((aligned(64)));
            BPF_F_TABLE("array", u32, struct account, %2$s, SIZED, %3$d);

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
            ProgramTables.LEDGER,
            MMAPABLE,
            ProgramTables.GATE,
            ProgramTables.GATE_CLOSED));
    text.append(TargetFilterText.of(options));
  }

  /**
   * Appends the tables in which events are counted.
   *
   * @param buckets of a histogram; null for other forms
   * @param key may be empty
   */
  public void countingTables(@Nullable BucketScheme buckets, List<KeyField> key) {
    text.append(CountingTables.key(key));
    text.append(
        switch (form) {
          case HISTOGRAM -> CountingTables.histogram(Objects.requireNonNull(buckets), key);
          case FREQUENCY -> CountingTables.frequency(key);
          case SUM -> CountingTables.sum(key);
        });
  }

  /** Appends what keys need whose texts say this. */
  public void explainedKeys(Set<Explanation> explanations, TypeSource kernel) {
    text.append(explanations.isEmpty() ? "" : ExplainedKeyText.address());
    for (Explanation explanation : explanations) {
      text.append(ExplainedKeyText.functions(explanation, kernel));
    }
  }

  /** Appends what the programs with this context need before them. */
  public void declarations(ProgramContext context) {
    text.append(context.declarations());
  }

  /**
   * Appends a program that handles an event.
   *
   * @param name of its function
   */
  public void program(String name, ProgramContext context, TypedProgram program) {
    Body body = new Body(name, context, program, null);
    body.functions();
    begin(name, context.struct(), true, false, true);
    body.finish();
  }

  /**
   * Appends what the programs of a pair need before them.
   *
   * @param interruptOffset see {@link WhoseText#interrupts}
   */
  public void pairTable(PairEnd first, @Nullable Integer interruptOffset) {
    text.append(PairText.tables(first, options.systemWide()));
    text.append(WhoseText.interrupts(interruptOffset));
  }

  /** Appends the table of the target's threads, and the program that adds them. */
  public void targetThreads(String name, int pidOffset) {
    text.append(WhoseText.threads(options.ownThreads()));
    text.append("struct beginning_thread { u64 task; u64 flags; };\n\n");
    begin(name, "beginning_thread", false, false, true);
    text.append(WhoseText.threadBegins(pidOffset));
  }

  /**
   * Appends the program that runs when a thread ends.
   *
   * @param first what the first event stores
   * @param followsThreads whether there is a table of the target's threads
   * @param endsPairs whether a pair is found by its thread, with which it ends
   */
  public void threadEnds(String name, PairEnd first, boolean followsThreads, boolean endsPairs) {
    text.append("struct ending_thread { u64 thread; };\n\n");
    begin(name, "ending_thread", false, false, true);
    if (followsThreads) {
      text.append(WhoseText.forget());
    }
    text.append(endsPairs ? PairText.threadEnds(first) : "  return 0;\n}\n\n");
  }

  /** Appends a program that handles the first event of a pair. */
  public void beginning(String name, ProgramContext context, TypedBeginning beginning) {
    BeginningBody body = new BeginningBody(name, context, beginning);
    body.functions();
    begin(name, context.struct(), true, false, body.isOfCurrentThread());
    body.finish();
  }

  /** Appends the programs of a first event that is a return, which needs values of the entry. */
  public void beginningAtReturn(
      Names names, ProgramContext context, TypedBeginning beginning, boolean inKernel) {
    BeginningBody body = new BeginningBody(names.atReturn(), context, beginning);
    body.functions();
    callStack(names, context, beginning.entryValues(), inKernel, true);
    begin(names.atReturn(), context.struct(), false, true, true);
    text.append(CallStackText.pop(beginning.entryValues(), context, true));
    body.finish();
  }

  /**
   * Appends a program that handles the second event of a pair.
   *
   * @param first what the first event stores
   */
  public void end(String name, ProgramContext context, TypedProgram program, PairEnd first) {
    PairEnd second = Objects.requireNonNull(program.pair());
    Body body = new Body(name, context, program, first);
    body.functions();
    boolean current =
        switch (second.whose()) {
          case THREAD -> true;
          case THREAD_OUTSIDE_INTERRUPTS, TASK -> false;
          case ANYBODY -> second.byThread();
        };
    begin(name, context.struct(), true, true, current);
    body.finish();
  }

  /**
   * Appends the programs that pair returns with entries: one runs at entries, one drops the calls
   * of threads that end, and one handles returns.
   *
   * @param inKernel whether it is a function of the kernel
   */
  public void pairedPrograms(
      Names names, ProgramContext context, TypedProgram program, boolean inKernel) {
    boolean needed = program.needsEntry() || context.returnInstructions();
    Body body = new Body(names.atReturn(), context, program, null);
    body.functions();
    callStack(names, context, program.entryValues(), inKernel, needed);
    begin(names.atReturn(), context.struct(), false, needed, true);
    text.append(CallStackText.pop(program.entryValues(), context, needed));
    body.finish();
  }

  /**
   * Appends the programs that keep the stacks of calls.
   *
   * @param stored what is needed of the entry
   */
  private void callStack(
      Names names,
      ProgramContext context,
      List<StoredAtEntry> stored,
      boolean inKernel,
      boolean needed) {
    List<String> entryValues = new ArrayList<>();
    for (StoredAtEntry one : stored) {
      String parameter = context.parameters().get(one.place());
      entryValues.add(one.file() ? OpenFileText.call(parameter) : parameter);
    }
    text.append(CallStackText.tables(entryValues.size(), inKernel));
    text.append("struct exiting { u64 thread; };\n\n");
    begin(names.atExit(), "exiting", false, false, true);
    text.append(CallStackText.clear());
    begin(names.atEntry(), context.struct(), true, false, true);
    text.append(CallStackText.push(entryValues, context.frame(), needed));
  }

  /**
   * Appends the head of a program, which leaves out the events of others than the target. It does
   * not leave out events from before the counting began.
   *
   * @param hit whether a run is counted as a cost to the application; for a return probe, the entry
   *     stands for both
   * @param takesTime whether the rest needs the time
   * @param current whether the current thread decides whose the event is
   */
  private void begin(String name, String context, boolean hit, boolean takesTime, boolean current) {
    text.append(
        String.format(
            Locale.ROOT,
            """
            int %1$s(struct %2$s *ctx) {
              struct gate *gate = find_gate();
              if (!gate) return 0;
              u64 half = CONTEXT(gate->half) & 1;
              u32 line = half * %6$s + bpf_get_smp_processor_id();
              struct account *account = %3$s.lookup(&line);
              if (!account) return 0;
            %4$s  u64 id = bpf_get_current_pid_tgid();
            %7$s%5$s\
            """,
            name,
            context,
            ProgramTables.LEDGER,
            hit ? HIT : "",
            takesTime ? "  u64 now = bpf_ktime_get_ns();\n" : "",
            AttachmentConstant.PROCESSORS.c(),
            current ? "  if (!is_target(id)) return 0;\n" : ""));
  }

  /** Writes the rest of a first event's program. */
  private final class BeginningBody {
    private final ValueText values;
    private final PairEnd end;
    private final String where;
    private final @Nullable String condition;
    private final String kept;

    BeginningBody(String name, ProgramContext context, TypedBeginning beginning) {
      this.values = new ValueText(context, architecture, name, numbers);
      this.end = beginning.end();
      this.where = PairText.where(end, values);
      TypedValue required = beginning.condition();
      this.condition = required == null ? null : values.write(required);
      StringBuilder fills = new StringBuilder();
      for (int i = 0; i < end.kept().size(); i++) {
        TypedColumn column = end.kept().get(i);
        if (!(column instanceof TypedColumn.NumberColumn)) {
          String place = "pair->" + PairText.variable(i);
          fills.append("  __builtin_memset(&" + place + ", 0, sizeof(" + place + "));\n");
        }
        fills.append(column.accept(ColumnText.ofPair(i, values)));
      }
      this.kept = fills.toString();
    }

    /** Returns whether an event of another thread than the target's is not looked at. */
    boolean isOfCurrentThread() {
      return switch (end.whose()) {
        case THREAD, THREAD_OUTSIDE_INTERRUPTS -> true;
        case TASK -> false;
        case ANYBODY -> end.byThread();
      };
    }

    void functions() {
      text.append(values.functions());
    }

    void finish() {
      text.append(values.declarations());
      text.append("  u32 failed = 0;\n");
      text.append(where);
      text.append(WhoseText.ours(end, isOfCurrentThread()));
      text.append("  if (!ours) return 0;\n");
      pairCondition(condition);
      text.append(PairText.begin(end, kept));
    }
  }

  /** Appends C that leaves out events which do not meet a condition. */
  private void pairCondition(@Nullable String condition) {
    if (condition != null) {
      text.append(String.format(Locale.ROOT, "  u32 seen = (%s) != 0;\n", condition));
    }
    text.append("  if (failed) { " + PairText.loseOurs(Loss.READ_FAILED) + " return 0; }\n");
    if (condition != null) {
      text.append("  if (!seen) return 0;\n");
    }
  }

  /** Writes the rest of a program, behind the check that the event is the target's. */
  private final class Body {
    private final ValueText values;
    private final TypedProgram program;
    private final @Nullable PairEnd first;
    private final @Nullable String condition;
    private final @Nullable String filter;
    private final @Nullable String where;
    private final String rest;

    /**
     * @param first what the first event of the pair stores; null if this is not one of a pair
     */
    Body(String name, ProgramContext context, TypedProgram program, @Nullable PairEnd first) {
      TypedColumn.NumberColumn value = program.value();
      PairEnd pair = program.pair();
      this.program = program;
      this.first = first;
      this.values = new ValueText(context, architecture, name, numbers);
      this.condition = written(program.condition());
      this.filter = written(program.filter());
      this.where = pair == null ? null : PairText.where(pair, values);
      String number = value == null ? "" : number(value);
      this.rest =
          switch (form) {
            case HISTOGRAM -> number + histogram(program.key());
            case FREQUENCY -> frequency(program.key());
            case SUM -> number + sum(program.key());
          };
    }

    private @Nullable String written(@Nullable TypedValue value) {
      return value == null ? null : values.write(value);
    }

    private String number(TypedColumn.NumberColumn column) {
      String wide = column.type().signed() ? "s64" : "u64";
      return String.format(
          Locale.ROOT,
          "  %1$s value = (%1$s)(%2$s)%3$s;\n",
          wide,
          CTypes.name(column.type()),
          values.write(column.value()));
    }

    private String histogram(List<TypedColumn> key) {
      return key.isEmpty()
          ? GIVE_UP_IF_FAILED + "  add(line, slot_of(value), value);\n" + COUNTED
          : filled(key)
              + GIVE_UP_IF_FAILED
              + "  place.slot = slot_of(value);\n"
              + "  add(account, &place, half, value);\n";
    }

    private String frequency(List<TypedColumn> key) {
      return key.isEmpty()
          ? COUNTED
          : filled(key) + GIVE_UP_IF_FAILED + "  count(account, &key, half);\n";
    }

    private String sum(List<TypedColumn> key) {
      return key.isEmpty()
          ? GIVE_UP_IF_FAILED + "  add(line, value);\n" + COUNTED
          : filled(key) + GIVE_UP_IF_FAILED + "  add(account, &key, half, value);\n";
    }

    /** Returns the variable that has the key: a histogram's is with the slot. */
    private String keyVariable() {
      return form == Form.HISTOGRAM ? "place" : "key";
    }

    /** Returns a column of the key. */
    private String column(int index) {
      return (form == Form.HISTOGRAM ? "place.key.v" : "key.v") + index;
    }

    /** Returns the statements that fill the key. */
    private String filled(List<TypedColumn> key) {
      StringBuilder filled = new StringBuilder();
      for (int i = 0; i < key.size(); i++) {
        filled.append(key.get(i).accept(ColumnText.ofKey(column(i), i, values)));
      }
      return filled.toString();
    }

    void functions() {
      text.append(values.functions());
    }

    /** Appends the end of the program, which leaves out events from before the counting began. */
    void finish() {
      PairEnd pair = program.pair();
      if (pair == null) {
        text.append("  if (gate->since == CLOSED) return 0;\n");
      }
      text.append(values.declarations());
      text.append("  u32 failed = 0;\n");
      String keptTexts = keptTexts();
      if (pair == null) {
        only("seen", condition);
      } else {
        text.append(where);
        text.append(WhoseText.ours(pair, false));
        pairCondition(condition);
        text.append(keptTexts.isEmpty() ? "" : keyDeclaration());
        text.append(PairText.end(Objects.requireNonNull(first), keptTexts));
      }
      only("counted", filter);
      text.append(keptTexts.isEmpty() ? keyDeclaration() : "");
      text.append(rest).append("  return 0;\n}\n\n");
    }

    /** Appends C that leaves out events which do not meet a condition. */
    private void only(String variable, @Nullable String met) {
      if (met != null) {
        text.append(String.format(Locale.ROOT, "  u32 %s = (%s) != 0;\n", variable, met));
        text.append(GIVE_UP_IF_FAILED);
        text.append(String.format(Locale.ROOT, "  if (!%s) return 0;\n", variable));
      }
    }

    private String keyDeclaration() {
      return program.key().isEmpty()
          ? ""
          : String.format(
              Locale.ROOT,
              "  struct %1$s %1$s;\n  __builtin_memset(&%1$s, 0, sizeof(%1$s));\n",
              keyVariable());
    }

    /**
     * Returns C that copies the texts that the first event has kept. The kernel copies them: clang
     * would load all of a text before it stores it, and so needs as much of the stack again.
     */
    private String keptTexts() {
      StringBuilder copies = new StringBuilder();
      for (int i = 0; i < program.key().size(); i++) {
        Integer kept = program.key().get(i).keptIndex();
        if (kept != null && !(program.key().get(i) instanceof TypedColumn.NumberColumn)) {
          copies.append(
              String.format(
                  Locale.ROOT,
                  "  bpf_probe_read_kernel(&%s, sizeof(%1$s), &pair->%s);\n",
                  column(i),
                  PairText.variable(kept)));
        }
      }
      return copies.toString();
    }
  }

  /** Returns the numbers that are filled in when the programs are loaded. */
  public List<Long> numbers() {
    return numbers.all();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
