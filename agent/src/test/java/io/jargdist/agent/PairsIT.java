/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.HardCalls;
import io.jargdist.testing.HardProbe;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pairs of events, made a known number of times. The property {@code jargdist.pairs} makes it more
 * of them.
 */
class PairsIT {
  private static final int PAIRS = Integer.getInteger("jargdist.pairs", 2003);
  private static final String BEGIN = "hard_begin(long key, char *text)";
  private static final Pattern LOST = Pattern.compile("([a-z -]+?): ([0-9]+)");

  private static final Pattern NEXT_PID = Pattern.compile("args->next_pid = ([0-9]+)");

  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    target = HardCalls.start(Jdks.own(), "--max-overhead 0").awaitAgent();
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  record Probe(HardProbe probe) implements AutoCloseable {
    static Probe of(Target target, String options, String specifier) throws Exception {
      return new Probe(HardProbe.of(target, options, specifier));
    }

    Object get(String attribute) throws Exception {
      return probe.get(attribute);
    }

    void expect(long count, String detail, long open) {
      await()
          .untilAsserted(
              () -> {
                assertThat(get("LostDetail")).isEqualTo(detail);
                assertThat(get("Count")).isEqualTo(count);
                assertThat(get("Open")).isEqualTo(open);
              });
    }

    long lost(String reason) throws Exception {
      Matcher lost = LOST.matcher((String) get("LostDetail"));
      while (lost.find()) {
        if (lost.group(1).strip().equals(reason)) {
          return Long.parseLong(lost.group(2));
        }
      }
      return 0;
    }

    /** Returns the open pairs by key. */
    Map<List<Object>, Long> open() throws Exception {
      Map<List<Object>, Long> open = new HashMap<>();
      TabularData table = (TabularData) get("OpenByKey");
      for (Object row : table.values()) {
        CompositeData pairs = (CompositeData) row;
        open.put(List.of(table.calculateIndex(pairs)), (Long) pairs.get("open"));
      }
      return open;
    }

    @Override
    public void close() throws IOException, JMException {
      probe.close();
    }
  }

