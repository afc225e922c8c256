/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel puts powers of two, their neighbours and a million random values into the slots that
 * Java says. This process is bridge and target in one.
 */
class MillionValuesIT {
  private static final int RANDOM_VALUES = 1_000_000;
  private static final List<String> SCHEMES =
      List.of("exp/0", "exp/1", "exp/2", "exp/3", "exp/4", "exp/5", "log2", "log2/3", "log2/5");

  private static final String SOURCE =
      """
      static unsigned long state;
      static unsigned long next(void) {
        unsigned long z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
      }
      __attribute__((noinline)) long value(long a) { __asm__ volatile("" : "+r"(a)); return a; }
      long edges(long a) {
        for (int power = 0; power < 64; power++) {
          for (int beside = -1; beside <= 1; beside++) {
            value((1UL << power) + beside);
            value(-(1UL << power) + beside);
          }
        }
        return a;
      }
      long random_values(long times) {
        while (times-- > 0) {
          long a = next();
          value(a >> (next() & 63));
        }
        return state;
      }
      """;

  private static final class SameValues {
    private long state;

    private long next() {
      long z = state += 0x9e3779b97f4a7c15L;
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    private void forEach(LongConsumer consumer) {
      for (int power = 0; power < 64; power++) {
        for (int beside = -1; beside <= 1; beside++) {
          consumer.accept((1L << power) + beside);
          consumer.accept(-(1L << power) + beside);
        }
      }
      for (int i = 0; i < RANDOM_VALUES; i++) {
        long a = next();
        consumer.accept(a >> (next() & 63));
      }
    }
  }

  @Test
  void kernelAndJavaAgreeOnAMillionValues(@TempDir Path folder) throws Exception {
    GccLibrary library =
        GccLibrary.load(GccLibrary.compile(folder.resolve("libvalues.so"), SOURCE, "-O1"));
    try (OwnBridge bridge = new OwnBridge(folder)) {
      Map<Message.Attached, BucketScheme> probes = new LinkedHashMap<>();
      for (String scheme : SCHEMES) {
        for (String type : List.of("u64", "s64")) {
          BucketScheme buckets = BucketScheme.parse(scheme);
          Message.Attached probe =
              bridge.attach(
                  Form.HISTOGRAM,
                  "p:values:value(s64 a):" + type + ":a",
                  OwnBridge.options().withBuckets(buckets));
          probes.put(probe, buckets.withSigned(type.equals("s64")));
        }
      }
      bridge.start();
      library.call("edges", 0);
      library.call("random_values", RANDOM_VALUES);

      for (Map.Entry<Message.Attached, BucketScheme> probe : probes.entrySet()) {
        BucketScheme scheme = probe.getValue();
        long[] expected = new long[scheme.slots()];
        new SameValues().forEach(value -> expected[scheme.slotOf(value)]++);
        HistogramSnapshot read = ((Message.Histogram) bridge.read(probe.getKey())).snapshot();
        assertThat(read.losses().total()).as("lost by %s", scheme).isZero();
        assertThat(read.scheme()).isEqualTo(scheme);
        assertThat(read.count()).isEqualTo(RANDOM_VALUES + 64 * 6);
        assertThat(read.counts()).as("%s", scheme).isEqualTo(expected);
      }
    }
  }
}
