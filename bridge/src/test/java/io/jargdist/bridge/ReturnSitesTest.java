/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.OwnCompiler;
import io.jargdist.resolve.PlacementReport;
import io.jargdist.resolve.ProbePlacer;
import io.jargdist.resolve.placement.ReturnSites;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Functions of an assembler text, each with what is to be said of its returns in a comment behind
 * its name: {@code #NAME: TEXT}.
 */
class ReturnSitesTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"));

  @Test
  void eachFunctionsReturnsAreFoundOrRefusedWithTheReason(@TempDir Path folder) throws Exception {
    String text = text();
    Path assembler = Files.writeString(folder.resolve("returns.s"), text);
    Path library = folder.resolve("libreturns.so");
    GccLibrary.run(
        "gcc",
        "-shared",
        "-nostdlib",
        "-Wl,-Bsymbolic",
        "-o",
        library.toString(),
        assembler.toString());
    Map<String, String> expected = new TreeMap<>();
    text.lines()
        .filter(line -> line.matches("#\\w+: .*"))
        .map(line -> line.substring(1).split(": ", 2))
        .forEach(words -> expected.put(words[0], words[1]));
    Map<String, String> found = new TreeMap<>();
    rows(library, Integer.MAX_VALUE).forEach((name, returns) -> found.put(name, returns.text()));
    assertThat(found).containsExactlyEntriesOf(expected);
  }

  /** Of all functions 87 % in JDK 17 and 25. */
  @Test
  void mostFunctionsOfLibjvmCanBeProbedAtTheirReturnInstructions() throws Exception {
    Map<String, ReturnSites> rows = rows(JAVA.resolve("lib/server/libjvm.so"), 2000);
    long found = rows.values().stream().filter(ReturnSites.Found.class::isInstance).count();
    assertThat(found).isGreaterThan(rows.size() * 8L / 10);
    assertThat(rows).hasSizeGreaterThan(1900);
  }

  private static Map<String, ReturnSites> rows(Path library, int most) throws IOException {
    Map<String, ReturnSites> rows = new LinkedHashMap<>();
    try (CompilerProcess compiler = OwnCompiler.create()) {
      ProbePlacer placer = new ProbePlacer(compiler, UprobeCosts.UNKNOWN);
      for (PlacementReport.ReturnRow row :
          PlacementReport.returns(library, placer, new PlacementReport.Choice(false, most))) {
        rows.put(row.names().get(0), row.returns());
      }
    }
    return rows;
  }

  private static String text() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ReturnSitesTest.class.getResourceAsStream("returns.s"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
