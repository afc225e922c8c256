/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arabic and Persian numbers have digits of their own, a Turkish i another capital letter: neither
 * may get into programs, JSON, rows or attributes, at both ends of the socket.
 */
class LocalesIT {
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "fa-IR", "tr-TR"})
  void countsAreExactAndDigitsAscii(String locale) throws Exception {
    List<String> options =
        List.of(
            "-Duser.language=" + locale.substring(0, 2), "-Duser.country=" + locale.substring(3));
    try (Target target = Target.start(Jdks.own(), "", options).awaitAgent()) {
      List<String> command = new ArrayList<>();
      command.add(Jdks.own().resolve("bin/java").toString());
      command.addAll(options);
      command.addAll(List.of("-jar", Target.JAR.toString(), "--json", "-c", "-n", "3"));
      command.addAll(List.of("-p", Long.toString(target.pid())));
      command.addAll(List.of("--buckets", "linear(0,9000,1000)"));
      command.addAll(List.of("-H", "p:c:write(int fd, void *b, size_t n):size_t:n:n==4099#sizes"));
      command.addAll(List.of("-C", "r:c:write():u64,u64:$retval,$retval/2:$retval==4099"));
      command.addAll(List.of("-C", "u:jvm:gc__begin():int:arg1:arg1==1"));
      command.addAll(
          List.of("-C", "t:syscalls:sys_enter_write():u64:args->count:args->count==4099"));
      String last = "";
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader out = process.inputReader()) {
        last = out.readLine();
        target.run("write 101 4099");
        target.run("gc 3");
        for (String line = last; line != null; line = out.readLine()) {
          assertThat(line).matches("[ -~]*");
          last = line;
        }
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.waitFor()).isZero();
      List<JsonObject> probes = new ArrayList<>();
      JsonParser.parseString(last)
          .getAsJsonObject()
          .getAsJsonArray("probes")
          .forEach(probe -> probes.add(probe.getAsJsonObject()));
      assertThat(probes)
          .extracting(probe -> probe.get("count").getAsLong())
          .containsExactly(101L, 3L, 101L, 101L);
      assertThat(probes)
          .extracting(probe -> probe.get("lost").getAsLong())
          .containsExactly(0L, 0L, 0L, 0L);
      assertThat(probes.get(3).getAsJsonArray("buckets"))
          .hasToString("[{\"low\":4000,\"high\":4999,\"count\":101}]");

      String calls = target.add("histogram", "p:c:fsync():int:$PID>0#calls");
      target.run("fsync 53");
      String text =
          String.join("\n", (String[]) target.attribute(Target.histogram(calls), "Histogram"));
      assertThat(text).contains(": 53 ").matches("(?s)[\\n\\t -~]*");
      target.agent("remove", calls);
    }
  }
}
