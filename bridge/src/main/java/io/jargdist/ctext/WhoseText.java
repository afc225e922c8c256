/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.snapshot.Loss;
import io.jargdist.typing.PairEnd;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes the C text that tells the events of the target from those of others, in a pair. */
final class WhoseText {
  /**
   * The bits of the kernel's count that say that a processor is in an interrupt: NMI_MASK,
   * HARDIRQ_MASK and SOFTIRQ_OFFSET of include/linux/preempt.h.
   */
  private static final int INTERRUPT_BITS = 0x00ff0100;

  /** CLONE_THREAD of include/uapi/linux/sched.h. */
  private static final int CLONE_THREAD = 0x10000;

  private WhoseText() {}

  /**
   * Returns C that declares {@code in_interrupt()}.
   *
   * @param offset of the count in the kernel's variable, in bytes; null if that is not known, and
   *     interrupts cannot be told from what they interrupt
   */
  static String interrupts(@Nullable Integer offset) {
    if (offset == null) {
      return "#define in_interrupt() 0\n\n";
    }
    return String.format(
        Locale.ROOT,
        """
        static __always_inline int in_interrupt(void) {
          void *variable = (void *)%s;
          u32 count = 0;
          bpf_probe_read_kernel(&count, sizeof(count), (u8 *)bpf_this_cpu_ptr(variable) + %d);
          return (count & 0x%08x) != 0;
        }

        """,
        AttachmentConstant.PREEMPT_COUNT.c(),
        offset,
        INTERRUPT_BITS);
  }

  /** Returns C that declares the table of the target's threads. */
  static String threads(boolean ownThreads) {
    return String.format(
        Locale.ROOT,
        """
        BPF_F_TABLE("hash", u32, u32, %1$s, SIZED, 0);

        static __always_inline int is_target_thread(u64 number) {
          u32 thread = number;
          return %1$s.lookup(&thread) != 0%2$s;
        }

        """,
        ProgramTables.TARGET_THREADS,
        ownThreads ? "" : " && !is_own_thread(thread)");
  }

  /**
   * Returns the rest of the program that runs when a thread begins.
   *
   * @param pidOffset of the number in struct task_struct, in bytes
   */
  static String threadBegins(int pidOffset) {
    return String.format(
        Locale.ROOT,
        """
          if (!(CONTEXT(ctx->flags) & 0x%1$x)) return 0;
          u32 thread = 0;
          u32 one = 1;
          if (bpf_probe_read_kernel(&thread, sizeof(thread), (void *)(CONTEXT(ctx->task) + %2$d))) return 0;
          if (%3$s.update(&thread, &one) && gate->since != CLOSED) lose(account, %4$d);
          return 0;
        }

        """,
        CLONE_THREAD,
        pidOffset,
        ProgramTables.TARGET_THREADS,
        Loss.PAIR_TABLE_FULL.ordinal());
  }

  /** Returns the C statement that forgets the current thread, which ends. */
  static String forget() {
    return "  u32 thread = (u32)id;\n  " + ProgramTables.TARGET_THREADS + ".delete(&thread);\n";
  }

  /**
   * Returns C that declares {@code ours}, behind that which declares the event's values.
   *
   * @param ofTarget whether events of other threads have been left out already
   */
  static String ours(PairEnd end, boolean ofTarget) {
    String condition =
        switch (end.whose()) {
          case THREAD, ANYBODY -> "1";
          case THREAD_OUTSIDE_INTERRUPTS ->
              (ofTarget ? "" : "is_target(id) && ") + "!in_interrupt()";
          case TASK -> "is_target_thread(where.v" + end.task() + ")";
        };
    return "  u32 ours = " + condition + ";\n";
  }
}
