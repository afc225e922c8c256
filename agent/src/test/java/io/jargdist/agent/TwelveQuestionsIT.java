/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.ManyEvents;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The twelve questions of docs/pairs.md, each asked of Flight Recorder or of bpftrace, too, in the
 * same run.
 */
class TwelveQuestionsIT {
  private static final Pattern QUESTION = Pattern.compile("`-H '(.*)(#(.*) us)'`");
  private static final int TIMES = 53;

  /**
   * If a thread has to wait for a processor between the moments of two tools, their times differ.
   * So times that differ are taken again. Counts always have to be equal.
   */
  private static final int ROUNDS = 3;

  private static final Percentage DISTANCE = withPercentage(25);

  private static final Map<String, String> RECORDED =
      Map.of(
          "jdk.GarbageCollection", "GC",
          "jdk.SafepointStateSynchronization", "time to safepoint",
          "jdk.ExecuteVMOperation", "VM operation",
          "jdk.Compilation", "compilation",
          "jdk.ThreadStart", "thread start",
          "jdk.JavaMonitorEnter", "monitor");

  /** The names of the script. */
  private static final Map<String, String> TRACED =
      Map.of(
          "run_queue", "run queue",
          "off_CPU", "off-CPU",
          "block_I_O", "block I/O",
          "connect", "connect",
          "DNS", "DNS",
          "lifetime", "lifetime");

  /** Those of which no duration is compared: the other tool has none, or is a part of it. */
  private static final Set<String> COUNTED_ONLY = Set.of("thread start", "lifetime");

  /**
   * A kernel can miss a few events of sched_switch: ftrace shows switches of which the other half
   * is not there.
   */
  private static final Set<String> SWITCHES = Set.of("run queue", "off-CPU");

  private static final String BPFTRACE = "/usr/bin/bpftrace";

  private static final String SCRIPT =
      """
      tracepoint:sched:sched_wakeup { @woken[args->pid] = nsecs; }
      tracepoint:sched:sched_switch {
        if (args->prev_pid == MAIN) { @left[args->prev_pid] = nsecs; }
        if (args->next_pid == MAIN) {
          if (@woken[args->next_pid]) { @run_queue = stats(nsecs - @woken[args->next_pid]); }
          if (@left[args->next_pid]) { @off_CPU = stats(nsecs - @left[args->next_pid]); }
        }
        delete(@woken[args->next_pid]);
        delete(@left[args->next_pid]);
      }
      tracepoint:block:block_rq_issue /pid == PID/ { @issued[args->dev, args->sector] = nsecs; }
      tracepoint:block:block_rq_complete /@issued[args->dev, args->sector]/ {
        @block_I_O = stats(nsecs - @issued[args->dev, args->sector]);
        delete(@issued[args->dev, args->sector]);
      }
      tracepoint:syscalls:sys_enter_connect /pid == PID/ { @connecting[tid] = nsecs; }
      tracepoint:syscalls:sys_exit_connect /@connecting[tid]/ {
        @connect = stats(nsecs - @connecting[tid]);
        delete(@connecting[tid]);
      }
      uprobe:LIBC:getaddrinfo /pid == PID/ { @asking[tid] = nsecs; }
      uretprobe:LIBC:getaddrinfo /@asking[tid]/ {
        @DNS = stats(nsecs - @asking[tid]);
        delete(@asking[tid]);
      }
      uprobe:LIBC:malloc /pid == PID && arg0 == BLOCK/ { @allocating[tid] = 1; }
      uretprobe:LIBC:malloc /@allocating[tid]/ {
        @allocated[retval] = nsecs;
        delete(@allocating[tid]);
      }
      uprobe:LIBC:free /pid == PID && @allocated[arg0]/ {
        @lifetime = stats(nsecs - @allocated[arg0]);
        delete(@allocated[arg0]);
      }
      interval:s:1 { printf("attached\\n"); }
      END {
        clear(@woken); clear(@left); clear(@issued); clear(@connecting);
        clear(@asking); clear(@allocating); clear(@allocated);
      }
      """;

  private static final Pattern STATS =
      Pattern.compile("@([A-Za-z_]+): count ([0-9]+), average [0-9]+, total ([0-9]+)");

