/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.snapshot.Loss;
import io.jargdist.typing.PairEnd;
import io.jargdist.typing.TypedColumn;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the C text that joins the two events of a pair. The first event leaves an element in a
 * table, by the values that both events have, or by their thread. The second one takes it.
 *
 * <p>The word {@code turn} of an element says whose turn it is. It is 0 while a program works on
 * the element, and else a number that no other beginning has. A program that changes it to 0 owns
 * the element from then on. An element is removed only by the program that took it, and no program
 * replaces one whose turn is 0. So two events on two processors never take the same beginning, and
 * none is lost without being counted. A program may look at an element while another one removes it
 * and the kernel uses its memory for other values. So the element has a copy of its values, which
 * is compared before the turn is changed.
 *
 * <p>Events of one thread come one after the other. Their element stays as long as the thread
 * lives, and needs no exchange.
 */
public final class PairText {
  /** The variable of the second event's program with the time of the first one. */
  private static final String BEGUN = "begun";

  private PairText() {}

  /** Returns the name of a value that the first event keeps: of the member, and of the variable. */
  static String variable(int index) {
    return "kept_" + index;
  }

  /** Returns the size of a pair and its key, in bytes. */
  public static int size(PairEnd first) {
    int size = (2 * Math.max(1, first.on().size()) + 3) * Long.BYTES;
    for (TypedColumn column : first.kept()) {
      size = end(size, column);
    }
    return size;
  }

  /**
   * Returns where an element of the table of pairs has a value that the first event keeps, in
   * bytes.
   */
  public static int offset(PairEnd first, int index) {
    int offset = (Math.max(1, first.on().size()) + 2) * Long.BYTES;
    for (TypedColumn column : first.kept().subList(0, index)) {
      offset = end(offset, column);
    }
    return start(offset, first.kept().get(index));
  }

  private static int end(int offset, TypedColumn column) {
    return start(offset, column) + column.content().size();
  }

  private static int start(int offset, TypedColumn column) {
    int alignment = column.content().alignment();
    return (offset + alignment - 1) / alignment * alignment;
  }

  /**
   * Returns the table and the functions that the programs of both events use.
   *
   * @param first what the first event stores
   * @param systemWide whether idle processors have events, too; their threads have one number
   */
  static String tables(PairEnd first, boolean systemWide) {
    int words = Math.max(1, first.on().size());
    String same =
        IntStream.range(0, words)
            .mapToObj(i -> String.format(Locale.ROOT, "pair->where.v%1$d == where->v%1$d", i))
            .collect(Collectors.joining(" && "));
    return String.format(
            Locale.ROOT,
            """
            struct where {%1$s };
            struct pair { struct where where; u64 start; u64 live;%2$s u64 turn; };
            BPF_F_TABLE("hash", struct where, struct pair, %3$s, SIZED, 0);

            """,
            IntStream.range(0, words)
                .mapToObj(i -> " u64 v" + i + ";")
                .collect(Collectors.joining()),
            members(first.kept()),
            ProgramTables.PAIRS)
        + "BPF_F_TABLE(\"array\", u32, struct pair, no_pair, 1, 0);\n"
        + (first.byThread() ? byThread(systemWide) : byValues(same));
  }

