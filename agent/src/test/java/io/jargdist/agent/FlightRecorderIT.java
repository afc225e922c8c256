/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recordings have exactly what was counted while they ran. */
class FlightRecorderIT {
  private static final String OPTIONS =
      "-H 'p:c:read(int fd, void *b, size_t n):size_t:n:n==4099||n==17#asked'"
          + " -C 'p:c:lseek64(int fd, long offset):long:offset:offset==4099||offset==5003#seeks'"
          + " -H 'p:c:lseek64(int fd, long offset):long,long:offset,offset-1:offset==4099||offset==5003#keyed'"
          + " -S 'p:c:lseek64(int fd, long offset):long,long:offset,-offset:offset==4099||offset==5003#summed'";
  private static final String BUCKET = "jargdist.HistogramBucket";
  private static final String FREQUENCY = "jargdist.Frequency";
  private static final String READER = "\"jargdist-flight-recorder\"";

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void recordingsHaveWhatWasCountedWhileTheyRan(Path jdk) throws Exception {
    Path longer = folder.resolve("longer.jfr");
    Path shorter = folder.resolve("shorter.jfr");
    try (Target target = Target.withAgent(jdk, OPTIONS).awaitAgent()) {
      await().until(() -> target.has(Target.frequency("seeks")));
      target.run("read 1009 4099");
      target.run("lseek 1013 4099");
      assertThat(jcmd(jdk, target, "VM.class_hierarchy", "jdk.jfr.Event"))
          .doesNotContain("HistogramBucketEvent");
      assertThat(jcmd(jdk, target, "Thread.print")).doesNotContain(READER);

      start(jdk, target, "longer");
      target.run("read 101 4099");
      target.run("lseek 7 4099");
      String late = target.add("count", "p:c:fsync()#late");
      target.run("fsync 53");
      target.agent("remove", late);
      target.agent(
          "execute",
          "--table-entries 1 -C 'p:c:lseek64(int f, long o):long:o:o==5003||o==4099#full'");
      start(jdk, target, "shorter");
      target.run("read 211 17");
      target.run("lseek 11 4099");
      target.run("lseek 13 5003");
      jcmd(jdk, target, "JFR.stop", "name=shorter", "filename=" + shorter);
      target.run("read 307 4099");
      jcmd(jdk, target, "JFR.stop", "name=longer", "filename=" + longer);
      target.run("read 401 4099");

      assertThat(sums(longer, BUCKET))
          .isEqualTo(
              Map.of(
                  "asked 4096..8191",
                  101L + 307,
                  "asked 16..31",
                  211L,
                  "keyed offset-1 = 4098 4096..8191",
                  18L,
                  "keyed offset-1 = 5002 4096..8191",
                  13L));
      assertThat(sums(shorter, BUCKET))
          .isEqualTo(
              Map.of(
                  "asked 16..31",
                  211L,
                  "keyed offset-1 = 4098 4096..8191",
                  11L,
                  "keyed offset-1 = 5002 4096..8191",
                  13L));
      assertThat(sums(longer, "jargdist.Sum"))
          .isEqualTo(
              Map.of("summed -offset = -4099", 18 * 4099L, "summed -offset = -5003", 13 * 5003L));
      assertThat(sums(longer, FREQUENCY))
          .isEqualTo(
              Map.of(
                  "seeks offset = 4099", 18L,
                  "seeks offset = 5003", 13L,
                  "late total calls", 53L,
                  "full o = 4099", 11L));
      assertThat(sums(shorter, FREQUENCY))
          .isEqualTo(
              Map.of("seeks offset = 4099", 11L, "seeks offset = 5003", 13L, "full o = 4099", 11L));
      assertThat(sums(shorter, "jargdist.Loss")).isEqualTo(Map.of("full table full", 13L));
      assertThat(sums(longer, "jargdist.Probe").keySet())
          .contains("asked running", "seeks running", "full running");
      await()
          .atMost(Patience.seconds(20))
          .until(() -> !jcmd(jdk, target, "Thread.print").contains(READER));
    }
    String printed = jfr(jdk, "print", "--events", "jargdist.*", shorter.toString());
    assertThat(printed)
        .contains(BUCKET + " {", "probe = \"asked\"", "low = 16", "high = 31", "count = 211")
        .contains("key = \"offset = 5003\"");
    if (Jdks.feature(jdk) >= 21) {
      assertThat(jfr(jdk, "view", BUCKET, shorter.toString()).lines())
          .anyMatch(line -> line.matches(".*\\basked +16 +31 +211 +211 .*"));
    }
  }

  /** The counts of the events of a type, by probe and by what tells the events of one apart. */
  private static Map<String, Long> sums(Path recording, String type) throws IOException {
    Map<String, Long> sums = new TreeMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
      if (event.getEventType().getName().equals(type)) {
        String what =
            event.hasField("low")
                ? (event.getString("key") + " " + event.getLong("low") + "..").strip()
                    + event.getLong("high")
                : event.getString(
                    event.hasField("key") ? "key" : event.hasField("reason") ? "reason" : "state");
        String number = event.hasField("sum") ? "sum" : "count";
        long count = event.hasField(number) ? event.getLong(number) : 1;
        sums.merge(event.getString("probe") + " " + what, count, Long::sum);
      }
    }
    return sums;
  }

  private static void start(Path jdk, Target target, String name) throws Exception {
    jcmd(jdk, target, "JFR.start", "name=" + name);
    // On a slow machine Flight Recorder does not wait for the first reading.
    await().until(() -> !jcmd(jdk, target, "Thread.print").contains("Intervals.begin"));
  }

  private static String jcmd(Path jdk, Target target, String... words) throws Exception {
    return tool(jdk, "jcmd", Long.toString(target.pid()), words);
  }

  private static String jfr(Path jdk, String command, String... words) throws Exception {
    return tool(jdk, "jfr", command, words);
  }

  private static String tool(Path jdk, String name, String first, String... words)
      throws Exception {
    Command.Result result =
        Command.run(
            Stream.concat(
                    Stream.of(jdk.resolve("bin").resolve(name).toString(), first), Stream.of(words))
                .toList());
    assertThat(result.exit()).as(result.err() + result.out()).isZero();
    return result.out();
  }
}
