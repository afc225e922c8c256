/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.bridge.LibcCalls.Call;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ReturnWay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Probes functions of libc twice at the same time, where they are placed and at their entry, calls
 * them, and compares what was seen. This process is bridge and target in one.
 */
class PlacementIsInvisibleIT {
  private static final int CALLS = 3;

  /** Argument and result of the same call. */
  private static final String RETURNS = "r:c:%s(long a):long,long:$entry(a),$retval:$latency>0";

  private static final String ENTRIES = "p:c:%s(long a, long b, long c):long,long,long:a,b,c";

  @Test
  void countsArgumentsResultsAndPairsAreTheSame(@TempDir Path folder) throws Exception {
    try (OwnBridge bridge = new OwnBridge(folder)) {
      int seen = 0;
      int behind = 0;
      for (Call call : LibcCalls.all()) {
        try {
          boolean placed = isSeenAlike(bridge, call, RETURNS);
          if (placed) {
            isSeenAlike(bridge, call, ENTRIES);
          }
          behind += placed ? 1 : 0;
          seen++;
        } catch (ProbeException e) {
          // Which functions are IFUNCs depends on the version of glibc.
          assertThat(e).hasMessageContaining("it is an IFUNC");
        }
      }
      assertThat(seen).isGreaterThan(200);
      // 53 in glibc 2.41, more than 60 in 2.36.
      assertThat(behind).isGreaterThan(50);
    }
  }

  /**
   * @return whether the probe was placed behind the entry
   */
  private static boolean isSeenAlike(OwnBridge bridge, Call call, String specifier)
      throws ProbeException, IOException {
    Message.Attached placed = attach(bridge, call, specifier, true);
    Message.Attached atEntry = attach(bridge, call, specifier, false);
    List<Long> arguments = call.values();
    for (int i = 0; i < CALLS; i++) {
      call.make(arguments);
    }
    FrequencySnapshot first = bridge.frequency(placed);
    FrequencySnapshot second = bridge.frequency(atEntry);
    for (Message.Attached probe : List.of(placed, atEntry)) {
      bridge.detach(probe);
    }
    // This thread makes calls for itself, too; ours have arguments of their own.
    int columns = specifier.equals(RETURNS) ? 1 : placed.columns().size();
    List<String> known = arguments.stream().limit(columns).map(String::valueOf).toList();
    Map<List<String>, Long> ours = rows(first, known);
    assertThat(ours).as("%s", call).isEqualTo(rows(second, known));
    long counted = ours.values().stream().mapToLong(Long::longValue).sum();
    assertThat(counted).as("%s with %s", call, known).isEqualTo(CALLS);
    assertThat(first.losses().total()).as("%s: lost", call).isZero();
    return placed.attachPoints().get(0).contains(":" + call.function() + "+");
  }

  private static Map<List<String>, Long> rows(FrequencySnapshot snapshot, List<String> beginning) {
    Map<List<String>, Long> rows = new HashMap<>(snapshot.counts());
    rows.keySet().removeIf(key -> !key.subList(0, beginning.size()).equals(beginning));
    return rows;
  }

  private static Message.Attached attach(
      OwnBridge bridge, Call call, String specifier, boolean placement)
      throws ProbeException, IOException {
    String text = String.format(Locale.ROOT, specifier, call.function());
    return bridge.count(text, OwnBridge.optionsOfThisThread(placement, ReturnWay.AUTO));
  }
}