  @TempDir Path folder;

  /** An answer: how many events, and how long they took together, in microseconds. */
  private record Answer(long count, double micros) {
    Answer minus(Answer earlier) {
      return new Answer(count - earlier.count, micros - earlier.micros);
    }
  }

  /**
   * What both have said of one question.
   *
   * @param theirs of the other tool
   */
  private record Pair(Answer ours, Answer theirs) {
    /** A histogram of microseconds has left out what is less than one. */
    double ourMicros() {
      return ours.micros() + ours.count() / 2.0;
    }
  }

  /** All answers of jargdist at one time. */
  private record Line(Instant time, Map<String, Answer> answers) {
    Answer of(String name) {
      return Objects.requireNonNull(answers.get(name));
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void otherToolsGiveTheSameAnswers(Path jdk) throws Exception {
    Skips.unless(new File(BPFTRACE).canExecute(), "bpftrace is not here (Debian: bpftrace)");
    for (int round = 1; ; round++) {
      Map<String, Pair> answers = answers(jdk);
      answers.forEach(TwelveQuestionsIT::compareCounts);
      answers.keySet().removeAll(COUNTED_ONLY);
      if (round == ROUNDS || answers.values().stream().allMatch(TwelveQuestionsIT::isClose)) {
        answers.forEach(TwelveQuestionsIT::compareTimes);
        return;
      }
    }
  }

  private Map<String, Pair> answers(Path jdk) throws Exception {
    try (Target target = ManyEvents.start(jdk)) {
      int main = target.mainThread();
      Map<String, String> questions = questions(main);
      assertThat(questions).hasSize(12);
      jcmd(jdk, target, "JFR.start", "name=peer", "settings=" + settings());
      Process peer = bpftrace(target, main);
      List<String> arguments = new ArrayList<>(List.of("--json", "-c", "-i", "1"));
      arguments.addAll(List.of("--max-overhead", "0"));
      questions.values().forEach(question -> arguments.addAll(List.of("-H", question)));
      Process jargdist = Command.start(target, arguments.toArray(new String[0]));
      try (BufferedReader lines = jargdist.inputReader();
          BufferedReader theirs = peer.inputReader()) {
        for (int ticks = 0; ticks < 2; ) {
          ticks += theirs.readLine().equals("attached") ? 1 : 0;
        }
        Line before = quiet(lines);
        target.run(Integer.toString(TIMES));
        Line after = quiet(lines);
        Command.run(List.of("kill", "-INT", Long.toString(peer.pid())));
        Map<String, Answer> expected = new HashMap<>(traced(theirs.lines().toList()));
        Path recording = folder.resolve("peer.jfr");
        jcmd(jdk, target, "JFR.dump", "name=peer", "filename=" + recording);
        expected.putAll(recorded(recording, before.time(), after.time()));
        assertThat(expected.keySet()).isEqualTo(after.answers().keySet());
        Map<String, Pair> answers = new LinkedHashMap<>();
        expected.forEach(
            (name, answer) ->
                answers.put(name, new Pair(after.of(name).minus(before.of(name)), answer)));
        return answers;
      } finally {
        jargdist.destroy();
        peer.destroy();
        jargdist.waitFor();
        peer.waitFor();
      }
    }
  }

  /** Of switches only those of one thread are compared, which is idle before and behind. */
  private static Map<String, String> questions(int main) throws IOException {
    Map<String, String> questions = new LinkedHashMap<>();
    Matcher question = QUESTION.matcher(Files.readString(Path.of("../docs/pairs.md")));
    while (question.find()) {
      String name = question.group(3);
      questions.put(
          name,
          question.group(1).replace("n>1000", "n==" + ManyEvents.BLOCK)
              + (SWITCHES.contains(name) ? ":args->next_pid==" + main : "")
              + question.group(2));
    }
    return questions;
  }

  /** Waits until nothing but switches of threads happens for a second. */
  private static Line quiet(BufferedReader lines) throws IOException {
    Line last = line(lines);
    while (true) {
      Line next = line(lines);
      if (counts(next).equals(counts(last))) {
        return next;
      }
      last = next;
    }
  }

  private static Map<String, Long> counts(Line line) {
    Map<String, Long> counts = new HashMap<>();
    line.answers().forEach((name, answer) -> counts.put(name, answer.count()));
    counts.keySet().removeAll(List.of("run queue", "off-CPU", "time to safepoint", "VM operation"));
    return counts;
  }

  private static Line line(BufferedReader lines) throws IOException {
    JsonObject line = JsonParser.parseString(lines.readLine()).getAsJsonObject();
    Map<String, Answer> answers = new LinkedHashMap<>();
    for (JsonElement element : line.getAsJsonArray("probes")) {
      JsonObject probe = element.getAsJsonObject();
      answers.put(
          probe.get("label").getAsString().replace(" us", ""),
          new Answer(probe.get("count").getAsLong(), probe.get("sum").getAsDouble()));
    }
    return new Line(OffsetDateTime.parse(line.get("time").getAsString()).toInstant(), answers);
  }

  private Path settings() throws IOException {
    String events =
        RECORDED.keySet().stream()
            .map(
                event ->
                    """
                    <event name="%s">
                      <setting name="enabled">true</setting>
                      <setting name="threshold">0 ns</setting>
                      <setting name="stackTrace">false</setting>
                    </event>
                    """
                        .formatted(event))
            .collect(Collectors.joining());
    return Files.writeString(
        folder.resolve("peer.jfc"),
        "<configuration version=\"2.0\" label=\"peer\">\n" + events + "</configuration>\n");
  }

  private static void jcmd(Path jdk, Target target, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/jcmd").toString());
    command.add(Long.toString(target.pid()));
    command.addAll(List.of(words));
    assertThat(Command.run(command).exit()).isZero();
  }

  private static Process bpftrace(Target target, int main) throws IOException {
    String libc =
        Files.readAllLines(Path.of("/proc/" + target.pid() + "/maps")).stream()
            .filter(line -> line.contains("libc.so"))
            .map(line -> line.substring(line.indexOf('/')))
            .findFirst()
            .orElseThrow();
    String script =
        SCRIPT
            .replace("PID", Long.toString(target.pid()))
            .replace("MAIN", Integer.toString(main))
            .replace("LIBC", libc)
            .replace("BLOCK", Integer.toString(ManyEvents.BLOCK));
    return new ProcessBuilder(BPFTRACE, "-e", script)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Map<String, Answer> recorded(Path recording, Instant from, Instant to)
      throws IOException {
    Map<String, Answer> answers = new HashMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
      Instant end = event.getEndTime();
      String name = RECORDED.get(event.getEventType().getName());
      if (name != null && end.isAfter(from) && !end.isAfter(to)) {
        answers.merge(
            name,
            new Answer(1, event.getDuration().toNanos() / 1000.0),
            (a, b) -> new Answer(a.count() + b.count(), a.micros() + b.micros()));
      }
    }
    return answers;
  }

  private static Map<String, Answer> traced(List<String> output) {
    Map<String, Answer> answers = new HashMap<>();
    for (String line : output) {
      Matcher stats = STATS.matcher(line);
      if (stats.matches()) {
        answers.put(
            TRACED.get(stats.group(1)),
            new Answer(Long.parseLong(stats.group(2)), Long.parseLong(stats.group(3)) / 1000.0));
      }
    }
    return answers;
  }

  private static void compareCounts(String name, Pair pair) {
    long ours = pair.ours().count();
    long theirs = pair.theirs().count();
    if (SWITCHES.contains(name)) {
      assertThat(ours).as(name).isCloseTo(theirs, withPercentage(2));
    } else {
      assertThat(ours).as(name).isEqualTo(theirs).isNotZero();
    }
  }

  private static boolean isClose(Pair pair) {
    double theirs = pair.theirs().micros();
    return Math.abs(pair.ourMicros() - theirs) <= DISTANCE.value / 100 * theirs;
  }

  private static void compareTimes(String name, Pair pair) {
    assertThat(pair.ourMicros()).as(name).isCloseTo(pair.theirs().micros(), DISTANCE);
  }
}
