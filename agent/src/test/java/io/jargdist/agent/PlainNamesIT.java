/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.DebianFile;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.management.MBeanException;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests what a JVM with libraries of its own calls by a plain name, and what messages say of it.
 */
class PlainNamesIT {
  @TempDir private Path folder;

  private Path library(String name, String source) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Path text = Files.writeString(folder.resolve("source.c"), source);
    Command.Result result =
        Command.run(List.of("gcc", "-shared", "-fPIC", "-o", file.toString(), text.toString()));
    assertThat(result.err()).isEmpty();
    return file;
  }

  private static Target start(Path jdk, String preload) throws Exception {
    return Target.start(
            jdk, "--max-overhead 0", List.of("-XX:+UseG1GC"), "env", "LD_PRELOAD=" + preload)
        .awaitAgent();
  }

  private static String[] texts(Target target, String name, String attribute) throws Exception {
    ObjectName bean = Target.frequency(name);
    return (String[]) target.attribute(bean, attribute);
  }

  private static long count(Target target, String name) throws Exception {
    return (Long) target.attribute(Target.frequency(name), "Count");
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aPreloadedLibraryThatDefinesTheFunctionFirstIsTold(Path jdk) throws Exception {
    Path early = library("libearly.so", "int fsync(int fd) { return fd < 0; }");
    try (Target target = start(jdk, early.toString())) {
      String inLibc = target.add("count", "p:c:fsync()#libc");
      String preloaded = target.add("count", "p:early:fsync()#preloaded");
      target.run("fsync 53");
      assertThat(count(target, inLibc)).isZero();
      assertThat(count(target, preloaded)).isEqualTo(53);
      assertThat(texts(target, inLibc, "Warnings"))
          .singleElement()
          .asString()
          .startsWith(early + " defines fsync before ")
          .contains("(LD_PRELOAD names it)")
          .endsWith("p:early:fsync() counts them.");
      assertThat(texts(target, preloaded, "Warnings")).isEmpty();
      assertThat((String) target.agent("check", "p:c:fsync()")).contains("defines fsync before");
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void anAllocatorThatIsPreloadedIsTold(Path jdk) throws Exception {
    Path jemalloc = DebianFile.find("usr/lib", "libjemalloc.so.2").toRealPath();
    String malloc = ":malloc(size_t n):size_t:n:n==40960#";
    try (Target target = start(jdk, jemalloc.toString())) {
      String inLibc = target.add("count", "p:c" + malloc + "libc");
      String preloaded = target.add("count", "p:jemalloc" + malloc + "jemalloc");
      target.run("malloc 211 40960");
      assertThat(count(target, inLibc)).isZero();
      assertThat(count(target, preloaded)).isEqualTo(211);
      assertThat(texts(target, inLibc, "Warnings"))
          .singleElement()
          .asString()
          .startsWith(jemalloc + " defines malloc before ")
          .endsWith("p:jemalloc:malloc() counts them.");
      assertThat(texts(target, preloaded, "Warnings")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void allCopiesAreShownAndCounted(Path jdk) throws Exception {
    Path one = library("one/libdup.so", "int fsync(int fd) { return fd < 0; } int f;");
    Path two = library("two/libdup.so", "int fsync(int fd) { return fd < 1; } int g(void) {}");
    try (Target target = start(jdk, one + ":" + two)) {
      String all = target.add("count", "r:dup:fsync():u64:$latency/1000000000#all");
      target.run("fsync 53");
      assertThat(count(target, all)).isEqualTo(53);
      assertThat(String.join("\n", texts(target, all, "Placement")))
          .contains("uretprobe " + one + ":fsync", "uretprobe " + two + ":fsync");
      String pid = Long.toString(target.pid());
      assertThat(Command.jargdist("probes", pid, "p:dup:*").out())
          .contains("p:dup:fsync()\n", "p:dup:g()  (in " + two + ")\n");
      assertThat(Command.jargdist("probes", pid, "p:" + two + ":*").out())
          .contains("p:" + two + ":fsync()\n");
      assertThat(Command.jargdist("check", "-p", pid, "p:dup:g()").out())
          .contains(one + " has no function \"g\"");
    }
  }

  /** gcc's .cold pieces and .part clones made of each of these several "functions". */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void functionsOfTheJvmThatGccHasDividedAreAccepted(Path jdk) throws Exception {
    try (Target target = start(jdk, "")) {
      for (String function : List.of("os::free", "os::malloc", "ObjectMonitor::exit")) {
        String answer = answer(target, "p:jvm:" + function + "()");
        assertThat(answer)
            .satisfiesAnyOf(
                text -> assertThat(text).contains("would attach: uprobe "),
                text ->
                    assertThat(text).contains("use one mangled name: ").doesNotContain(".cold"));
      }
      if (!jdk.equals(Jdks.own())) {
        assertThat(answer(target, "p:jvm:os::free()")).contains("would attach: uprobe ");
        assertThat(answer(target, "p:jvm:ObjectMonitor::exit()")).contains("would attach: uprobe ");
      }
    }
  }

  private static String answer(Target target, String specifier) throws Exception {
    try {
      return (String) target.agent("check", specifier);
    } catch (MBeanException | RuntimeMBeanException e) {
      return String.valueOf(e.getCause());
    }
  }
}
