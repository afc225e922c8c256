/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static io.jargdist.testing.LateCalls.CONSTRUCTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.LateCalls;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.Notification;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes of libraries that a JVM maps after the probes were added, each copy of them. */
@Timeout(300)
class LateLibrariesIT {
  private static final String OPTIONS = "--max-overhead 0";

  /** Much more than it takes, and less than a user would think that it hangs. */
  private static final long LATE_NANOS = 5_000_000_000L;

  @TempDir private Path folder;

  private final List<String> heard = new CopyOnWriteArrayList<>();

  private Target start(Path jdk, String... prefix) throws Exception {
    Target target = LateCalls.start(jdk, folder, OPTIONS, prefix).awaitAgent();
    target
        .mbeans()
        .addNotificationListener(
            new ObjectName("jargdist:type=Agent"),
            (NotificationListener) (news, source) -> hear(news),
            null,
            null);
    return target;
  }

  private void hear(Notification news) {
    heard.add(news.getType() + " " + news.getMessage());
  }

  private void awaitNews(String... wanted) {
    for (String news : wanted) {
      await("news: " + news).until(() -> heard.stream().anyMatch(each -> each.contains(news)));
    }
    heard.clear();
  }

  private static long count(Target target, String name) throws Exception {
    return (Long) target.attribute(Target.frequency(name), "Count");
  }

  private static String state(Target target, String name) throws Exception {
    return (String) target.attribute(Target.frequency(name), "State");
  }

  private static List<String> texts(Target target, String name, String attribute) throws Exception {
    return List.of((String[]) target.attribute(Target.frequency(name), attribute));
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aLibraryAtAFixedPathIsCountedFromItsFirstCallOn(Path jdk) throws Exception {
    Path library = LateCalls.library(folder.resolve("libfixed.so"));
    try (Target target = start(jdk)) {
      String name = target.add("count", "p:" + library + ":late()#fixed");
      String returns = target.add("count", "r:" + library + ":late():int:$retval:$retval==53#ret");
      assertThat(state(target, name)).isEqualTo("waiting: " + library + " is not mapped");
      assertThat(texts(target, name, "Placement"))
          .singleElement()
          .asString()
          .startsWith("uprobe " + library + ":late");
      assertThat(count(target, name)).isZero();

      target.run("open " + library);
      awaitNews("jargdist.probe.mapped fixed: what it waited for is mapped");
      target.run("call 53");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 53);
      assertThat(count(target, returns)).isEqualTo(1);
      assertThat(state(target, name)).isEqualTo("running");
      assertThat(texts(target, name, "Warnings")).isEmpty();

      // The file stays, so it is probed already when it is opened again.
      target.run("close");
      await().until(() -> state(target, name).startsWith("waiting: "));
      target.run("open " + library);
      target.run("call 11");
      assertThat(count(target, name)).isEqualTo(2 * CONSTRUCTED + 53 + 11);
      target.run("close");
      await().until(() -> state(target, name).startsWith("waiting: "));

      // Another file takes the path.
      heard.clear();
      Path next = LateCalls.library(folder.resolve("next.so"));
      Files.move(next, library, StandardCopyOption.ATOMIC_MOVE);
      awaitNews("fixed: it counts in " + library, "ret: it counts in " + library);
      target.run("open " + library);
      target.run("call 101");
      assertThat(count(target, name)).isEqualTo(3 * CONSTRUCTED + 53 + 11 + 101);
      assertThat(texts(target, name, "Placement")).hasSize(1);
      assertThat(texts(target, name, "Warnings")).isEmpty();
      assertThat(count(target, returns)).isEqualTo(2);
    }
  }

