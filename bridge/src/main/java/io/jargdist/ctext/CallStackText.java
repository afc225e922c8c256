/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.snapshot.Loss;
import io.jargdist.typing.StoredAtEntry;
import java.util.List;
import java.util.Locale;

/**
 * Writes the C text that pairs the return of a function with its entry. Each thread has a stack of
 * the calls that have not returned yet. The stack pointer at the entry tells them apart.
 *
 * <p>A stack grows downwards. When a call is entered or returns, a deeper recorded call of the same
 * thread has been left by longjmp, or its return was not trapped; it is dropped and counted. When a
 * thread ends, its remaining calls are dropped. So nothing stays for ever, and the usual call needs
 * one look-up at the entry and one at the return.
 *
 * <p>A thread's calls are in blocks of {@value #BLOCK}. The first block has the depth and stays as
 * long as the thread lives; further ones come and go. The kernel traps the returns of at most
 * {@value #MAX_DEPTH} nested calls (MAX_URETPROBE_DEPTH, include/linux/uprobes.h); deeper ones are
 * counted as lost.
 */
public final class CallStackText {
  /** The variable of a return program that holds the nanoseconds since the entry. */
  static final String LATENCY = "latency";

  private static final int BLOCK = 4;
  private static final int MAX_DEPTH = 64;

  /** Kernel stacks are aligned and have at least 16 KiB (THREAD_SIZE, x86 and arm64). */
  private static final int KERNEL_STACK_BITS = 14;

  private CallStackText() {}

  /** Returns the variable of a return program that holds what was stored at the entry. */
  static String variable(StoredAtEntry stored) {
    return (stored.file() ? "entry_file_" : "entry_") + stored.place();
  }

  /** Returns the size of a block and its key, in bytes. */
  public static int blockSize(int entryValues) {
    return (1 + 1 + BLOCK * (2 + entryValues)) * Long.BYTES;
  }

  /**
   * Returns the tables, and the functions that all three programs use.
   *
   * @param entryValues per call
   * @param inKernel whether the function runs on the kernel's stacks. A thread has several of them,
   *     since an interrupt has its own, and calls on different stacks cannot be compared
   */
  static String tables(int entryValues, boolean inKernel) {
    String end = "top->stack >= stack";
    if (inKernel) {
      end += " || (stack != ALL && (top->stack ^ stack) >> " + KERNEL_STACK_BITS + ")";
    }
    return String.format(
        Locale.ROOT,
        """
        #define ALL ~0ULL

        struct frame { u64 stack; u64 start;%1$s };
        struct block_key { u32 thread; u32 number; };
        struct block { u64 depth; struct frame frames[%2$d]; };
        BPF_F_TABLE("hash", struct block_key, struct block, calls, SIZED, 0);
        BPF_F_TABLE("array", u32, struct block, no_calls, 1, 0);

        static __always_inline struct block *add_block(u32 thread, u32 number) {
          struct block_key key = { .thread = thread, .number = number };
          u32 zero = 0;
          struct block *empty = no_calls.lookup(&zero);
          if (!empty) return 0;
          calls.insert(&key, empty);
          return calls.lookup(&key);
        }

        static __always_inline struct frame *frame_at(struct block *first, u32 thread, u64 index) {
          struct block *block = first;
          if (index >= %2$d) {
            struct block_key key = { .thread = thread, .number = index / %2$d };
            block = calls.lookup(&key);
          }
          if (!block) return 0;
          // The compiler would calculate with the block before it is known not to be null, which
          // the verifier refuses.
          asm volatile("" : "+r"(index));
          return &block->frames[index %% %2$d];
        }

        static __always_inline void drop_top(struct block *first, u32 thread) {
          u64 depth = --first->depth;
          if (depth && depth %% %2$d == 0) {
            struct block_key key = { .thread = thread, .number = depth / %2$d };
            calls.delete(&key);
          }
        }

        // A call that began before counting did is neither counted nor lost.
        static __always_inline void unwind(
            struct account *account, struct gate *gate, struct block *first, u32 thread,
            u64 stack) {
        #pragma nounroll
          for (int i = 0; i < %3$d && first->depth; i++) {
            struct frame *top = frame_at(first, thread, first->depth - 1);
            if (!top || %5$s) break;
            if (top->start >= gate->since) lose(account, %4$d);
            drop_top(first, thread);
          }
        }

        """,
        entryValues == 0 ? "" : " u64 at_entry[" + entryValues + "];",
        BLOCK,
        MAX_DEPTH,
        Loss.RETURN_MISSING.ordinal(),
        end);
  }