  /** Each kind of event as the first and as the second one, found by thread and by a value. */
  static Stream<String> combinations() {
    List<String> first =
        List.of(
            "p:LIBRARY:" + BEGIN + " if key on key",
            "r:LIBRARY:" + BEGIN + " if key on $retval",
            "t:syscalls:sys_enter_lseek() if args->fd==-1 on args->offset",
            "u:LIBRARY:mark() if arg1 on arg1");
    List<String> second =
        List.of(
            "t:syscalls:sys_exit_lseek() if args->ret==-9",
            "u:LIBRARY:mark() on arg1",
            "p:LIBRARY:hard_end(long key) on key",
            "r:LIBRARY:hard_end() on $retval");
    List<String> pairs = new ArrayList<>();
    for (String from : first) {
      for (String to : second) {
        boolean same = from.contains("mark") && to.contains("mark");
        // What a system call returns is no key, and a mark comes behind it.
        boolean possible = !same && !(from.contains("mark") && to.contains("lseek"));
        if (possible) {
          pairs.add(from.replaceAll(" on .*", "") + ".." + to.replaceAll(" on .*", ""));
        }
        if (possible && !to.contains("lseek")) {
          pairs.add(from + ".." + to);
        }
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void everyPairOfEveryCombinationIsCounted(String pair) throws Exception {
    try (Probe probe = Probe.of(target, "-H", pair)) {
      target.run("pair " + PAIRS + " 0 3");
      probe.expect(3L * PAIRS, "", 0);
    }
  }

  @Test
  void whatTheFirstEventKeepsIsCollectedAtTheSecond() throws Exception {
    String by = "p:LIBRARY:" + BEGIN + " on key..p:LIBRARY:hard_end(long key) on key";
    String through = "r:LIBRARY:" + BEGIN + "..hard_end()";
    try (Probe text = Probe.of(target, "-C", by + ":char*,int:$entry(text),$entry(key)==key");
        Probe match =
            Probe.of(
                target,
                "-C",
                by + ":int:$entry(STREQ(\"whole\", text)):STREQ(\"whole\", $entry(text))");
        Probe atEntry =
            Probe.of(target, "-C", through + ":char*,int:$entry(text),$retval==$entry(key)");
        Probe none = Probe.of(target, "-C", by + ":int:1:$entry(key)!=key")) {
      target.run("pair " + PAIRS + " 0 2");
      text.expect(2L * PAIRS, "", 0);
      assertThat(String.join("\n", (String[]) text.get("Top")))
          .contains(2 * PAIRS + " ", "text = b'whole', key==key = 1");
      match.expect(2L * PAIRS, "", 0);
      atEntry.expect(2L * PAIRS, "", 0);
      none.expect(0, "", 0);
    }
  }

  @Test
  void eachHalfWithoutAnotherIsLostWithItsReason() throws Exception {
    for (String on : List.of("", " on key")) {
      try (Probe probe =
          Probe.of(
              target, "-C", "p:LIBRARY:hard_begin(long key)" + on + "..hard_end(long key)" + on)) {
        target.run("pair " + PAIRS + " -1 2");
        probe.expect(
            2L * PAIRS,
            "pair begun again before it ended: "
                + 2 * PAIRS
                + ", end of a pair without its beginning: "
                + 2 * PAIRS,
            0);
      }
    }
  }

  @Test
  void aThreadTakesItsPairWithIt() throws Exception {
    try (Probe probe =
        Probe.of(target, "-C", "p:LIBRARY:hard_begin(long key)..hard_end(long key)")) {
      target.run("pair 1 -2 7");
      probe.expect(0, "thread ended between the events of a pair: 7", 0);
    }
  }

  @Test
  void pairsThatDoNotEndStayOpenAndFillTheTable() throws Exception {
    String pair = "p:LIBRARY:hard_begin(long key) on key..hard_end(long key) on key";
    try (Probe probe = Probe.of(target, "-C", pair);
        Probe small = Probe.of(target, "--call-entries 100 -C", pair)) {
      target.run("pair 503 -2 1");
      probe.expect(0, "", 503);
      small.expect(0, "too many pairs at once: 403", 100);
    }
  }

  @Test
  void whatIsStillOpenIsCountedByItsKey() throws Exception {
    String pair = "p:LIBRARY:" + BEGIN + " on key..hard_end(long key) on key";
    try (Probe kept = Probe.of(target, "-C", pair + ":char*,u8:$entry(text),$entry(key%4096%3)");
        Probe late = Probe.of(target, "-C", pair + ":long:key+$entry(key)")) {
      target.run("pair 503 -2 1");
      kept.expect(0, "", 503);
      assertThat(kept.open())
          .isEqualTo(
              Map.of(
                  List.of("open", "0"),
                  168L,
                  List.of("open", "1"),
                  168L,
                  List.of("open", "2"),
                  167L));
      late.expect(0, "", 503);
      assertThat(late.open()).isEmpty();
    }
  }

  /** An idle JVM waits in futexes. A thread that is in none has an element, too. */
  @Test
  void pairsOfThreadsAreOpenByKeyAsLongAsTheyLast() throws Exception {
    try (Probe waits =
        Probe.of(
            target,
            "-C",
            "t:syscalls:sys_enter_futex()..sys_exit_futex():int:$entry(args->op&127)")) {
      await()
          .untilAsserted(
              () -> {
                long open = (long) waits.get("Open");
                assertThat(open).isPositive();
                assertThat(waits.open().values().stream().mapToLong(n -> n).sum()).isEqualTo(open);
              });
    }
  }

  /** Every beginning and every end is counted once, whatever threads do at the same time. */
  @Test
  void threadsThatShareKeysLoseNothingSilently() throws Exception {
    String pair = "p:LIBRARY:hard_begin(long key) on key..hard_end(long key) on key";
    int times = 5 * PAIRS;
    try (Probe probe = Probe.of(target, "-C", pair)) {
      target.run("pair " + times + " 2 4");
      await()
          .untilAsserted(
              () -> {
                long count = (long) probe.get("Count");
                long open = (long) probe.get("Open");
                long replaced = probe.lost("pair begun again before it ended");
                long missing = probe.lost("end of a pair without its beginning");
                assertThat(count + replaced + open).isEqualTo(4L * times);
                assertThat(count + missing).isEqualTo(4L * times);
              });
    }
  }

  /** Another process wakes its own threads a thousand times a second meanwhile. */
  @Test
  void wakeupsOfOtherProcessesAreNotCounted() throws Exception {
    Process other =
        new ProcessBuilder("sh", "-c", "while :; do sleep 0.001; done").inheritIO().start();
    try (Probe probe =
        Probe.of(
            target,
            "-C",
            "t:sched:sched_wakeup() on args->pid..sched_switch() on args->next_pid"
                + ":int:args->next_pid")) {
      target.run("park 1009");
      await().untilAsserted(() -> assertThat((long) probe.get("Count")).isGreaterThan(500));
      Set<String> threads = threads();
      assertThat((long) probe.get("Open")).isLessThanOrEqualTo(threads.size());
      for (String row : (String[]) probe.get("Top")) {
        Matcher key = NEXT_PID.matcher(row);
        if (key.find()) {
          assertThat(threads).contains(key.group(1));
        }
      }
    } finally {
      other.destroy();
      other.waitFor();
    }
  }

  private static Set<String> threads() throws IOException {
    Set<String> threads = new HashSet<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(target.pid()), "task"))) {
      tasks.forEach(task -> threads.add(task.getFileName().toString()));
    }
    return threads;
  }
}
