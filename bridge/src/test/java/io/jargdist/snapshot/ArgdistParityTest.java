/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our rows against the Python code that prints argdist's. */
class ArgdistParityTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @TempDir Path folder;

  @Test
  void histogramsAreShownAsBccShowsThem() throws Exception {
    assumeTrue(
        Files.isExecutable(PYTHON) && run("import bcc.table", "").code() == 0,
        "needs bcc's Python module in /usr/bin/python3 (Debian: python3-bpfcc)");
    SplittableRandom random = new SplittableRandom(10);
    BucketScheme unsigned = Log2Buckets.DEFAULT.withSigned(false);
    StringBuilder input = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      long[] counts = new long[unsigned.slots()];
      int slots = random.nextInt(0, 65);
      long bound = 1L << random.nextInt(1, 47);
      for (int slot = 1; slot <= slots; slot++) {
        counts[slot] = random.nextInt(3) == 0 ? 0 : random.nextLong(bound);
      }
      String label = "l".repeat(random.nextInt(1, 40));
      input.append(label);
      for (int slot = 0; slot < counts.length; slot++) {
        input.append(' ').append(counts[slot]);
      }
      input.append('\n');
      expected.addAll(
          HistogramText.rows(
              new HistogramSnapshot(unsigned, counts, 0, Losses.NONE, Sampling.NONE), label));
    }
    String script =
        """
        import sys
        from bcc.table import _print_log2_hist
        for line in sys.stdin:
            label, *counts = line.split()
            _print_log2_hist([int(c) for c in counts], label, False)
        """;
    assertThat(run(script, input.toString()).lines()).isEqualTo(expected);
  }

  @Test
  void textIsShownAsPythonShowsIt() throws Exception {
    assumeTrue(Files.isExecutable(PYTHON), "needs /usr/bin/python3");
    SplittableRandom random = new SplittableRandom(11);
    StringBuilder input = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] =
            (byte)
                (random.nextInt(3) == 0
                    ? "'\"\\\t\n\r".charAt(random.nextInt(6))
                    : random.nextInt(256));
      }
      input.append(HexFormat.of().formatHex(bytes)).append('\n');
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      FrequencySnapshot snapshot =
          new FrequencySnapshot(Map.of(List.of(text), 1L), Losses.NONE, Sampling.NONE);
      expected.add(FrequencyText.rows(snapshot, List.of(new KeyColumn("s", true))).get(1));
    }
    String script =
        """
        import sys
        for line in sys.stdin:
            print("\\t%-10s %s" % (1, "s = " + str(bytes.fromhex(line.strip()))))
        """;
    assertThat(run(script, input.toString()).lines()).isEqualTo(expected);
  }

  private record Result(int code, List<String> lines) {}

  private Result run(String script, String input) throws IOException, InterruptedException {
    Path in = Files.writeString(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(PYTHON.toString(), "-c", script)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new Result(process.waitFor(), Files.readAllLines(out));
  }
}