  private static String members(List<TypedColumn> kept) {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < kept.size(); i++) {
      members.append(" " + CTypes.member(kept.get(i).content(), variable(i)));
    }
    return members.toString();
  }

  private static String byThread(boolean systemWide) {
    return String.format(
        Locale.ROOT,
        """

        static __always_inline u64 thread_of(u64 id) {
          return %s;
        }

        static __always_inline int take(struct pair *pair, struct where *where, u64 turn) {
          if (turn) pair->turn = 0;
          return turn != 0;
        }

        static __always_inline void give(struct pair *pair) {
          pair->turn = 1;
        }

        """,
        systemWide ? "(u32)id ? (u32)id : 1ULL << 32 | bpf_get_smp_processor_id()" : "(u32)id");
  }

  /**
   * The addition and the instruction behind it are a mark. Not all compilers of libbcc know an
   * exchange, so the loader makes one of the addition (kernel.ExchangeMark).
   */
  private static String byValues(String same) {
    return String.format(
        Locale.ROOT,
        """

        static __always_inline u64 exchange(u64 *word, u64 expected, u64 replacement) {
          u64 saved, found;
          asm volatile("%%0 = r0\\n"
                       "r0 = %%2\\n"
                       "lock *(u64 *)(%%3 + 0) += %%4\\n"
                       "r0 = r0\\n"
                       "%%1 = r0\\n"
                       "r0 = %%0"
                       : "=&r"(saved), "=&r"(found)
                       : "r"(expected), "r"(word), "r"(replacement)
                       : "memory");
          return found;
        }

        static __always_inline int take(struct pair *pair, struct where *where, u64 turn) {
          return turn && %s && exchange(&pair->turn, turn, 0) == turn;
        }

        static __always_inline void give(struct pair *pair) {
          exchange(&pair->turn, 0, pair->start << 8 | (bpf_get_smp_processor_id() & 127) << 1 | 1);
        }

        """,
        same);
  }

  /** Returns C that declares where the pair is. */
  static String where(PairEnd end, ValueText values) {
    String members =
        end.byThread()
            ? ".v0 = thread_of(id)"
            : IntStream.range(0, end.on().size())
                .mapToObj(
                    i ->
                        String.format(
                            Locale.ROOT, ".v%d = (u64)%s", i, values.write(end.on().get(i))))
                .collect(Collectors.joining(", "));
    return "  struct where where = { " + members + " };\n";
  }

  /** Returns C that counts an event of ours as lost, once counting has begun. */
  static String loseOurs(Loss reason) {
    return String.format(
        Locale.ROOT, "if (ours && gate->since != CLOSED) lose(account, %d);", reason.ordinal());
  }

  /**
   * Returns the rest of the program of a first event.
   *
   * @param kept fills in what is kept, and sets {@code failed} if it cannot
   */
  static String begin(PairEnd end, String kept) {
    return String.format(
            Locale.ROOT,
            """
              struct pair *pair = %1$s.lookup(&where);
              if (pair) {
                u64 turn = CONTEXT(pair->turn);
                u64 live = pair->live;
                %2$s
              } else {
                u32 zero = 0;
                struct pair *none = no_pair.lookup(&zero);
                if (!none) return 0;
                int refused = %1$s.insert(&where, none);
                pair = refused ? 0 : %1$s.lookup(&where);
                if (!pair) {
                  if (refused == -17) {
                    %3$s
                  } else {
                    %4$s
                  }
                  return 0;
                }
              }
              pair->where = where;
            """,
            ProgramTables.PAIRS,
            replace(end),
            loseOurs(Loss.PAIR_REPLACED),
            loseOurs(Loss.PAIR_TABLE_FULL))
        + kept
        + String.format(
            Locale.ROOT,
            """
              if (failed) {
                %1$s
                %2$sreturn 0;
              }
              u64 live = gate->since != CLOSED;
              if (live) __sync_fetch_and_add(&account->begun, 1);
              pair->live = live;
              pair->start = bpf_ktime_get_ns();
              give(pair);
              return 0;
            }

            """,
            loseOurs(Loss.READ_FAILED),
            end.byThread() ? "" : ProgramTables.PAIRS + ".delete(&where);\n    ");
  }

  /** Returns C that ends a beginning for which no second event came, and says why it is lost. */
  private static String drop(Loss reason) {
    return String.format(
        Locale.ROOT,
        "if (live) { lose(account, %d); __sync_fetch_and_add(&account->ended, 1); }",
        reason.ordinal());
  }

  /** A beginning that nobody has taken is replaced by the next one. */
  private static String replace(PairEnd end) {
    String drop = drop(Loss.PAIR_REPLACED);
    return end.byThread()
        ? "if (take(pair, &where, turn)) " + drop
        : "if (!take(pair, &where, turn)) {\n      "
            + loseOurs(Loss.PAIR_REPLACED)
            + "\n      return 0;\n    }\n    "
            + drop;
  }

  /**
   * Returns C that takes the beginning of the pair. The program ends there if there is none, or if
   * the pair began before the counting.
   *
   * @param first what the first event has stored
   * @param texts copies texts that are kept to where they are collected
   */
  static String end(PairEnd first, String texts) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                """
                  struct pair *pair = %1$s.lookup(&where);
                  if (!pair || !take(pair, &where, CONTEXT(pair->turn))) {
                    %2$s
                    return 0;
                  }
                  u64 live = pair->live;
                  u64 %3$s = pair->start;
                """,
                ProgramTables.PAIRS,
                loseOurs(Loss.BEGINNING_MISSING),
                BEGUN));
    for (int i = 0; i < first.kept().size(); i++) {
      if (first.kept().get(i) instanceof TypedColumn.NumberColumn) {
        text.append(String.format(Locale.ROOT, "  u64 %1$s = pair->%1$s;\n", variable(i)));
      }
    }
    text.append(texts);
    if (!first.byThread()) {
      text.append("  " + ProgramTables.PAIRS + ".delete(&where);\n");
    }
    return text.append("  if (!live) return 0;\n")
        .append("  __sync_fetch_and_add(&account->ended, 1);\n")
        .append(
            String.format(
                Locale.ROOT,
                // Another processor may have begun after this program did.
                "  u64 %1$s = now > %2$s ? now - %2$s : 0;\n",
                CallStackText.LATENCY,
                BEGUN))
        .toString();
  }

  /**
   * Returns the rest of the program that runs when a thread ends. The element of a thread goes with
   * it. One that is found by values goes only if nobody else works on it.
   */
  static String threadEnds(PairEnd first) {
    String remove = ProgramTables.PAIRS + ".delete(&where);";
    return String.format(
        Locale.ROOT,
        """
          struct where where = { .v0 = (u32)id };
          struct pair *pair = %1$s.lookup(&where);
          if (!pair) return 0;
          u64 live = pair->live;
          if (take(pair, &where, CONTEXT(pair->turn))) {
            %2$s
            %3$s
          }
          %4$s
          return 0;
        }

        """,
        ProgramTables.PAIRS,
        drop(Loss.THREAD_ENDED),
        first.byThread() ? "" : remove,
        first.byThread() ? remove : "");
  }
}
