/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM that wants its operator's terminal to obey it and to show rows that are not true: by its
 * command line, by the names in a library of it, by what it calls functions with.
 */
class HostileTextIT {
  private static final String ESCAPE = "\u001b]0;owned\u0007\u001b[2J";
  private static final String FORGED = "1 root java -jar harmless.jar";

  /**
   * Gives java U+202E, which reverses the text behind it. The script has its bytes, since a JVM in
   * the POSIX locale cannot hand it to another process.
   */
  private static final String REVERSE =
      "java=$1 && shift && exec \"$java\" \"-Dy=$(printf '\\342\\200\\256')\" \"$@\"";

  @Test
  void nothingOfItReachesTheTerminal(@TempDir Path folder) throws Exception {
    Path library = library(folder);
    try (Target target =
        Target.start(
            Jdks.own(),
            null,
            List.of("-Dx=" + ESCAPE + "\n" + FORGED),
            "env",
            "LD_PRELOAD=" + library,
            "sh",
            "-c",
            REVERSE,
            "sh")) {
      String pid = Long.toString(target.pid());

      Result list = Command.jargdist("list");
      assertPlain(list.out());
      assertThat(list.out().lines())
          .doesNotContain(FORGED)
          .filteredOn(line -> line.startsWith(pid + " "))
          .singleElement()
          .asString()
          .contains("-Dx=\\x1b]0;owned\\x07\\x1b[2J\\n" + FORGED)
          .contains("-Dy=\\u202e ");

      Result probes = Command.jargdist("probes", pid, "hostile:*");
      assertPlain(probes.out());
      assertThat(probes.out().lines())
          .noneMatch(line -> line.startsWith("p:c:forged"))
          .filteredOn(line -> line.contains("forged"))
          .hasSize(1);

      String path = "/nowhere/" + ESCAPE + "77";
      String specifier =
          "p:c:access(char *path, int mode):char*,int:path,mode:STRCMP(\"/nowhere/\",path)";
      List<String> counted = counted(target, path, "-C", specifier);
      assertThat(counted).hasSizeGreaterThanOrEqualTo(4);
      assertPlain(String.join("\n", counted));
      List<String> last = counted.subList(counted.size() - 4, counted.size());
      assertThat(last.get(0)).startsWith("[");
      assertThat(last.get(1)).isEqualTo(specifier);
      assertThat(last.get(3))
          .isEqualTo("\t53         path = b'/nowhere/\\x1b]0;owned\\x07\\x1b[2J77', mode = 4");

      List<String> lines = counted(target, path, "--json", "-C", specifier);
      assertPlain(String.join("\n", lines));
      long total = 0;
      for (String line : lines) {
        JsonElement probe =
            JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("probes").get(0);
        for (JsonElement row : probe.getAsJsonObject().getAsJsonArray("rows")) {
          JsonArray key = row.getAsJsonObject().getAsJsonArray("key");
          assertThat(key.get(0).getAsString())
              .isEqualTo(
                  new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
          total = row.getAsJsonObject().get("count").getAsLong();
        }
      }
      assertThat(total).isEqualTo(53);

      Result refused = Command.jargdist("-p", pid, "-C", "p:c:" + ESCAPE + "\nx()");
      assertPlain(refused.err());
      assertThat(refused.exit()).isEqualTo(1);
    }
  }

  private static List<String> counted(Target target, String path, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-c", "-n", "3"));
    Process process = Command.start(target, all.toArray(String[]::new));
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      String first = out.readLine();
      target.run("access 53 " + path);
      List<String> lines = new ArrayList<>(List.of(first));
      out.lines().forEach(lines::add);
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  private static void assertPlain(String text) {
    assertThat(text).matches("[\\n\\t -~]*");
  }

  /** Makes a library with a function whose name ends a line and begins another. */
  private static Path library(Path folder) throws Exception {
    Path source = folder.resolve("hostile.c");
    Path library = folder.resolve("libhostile.so");
    String name = "hostile_1_2_3_4_forged";
    Files.writeString(source, "int " + name + "(int n) { return n + 1; }\n");
    Result result =
        Command.run(
            List.of("gcc", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
    assertThat(result.exit()).as(result.err()).isZero();
    String content = Files.readString(library, StandardCharsets.ISO_8859_1);
    Files.writeString(
        library,
        content.replace(name, "hostile\u001b[2J\np:c:forged"),
        StandardCharsets.ISO_8859_1);
    try (Stream<String> lines = Files.lines(library, StandardCharsets.ISO_8859_1)) {
      assertThat(lines).anyMatch(line -> line.startsWith("p:c:forged"));
    }
    return library;
  }
}
