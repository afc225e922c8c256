/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Tries inputs until the time is over: {@code -Dfuzz.seconds=N}, seeded by {@code -Dfuzz.seed=S}.
 * One that fails is kept in a file.
 */
final class Fuzzing {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);

  /** One input may take so long; ordinary files take some milliseconds. */
  private static final long LONGEST_NANOS = 15_000_000_000L;

  private Fuzzing() {}

  /** Makes an input. */
  interface Source {
    byte[] next(Random random);
  }

  /** Throws what must not happen. */
  interface Reader {
    void read(byte[] input) throws Exception;
  }

  /**
   * @param seconds for how long, unless the system property says something else
   * @return how many inputs there were
   */
  static int run(String name, int seconds, Source source, Reader reader) throws IOException {
    Random random = new Random(SEED);
    long end = System.nanoTime() + Integer.getInteger("fuzz.seconds", seconds) * 1_000_000_000L;
    int inputs = 0;
    while (System.nanoTime() < end) {
      byte[] input = source.next(random);
      long start = System.nanoTime();
      try {
        reader.read(input);
        if (System.nanoTime() - start > LONGEST_NANOS) {
          throw new AssertionError("it took too long");
        }
      } catch (Exception | StackOverflowError | OutOfMemoryError | AssertionError e) {
        Path kept = Files.createTempFile("fuzz-" + name + "-", ".bin");
        Files.write(kept, input);
        throw new AssertionError("seed " + SEED + ", number " + inputs + ", kept in " + kept, e);
      }
      inputs++;
    }
    return inputs;
  }

  /** Some bytes changed, to what is likely to be a limit; or a part copied; or an end cut off. */
  static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    long[] limits = {0, 1, -1, 0x7fffffffL, 0x80000000L, 0xffffffffL, Long.MAX_VALUE, -4096, 8};
    for (int changes = 1 + random.nextInt(6); changes > 0 && bytes.length > 8; changes--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(1024, bytes.length) : bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          long value = limits[random.nextInt(limits.length)];
          int length = 1 << random.nextInt(4);
          for (int i = 0; i < length && (at & -length) + i < bytes.length; i++) {
            bytes[(at & -length) + i] = (byte) (value >>> (8 * i));
          }
        }
        case 3 -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(64), bytes.length - Math.max(from, at));
          System.arraycopy(bytes, from, bytes, at, length);
        }
        default -> {
          if (random.nextInt(8) == 0) {
            bytes = java.util.Arrays.copyOf(bytes, at);
          }
        }
      }
    }
    return bytes;
  }
}
