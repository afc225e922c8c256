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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Probes returns of functions of libc in both ways at the same time, by replaced return addresses
 * and by return instructions, calls the functions, and compares what was seen. This process is
 * bridge and target in one.
 */
class ReturnsAreAlikeIT {
  private static final int CALLS = 3;

  @Test
  void countsValuesAndTimesAreTheSame(@TempDir Path folder) throws Exception {
    try (OwnBridge bridge = new OwnBridge(folder)) {
      List<Double> ratios = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      for (Call call : LibcCalls.all()) {
        try {
          ratios.add(ratioOfTimes(bridge, call));
        } catch (ProbeException e) {
          // Which functions are IFUNCs, or end by a jump to elsewhere, depends on glibc's version.
          assertThat(e.getMessage()).containsAnyOf("it is an IFUNC", "return instructions");
          refused.add(call.function());
        }
      }
      Collections.sort(ratios);
      System.out.printf(
          Locale.ROOT,
          "%d functions are seen alike, times by return instructions are %.2f of the others"
              + " (median; from %.2f to %.2f); not probed: %s%n",
          ratios.size(),
          ratios.get(ratios.size() / 2),
          ratios.get(0),
          ratios.get(ratios.size() - 1),
          refused);
      assertThat(ratios).hasSizeGreaterThanOrEqualTo(150);
      // Both have a part of their own cost in the time.
      assertThat(ratios.get(ratios.size() / 2)).isBetween(0.2, 5.0);
    }
  }

  private static double ratioOfTimes(OwnBridge bridge, Call call)
      throws ProbeException, IOException {
    Message.Attached replaced = attach(bridge, call, ReturnWay.TRAMPOLINE);
    List<Message.Attached> probes = new ArrayList<>(List.of(replaced));
    try {
      Message.Attached instructions = attach(bridge, call, ReturnWay.SITES);
      probes.add(instructions);
      assertThat(instructions.attachPoints().toString())
          .contains("uprobe at return")
          .doesNotContain("uretprobe");
      List<Long> arguments = call.values();
      for (int i = 0; i < CALLS; i++) {
        call.make(arguments);
      }
      Map<List<String>, Double> one = times(bridge, replaced, arguments);
      Map<List<String>, Double> other = times(bridge, instructions, arguments);
      assertThat(other.keySet()).as("%s", call).isEqualTo(one.keySet());
      return sum(other) / sum(one);
    } finally {
      for (Message.Attached probe : probes) {
        bridge.detach(probe);
      }
    }
  }

  private static double sum(Map<List<String>, Double> times) {
    return times.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /**
   * Returns the time of the calls by argument, returned value and number of calls. This thread
   * makes calls for itself, too; ours have an argument of their own.
   */
  private static Map<List<String>, Double> times(
      OwnBridge bridge, Message.Attached probe, List<Long> arguments)
      throws ProbeException, IOException {
    FrequencySnapshot read = bridge.frequency(probe);
    assertThat(read.losses().total()).isZero();
    Map<List<String>, Long> calls = new HashMap<>();
    Map<List<String>, Double> times = new HashMap<>();
    read.counts()
        .forEach(
            (key, count) -> {
              if (key.get(0).equals(arguments.get(0).toString())) {
                calls.merge(key.subList(0, 2), count, Long::sum);
                times.merge(
                    key.subList(0, 2), (double) count * Long.parseLong(key.get(2)), Double::sum);
              }
            });
    assertThat(calls.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(CALLS);
    Map<List<String>, Double> named = new HashMap<>();
    calls.forEach(
        (key, count) -> {
          List<String> row = new ArrayList<>(key);
          row.add(count.toString());
          named.put(row, times.getOrDefault(key, 0.0));
        });
    return named;
  }

  private static Message.Attached attach(OwnBridge bridge, Call call, ReturnWay way)
      throws ProbeException, IOException {
    String text =
        String.format(
            Locale.ROOT,
            "r:c:%s(long a):long,long,long:$entry(a),$retval,$latency",
            call.function());
    return bridge.count(text, OwnBridge.optionsOfThisThread(/* placement= */ true, way));
  }
}
