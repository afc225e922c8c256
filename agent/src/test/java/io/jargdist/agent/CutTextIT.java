/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way to read a text that is longer than {@code -z} bytes says that it goes on. */
class CutTextIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SIZE = 12;
  private static final String ALL = "no_such_abcdefghijklmnopqrstuvwxyz";

  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    target = Target.withAgent(Jdks.own(), "").awaitAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    target.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "access | p:c:access(char *path):char*:path:STRCMP(\"no_such_\",path)",
        "access | r:c:access(char *path):char*:$entry(path):STRCMP(\"no_such_\",$entry(path))",
        // The length of these is known, and they have no NUL.
        "thread | u:jvm:thread__start():char*:arg1:STRCMP(\"no_such_\",arg1)",
        // This text is in the kernel's memory.
        "thread | t:sched:sched_process_exit():char*:args->comm:STRCMP(\"no_such_\",args->comm)",
      })
  void dotsBehindATextSayThatItGoesOn(String example) throws Exception {
    String[] parts = example.split(" \\| ");
    List<String> arguments =
        List.of("-p", Long.toString(target.pid()), "-c", "-z", "" + SIZE, "-C", parts[1]);
    List<String> texts = new ArrayList<>();
    for (int length = SIZE - 2; length <= SIZE + 1; length++) {
      texts.add(ALL.substring(0, length));
    }
    texts.add(ALL.substring(0, SIZE) + "ANOTHER");
    try (DisplayTool tool = DisplayTool.jargdist(arguments)) {
      tool.awaitFirstPrint();
      int calls = 1;
      for (String text : texts) {
        target.run(parts[0] + " " + 10 * calls++ + " " + text);
      }
      String column = parts[1].contains("$entry") ? "path" : parts[1].split(":")[4];
      assertThat(tool.nextPrint())
          .endsWith(
              row(10, column, texts.get(0), ""),
              row(20, column, texts.get(1), ""),
              row(30, column, texts.get(2), ""),
              row(40 + 50, column, texts.get(2), "..."));
    }
  }

  private static String row(int count, String column, String text, String mark) {
    return String.format(Locale.ROOT, "\t%-10d %s = b'%s'%s", count, column, text, mark);
  }

  @Test
  void mBeansNameTheColumnThatIsCut() throws Exception {
    String name =
        target.add(
            "count",
            "p:c:access(char *path, int mode):char*,int:path,mode:STRCMP(\"no_such_\",path)#cut");
    // The default is 80.
    String start = "no_such_" + "x".repeat(70);
    target.run("access 2 " + start + "a");
    target.run("access 3 " + start + "ab");
    target.run("access 4 " + start + "acd");
    Map<String, Object> cut = new TreeMap<>();
    for (Object row :
        ((TabularData) target.attribute(Target.frequency(name), "Frequencies")).values()) {
      CompositeData data = (CompositeData) row;
      cut.merge(
          ((String) data.get("path")).length() + " " + data.get("value"),
          data.get("cut"),
          (one, other) -> one + "+" + other);
    }
    assertThat(cut).isEqualTo(Map.of("79 2", "", "80 3", "", "80 4", "path"));
    String rows = (String) target.mbeans().invoke(Target.frequency(name), "dump", null, null);
    assertThat(rows.lines()).filteredOn(line -> line.contains("'..., mode = ")).hasSize(1);
  }

  @Test
  void jsonNamesTheColumnThatIsCut() throws Exception {
    List<String> arguments =
        List.of(
            "-p",
            Long.toString(target.pid()),
            "-c",
            "--json",
            "-z",
            "8",
            "-C",
            "p:c:access(char *path):char*:path:STRCMP(\"no_such_\",path)");
    try (DisplayTool json = DisplayTool.jargdist(arguments)) {
      await().atMost(PATIENCE).until(() -> !json.lines().isEmpty());
      target.run("access 3 no_such_");
      target.run("access 5 no_such_1");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(json.lines())
                      .last(STRING)
                      .contains(
                          "\"rows\":[{\"key\":[\"no_such_\"],\"count\":5,\"cut\":[\"path\"]},"
                              + "{\"key\":[\"no_such_\"],\"count\":3}]"));
    }
  }
}