  /**
   * Returns the rest of an entry program. It counts a call as lost if the table has no place for
   * its thread. The return program cannot count that: a call that began before the probe has no
   * entry either, and its return is trapped if another tool probes the function's returns.
   *
   * @param entryValues the values to store, as C
   * @param frame of the call, as C
   * @param needed whether an event without its entry cannot be counted
   */
  static String push(List<String> entryValues, String frame, boolean needed) {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < entryValues.size(); i++) {
      values.append(
          String.format(Locale.ROOT, "  top->at_entry[%d] = %s;\n", i, entryValues.get(i)));
    }
    return String.format(
        Locale.ROOT,
        """
          struct block_key key = { .thread = (u32)id };
          struct block *first = calls.lookup(&key);
          if (!first) first = add_block((u32)id, 0);
          if (!first) {
        %5$s    return 0;
          }
          unwind(account, gate, first, (u32)id, %6$s + 1);
          u64 depth = first->depth;
          if (depth >= %1$d) {
            if (gate->since != CLOSED) lose(account, %2$d);
            return 0;
          }
          if (depth && depth %% %3$d == 0) add_block((u32)id, depth / %3$d);
          struct frame *top = frame_at(first, (u32)id, depth);
          if (!top) return 0;
          top->stack = %6$s;
        %4$s  first->depth = depth + 1;
          top->start = bpf_ktime_get_ns();
          return 0;
        }

        """,
        MAX_DEPTH,
        Loss.TOO_DEEP.ordinal(),
        BLOCK,
        values,
        needed
            ? String.format(
                Locale.ROOT,
                "    if (gate->since != CLOSED) lose(account, %d);\n",
                Loss.ENTRY_TABLE_FULL.ordinal())
            : "",
        frame);
  }

  /**
   * Returns C that finds the entry of the returning call and takes it off the stack. The program
   * ends there if the call began before the counting. A return instruction that other calls share
   * stops the application for them, too, so these are hits.
   *
   * @param entryValues what was stored
   * @param context of the return program
   * @param needed whether an event without its entry cannot be counted
   */
  static String pop(List<StoredAtEntry> entryValues, ProgramContext context, boolean needed) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                """
                  struct block_key caller = { .thread = (u32)id };
                  struct block *first = calls.lookup(&caller);
                  struct frame *entry = 0;
                  u64 stack = %s - %d;
                  if (first) {
                    unwind(account, gate, first, (u32)id, stack);
                    if (first->depth) entry = frame_at(first, (u32)id, first->depth - 1);
                    if (entry && entry->stack != stack) entry = 0;
                  }
                """,
                context.frame(),
                context.returnFrameOffset()));
    if (!needed) {
      return text.append(
              """
                if (entry) {
                  u64 start = entry->start;
                  drop_top(first, (u32)id);
                  if (start < gate->since) return 0;
                }
              """)
          .toString();
    }
    text.append(
        String.format(
            Locale.ROOT,
            """
              if (!entry) {
            %s    return 0;
              }
              u64 start = entry->start;
              u64 latency = now - start;
            """,
            context.knowsMissedEntries()
                ? context.returnInstructions()
                    ? "    __sync_fetch_and_add(&account->hits, 1);\n"
                    : ""
                : String.format(
                    Locale.ROOT,
                    "    if (first && gate->since != CLOSED) lose(account, %d);\n",
                    Loss.ENTRY_MISSING.ordinal())));
    for (int i = 0; i < entryValues.size(); i++) {
      text.append(
          String.format(
              Locale.ROOT, "  u64 %s = entry->at_entry[%d];\n", variable(entryValues.get(i)), i));
    }
    return text.append("  drop_top(first, (u32)id);\n")
        .append("  if (start < gate->since) return 0;\n")
        .toString();
  }

  /** Returns the rest of the program that runs when a thread ends. */
  static String clear() {
    return """
      struct block_key key = { .thread = (u32)id };
      struct block *first = calls.lookup(&key);
      if (!first) return 0;
      unwind(account, gate, first, (u32)id, ALL);
      calls.delete(&key);
      return 0;
    }

    """;
  }
}