  /** What was found in a file need not be there any more when it is written again. */
  @Test
  void aFileThatIsWrittenAgainIsProbedWhereItsFunctionIsThen() throws Exception {
    Path library = LateCalls.library(folder.resolve("libfixed.so"));
    Path other = LateCalls.library(folder.resolve("other.so"), "-O0");
    try (Target target = start(Jdks.own())) {
      String name = target.add("count", "p:" + library + ":late()#fixed");
      Object inode = Files.getAttribute(library, "unix:ino");
      Files.write(library, Files.readAllBytes(other));
      assertThat(Files.getAttribute(library, "unix:ino")).isEqualTo(inode);
      awaitNews("fixed: it counts in " + library + " from now on");
      target.run("open " + library);
      target.run("call 53");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 53);
      assertThat(texts(target, name, "Placement")).hasSize(1);
    }
  }

  @Test
  void aFileThatIsNotThereYetIsProbedBeforeItIsMapped() throws Exception {
    Path library = folder.resolve("later/and/later/libfixed.so");
    try (Target target = start(Jdks.own())) {
      String name = target.add("count", "p:" + library + ":late()#fixed");
      assertThat(state(target, name)).isEqualTo("waiting: " + library + " is not mapped");
      assertThat(target.attribute(Target.frequency(name), "Started")).isNull();
      assertThat(texts(target, name, "Warnings"))
          .singleElement()
          .asString()
          .startsWith("No library \"" + library + "\" is mapped yet: ");
      Files.createDirectories(library.getParent());
      Instant before = Instant.now();
      LateCalls.library(library);
      awaitNews("fixed: it counts in " + library + " from now on");
      assertThat(((Date) target.attribute(Target.frequency(name), "Started")).toInstant())
          .isAfterOrEqualTo(before.minusMillis(1));
      target.run("open " + library);
      target.run("call 211");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 211);
      await().until(() -> state(target, name).equals("running"));
      assertThat(texts(target, name, "Warnings")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eachCopyUnderARandomNameIsCountedFromSoonAfterItIsMapped(Path jdk) throws Exception {
    Path library = LateCalls.library(folder.resolve("original.so"));
    List<String> measured = new ArrayList<>();
    try (Target target = start(jdk)) {
      String name = target.add("count", "p:*late-*:late()#late");
      assertThat(state(target, name)).isEqualTo("waiting: *late-* is not mapped");
      long total = 0;
      for (int copy = 0; copy < 5; copy++) {
        Path file = folder.resolve("liblate-" + System.nanoTime() + ".so");
        Files.copy(library, file);
        Path times = folder.resolve("times");
        target.run("open " + file);
        target.run("spin 300 " + times);
        awaitNews("late: it counts in " + file + " from now on");
        assertThat(state(target, name)).isEqualTo("running");
        List<String> calls = Files.readAllLines(times);
        long counted = count(target, name) - total;
        assertThat(counted).isBetween(0L, (long) calls.size());
        if (counted > 0) {
          long nanos = Long.parseLong(calls.get((int) (calls.size() - counted)));
          measured.add(String.format(Locale.ROOT, "%.1f ms", nanos / 1e6));
          assertThat(nanos).isLessThan(LATE_NANOS);
        }
        target.run("call 101");
        total += counted + 101;
        assertThat(count(target, name)).isEqualTo(total);
        assertThat(texts(target, name, "Warnings").get(copy))
            .startsWith(file + " was mapped up to ")
            .endsWith(" ms before it was probed. Calls in that time are not counted.");
        if (copy % 2 == 1) {
          Files.delete(file);
          target.run("close");
          // Nobody can map it again, so it is released.
          String point = "uprobe " + file + ":";
          await()
              .until(
                  () ->
                      texts(target, name, "Placement").stream()
                          .noneMatch(each -> each.startsWith(point)));
        }
      }
      assertThat(texts(target, name, "Placement")).hasSize(3);
    }
    System.err.println("from opening a library to its first counted call: " + measured);
  }

  @Test
  void aProbeThatWaitsHoldsUpNoOther() throws Exception {
    Path library = LateCalls.library(folder.resolve("libother.so"));
    try (Target target = start(Jdks.own())) {
      String waiting = target.add("count", "p:nolib:f()#waiting");
      String name = target.add("count", "p:" + library + ":late()#other");
      String pairs = target.add("count", "p:" + library + ":late_too()..p:nolib:f()#pairs");
      target.run("open " + library);
      target.run("call 53");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 53);
      assertThat(count(target, waiting)).isZero();
      assertThat(state(target, waiting)).isEqualTo("waiting: nolib is not mapped");
      await()
          .untilAsserted(
              () -> assertThat(state(target, pairs)).isEqualTo("waiting: nolib is not mapped"));
      target.agent("remove", waiting);
      target.agent("remove", pairs);
      target.run("call 11");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 53 + 11);
    }
  }

  @Test
  void aLibraryWithoutTheFunctionEndsTheWait() throws Exception {
    Path library = LateCalls.library(folder.resolve("libempty.so"));
    try (Target target = start(Jdks.own())) {
      String name = target.add("count", "p:empty:lates()#empty");
      String pattern = target.add("count", "p:*empty*:lates()#pattern");
      target.run("open " + library);
      await().until(() -> state(target, name).startsWith("failed: "));
      assertThat(state(target, name))
          .isEqualTo("failed: " + library + " has no function \"lates\"");
      assertThat(heard)
          .anyMatch(each -> each.startsWith("jargdist.probe.failed empty: " + library));
      // Other files can match it.
      assertThat(state(target, pattern)).isEqualTo("waiting: *empty* is not mapped");
      await()
          .until(
              () ->
                  texts(target, pattern, "Warnings")
                      .contains(library + " has no function \"lates\""));
    }
  }

  /** The path is the target's, not ours. */
  @Test
  void aPathMeansWhatTheTargetSees() throws Exception {
    Path mounted = Files.createDirectory(folder.resolve("mounted"));
    Path library = LateCalls.library(folder.resolve("original.so"));
    try (Target target =
        start(
            Jdks.own(),
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs none " + mounted + " && exec \"$@\"",
            "sh")) {
      Path seen = mounted.resolve("libinside.so");
      String name = target.add("count", "p:" + seen + ":late()#inside");
      Path inside = Path.of("/proc", Long.toString(target.pid()), "root");
      Files.copy(library, inside.resolve(seen.toString().substring(1)));
      awaitNews("inside: it counts in " + seen + " from now on");
      target.run("open " + seen);
      target.run("call 53");
      assertThat(count(target, name)).isEqualTo(CONSTRUCTED + 53);
      assertThat(seen).doesNotExist();
    }
  }

  @Test
  void theCommandLineSaysThatItWaits() throws Exception {
    Path library = LateCalls.library(folder.resolve("libfixed.so"));
    try (Target target = LateCalls.start(Jdks.own(), folder, null)) {
      String pid = Long.toString(target.pid());
      Command.Result checked = Command.jargdist("check", "-p", pid, "p:jvmm:late()");
      assertThat(checked.exit()).isZero();
      assertThat(checked.out())
          .contains("warning: jvmm is not mapped: the probe would wait for it.")
          .contains("warning: No library \"jvmm\" is mapped yet: did you mean jvm");

      Process command =
          Command.start(
              target, "-C", "p:jvmm:late()#typo", "-C", "p:*fixed*:late()#fixed", "-c", "-n", "9");
      try (BufferedReader out = command.inputReader();
          BufferedReader err = command.errorReader()) {
        assertThat(next(err, "#typo waits: "))
            .isEqualTo("jargdist: p:jvmm:late()#typo waits: jvmm is not mapped");
        assertThat(next(err, "jvmm")).contains("is mapped yet: did you mean jvm");
        next(err, "p:*fixed*:late()#fixed waits: *fixed* is not mapped");
        next(out, "[");
        target.run("open " + library);
        next(err, "#fixed waits no more: what it is for is mapped");
        next(err, library + " was mapped up to ");
        target.run("call 53");
        int counted = 0;
        while (counted < 53) {
          String[] row = next(out, "total calls").strip().split("\\s+", -1);
          counted = Integer.parseInt(row[0]);
        }
        assertThat(counted).isBetween(53, 53 + CONSTRUCTED);
      } finally {
        command.destroy();
      }
    }
  }

  private static String next(BufferedReader lines, String wanted) throws IOException {
    List<String> others = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(wanted)) {
        return line;
      }
      others.add(line);
    }
    throw new AssertionError("no \"" + wanted + "\" in " + others);
  }
}
