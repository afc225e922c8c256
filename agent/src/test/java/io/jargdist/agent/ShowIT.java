/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code jargdist show}: what others have left in a JVM. */
class ShowIT {
  private static final String SYNCS = "p:c:fsync()#syncs";
  private static final String SIZES =
      "p:c:write(int fd, char *b, size_t n):size_t:n:n==4099#written bytes";

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void printsExactlyWhatWasCountedAndChangesNothing(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of())) {
      String pid = Long.toString(target.pid());
      assertThat(Command.jargdist("attach", pid, "-C", SYNCS, "-H", SIZES).exit()).isZero();
      target.run("fsync 53");
      target.run("write 17 4099");

      Result all = Command.jargdist("show", pid, "--stats");
      assertThat(all.exit()).as(all.err()).isZero();
      List<String> lines = all.out().lines().toList();
      assertThat(lines.get(0)).matches("\\[\\d\\d:\\d\\d:\\d\\d]");
      assertThat(lines.subList(1, 5))
          .containsExactly(
              "syncs",
              "\tCOUNT      EVENT",
              "\t53         total calls",
              "     written bytes       : count     distribution");
      assertThat(lines)
          .endsWith(
              "      4096 -> 8191       : 17       |****************************************|",
              "     count 17, mean 4099, p50 4096 to 8191, p95 4096 to 8191, p99 4096 to 8191,"
                  + " max 4096 to 8191");

      target.run("fsync 31");
      assertThat(rows(Command.jargdist("show", pid, "syncs"))).containsExactly("84");
      Result byLabel = Command.jargdist("show", pid, "written bytes", "--json");
      JsonObject probe =
          JsonParser.parseString(byLabel.out())
              .getAsJsonObject()
              .getAsJsonArray("probes")
              .get(0)
              .getAsJsonObject();
      assertThat(probe.get("name").getAsString()).isEqualTo("written_bytes");
      assertThat(probe.get("count").getAsLong()).isEqualTo(17);
      assertThat(probe.get("sum").getAsLong()).isEqualTo(17 * 4099);
      assertThat(probe.get("state").getAsString()).isEqualTo("running");

      Result unknown = Command.jargdist("show", pid, "sinks");
      assertThat(unknown.exit()).isEqualTo(1);
      assertThat(unknown.err())
          .isEqualTo("jargdist: there is no probe \"sinks\"; there are: syncs, written_bytes\n");
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(84L);
      assertThat(target.attribute(Target.frequency("syncs"), "State")).isEqualTo("running");
    }
  }

  private static List<String> rows(Result shown) {
    return shown
        .out()
        .lines()
        .filter(line -> line.endsWith("total calls"))
        .map(line -> line.strip().split(" ")[0])
        .toList();
  }

  /** The first print has everything, the others what came since. */
  @Test
  void againAndAgain() throws Exception {
    try (Target target = Target.withAgent(Jdks.own(), "-C '" + SYNCS + "'").awaitAgent()) {
      target.agent("count", "p:c:fsync()#later");
      target.run("fsync 11");
      String pid = Long.toString(target.pid());
      for (String cumulative : List.of("", "-c")) {
        List<String> command =
            new ArrayList<>(List.of(Jdks.own() + "/bin/java", "-jar", Target.JAR.toString()));
        command.addAll(List.of("show", pid, "later", "-n", "2", "-i", "3"));
        if (!cumulative.isEmpty()) {
          command.add(cumulative);
        }
        Process show = new ProcessBuilder(command).start();
        List<String> counts = new ArrayList<>();
        for (String line = show.inputReader().readLine();
            line != null;
            line = show.inputReader().readLine()) {
          if (line.endsWith("total calls")) {
            counts.add(line.strip().split(" ")[0]);
            if (counts.size() == 1) {
              target.run("fsync 7");
            }
          }
        }
        assertThat(show.waitFor()).isZero();
        assertThat(counts)
            .isEqualTo(cumulative.isEmpty() ? List.of("11", "7") : List.of("18", "25"));
      }
    }
  }

  @Test
  void stateOfWhatDoesNotCountIsShown() throws Exception {
    String options = "-C p:c:no_such_function()#wrong -C p:c:fsync()#over --ttl 1s";
    try (Target target = Target.withAgent(Jdks.own(), options).awaitAgent()) {
      org.awaitility.Awaitility.await()
          .until(
              () ->
                  target.has(Target.frequency("over"))
                      && target
                          .attribute(Target.frequency("over"), "State")
                          .toString()
                          .startsWith("detached"));
      Result shown = Command.jargdist("show", Long.toString(target.pid()));
      assertThat(shown.exit()).as(shown.err()).isZero();
      assertThat(shown.out())
          .contains("\nstate failed: function: ", "has no function \"no_such_function\"\n")
          .endsWith("over\n\tCOUNT      EVENT\nstate detached: its time is over (--ttl)\n");
    }
  }

  @Test
  void loadsNoAgent() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      long pid = target.pid();
      Result shown = Command.jargdist("show", Long.toString(pid));
      assertThat(shown.exit()).isEqualTo(3);
      assertThat(shown.err())
          .isEqualTo(
              "jargdist: process "
                  + pid
                  + " has no agent, so it has no probes: jargdist attach adds some\n");
      assertThat(target.has(new ObjectName("jargdist:type=Agent"))).isFalse();
    }
    try (Target target = Target.withAgent(Jdks.own(), "--control off").awaitAgent()) {
      Result shown = Command.jargdist("show", Long.toString(target.pid()));
      assertThat(shown.out()).isEqualTo("no probes\n");
      assertThat(shown.exit()).isZero();
    }
  }
}
