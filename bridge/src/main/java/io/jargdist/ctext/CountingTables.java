/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Loss;
import io.jargdist.typing.KeyField;
import java.util.List;
import java.util.Locale;

/**
 * Writes the tables in which events are counted, and the functions that count in them. A key may be
 * empty.
 */
final class CountingTables {
  private CountingTables() {}

  /** Returns the type of a key; nothing if it is empty. */
  static String key(List<KeyField> key) {
    if (key.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("struct key {\n");
    for (int i = 0; i < key.size(); i++) {
      text.append("  " + CTypes.member(key.get(i).content(), "v" + i) + "\n");
    }
    return text.append("};\n").toString();
  }

  /** Returns the tables of a histogram. */
  static String histogram(BucketScheme buckets, List<KeyField> key) {
    return buckets.slotFunction() + (key.isEmpty() ? slots(buckets) : slotsByKey());
  }

  /**
   * Returns the table of slots. Each half has cache lines of its own for each processor, and its
   * sum shares a line with its lowest slots.
   */
  private static String slots(BucketScheme buckets) {
    return String.format(
        Locale.ROOT,
        """

        struct histogram { u64 sum; u64 slots[%1$d]; } __attribute__((aligned(64)));
        BPF_F_TABLE("array", u32, struct histogram, %2$s, SIZED, %3$d);

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
        ProgramTables.HISTOGRAM,
        ProgramText.MMAPABLE);
  }

  /**
   * Returns the table of slots by key. Each element also has the sum of its values, so an event
   * needs one look-up, and writes to one place. The table of keys limits how many keys there are;
   * it is asked only when a slot of a key is new. What is new is inserted with 0 and then counted
   * as any other, so nothing is lost if two processors find it new at the same time.
   */
  private static String slotsByKey() {
    return String.format(
        Locale.ROOT,
        """

        struct place { u64 slot; struct key key; };
        struct slot { u64 events[%4$d]; u64 sum[%4$d]; };
        BPF_F_TABLE("hash", struct place, struct slot, %1$s, SIZED, 0);
        BPF_F_TABLE("hash", struct key, u32, %2$s, SIZED, 0);

        static __always_inline struct slot *add_slot(struct place *place) {
          if (!%2$s.lookup(&place->key)) {
            u32 known = 1;
            %2$s.insert(&place->key, &known);
            if (!%2$s.lookup(&place->key)) return 0;
          }
          struct slot none = {};
          %1$s.insert(place, &none);
          return %1$s.lookup(place);
        }

        static __always_inline void add(
            struct account *account, struct place *place, u64 half, u64 value) {
          struct slot *slot = %1$s.lookup(place);
          if (!slot) slot = add_slot(place);
          if (!slot) {
            lose(account, %3$d);
            return;
          }
          __sync_fetch_and_add(&slot->events[half & 1], 1);
          __sync_fetch_and_add(&slot->sum[half & 1], value);
          __sync_fetch_and_add(&account->counted, 1);
        }

        """,
        ProgramTables.SLOTS,
        ProgramTables.KEYS,
        Loss.TABLE_FULL.ordinal(),
        ProgramTables.HALVES);
  }

  /**
   * Returns the table of sums, which has one element for each processor and half if there is no
   * key, as a histogram has. With a key it is as that of a frequency.
   */
  static String sum(List<KeyField> key) {
    return key.isEmpty()
        ? String.format(
            Locale.ROOT,
            """
            struct sum { u64 sum; } __attribute__((aligned(64)));
            BPF_F_TABLE("array", u32, struct sum, %1$s, SIZED, %2$d);

            static __always_inline void add(u32 line, u64 value) {
              struct sum *mine = %1$s.lookup(&line);
              if (!mine) return;
              __sync_fetch_and_add(&mine->sum, value);
            }

            """,
            ProgramTables.SUM,
            ProgramText.MMAPABLE)
        : String.format(
            Locale.ROOT,
            """
            struct sum { u64 events[%3$d]; u64 sum[%3$d]; };
            BPF_F_TABLE("hash", struct key, struct sum, %1$s, SIZED, 0);

            static __always_inline void add(
                struct account *account, struct key *key, u64 half, u64 value) {
              struct sum *sum = %1$s.lookup(key);
              if (!sum) {
                struct sum none = {};
                %1$s.insert(key, &none);
                sum = %1$s.lookup(key);
              }
              if (!sum) {
                lose(account, %2$d);
                return;
              }
              __sync_fetch_and_add(&sum->events[half & 1], 1);
              __sync_fetch_and_add(&sum->sum[half & 1], value);
              __sync_fetch_and_add(&account->counted, 1);
            }

            """,
            ProgramTables.SUMS,
            Loss.TABLE_FULL.ordinal(),
            ProgramTables.HALVES);
  }

  /**
   * Returns the table of keys. A new key is inserted with 0 and then counted as any other, so
   * nothing is lost if two processors find it new at the same time.
   *
   * @param key nothing is returned if it is empty: a frequency without a key is counted in the
   *     ledger
   */
  static String frequency(List<KeyField> key) {
    if (key.isEmpty()) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        """
        struct events { u64 half[%3$d]; };
        BPF_F_TABLE("hash", struct key, struct events, %1$s, SIZED, 0);

        static __always_inline void count(struct account *account, struct key *key, u64 half) {
          struct events *events = %1$s.lookup(key);
          if (!events) {
            struct events none = {};
            %1$s.insert(key, &none);
            events = %1$s.lookup(key);
          }
          if (!events) {
            lose(account, %2$d);
            return;
          }
          __sync_fetch_and_add(&events->half[half & 1], 1);
          __sync_fetch_and_add(&account->counted, 1);
        }

        """,
        ProgramTables.FREQUENCY,
        Loss.TABLE_FULL.ordinal(),
        ProgramTables.HALVES);
  }
}
