/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnownCallsTest {
  private Process workload;

  @BeforeEach
  void start() throws IOException {
    workload =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                KnownCalls.class.getName())
            .redirectErrorStream(true)
            .start();
    assertThat(workload.inputReader().readLine()).isEqualTo("ready");
  }

  @AfterEach
  void stop() {
    workload.destroyForcibly();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read 3 4099",
        "read 3 4099 2",
        "write 3 4099",
        "lseek 3 4099",
        "fsync 3",
        "fsync 3 2",
        "open 3 /proc/self/exe",
        "access 3 /no/such/file",
        "malloc 3 40960",
        "wait 3 7",
        "sleep 3 7",
        "thread 3 somebody",
        "gc 1"
      })
  void saysDoneAfterEachCommand(String command) throws IOException {
    assertThat(answerTo(command)).isEqualTo("done");
    assertThat(answerTo(command)).isEqualTo("done");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dance 1 2       | unknown command dance",
        "read            | expected read TIMES OPERAND [THREADS]",
        "read 1 2 3 4    | expected read TIMES OPERAND [THREADS]",
        "gc              | expected gc TIMES [THREADS]",
        "open 1 /no/file | /no/file"
      })
  void saysWhatIsWrongAndGoesOn(String command, String reason) throws IOException {
    assertThat(answerTo(command)).startsWith("error: ").contains(reason);
    assertThat(answerTo("read 1 1")).isEqualTo("done");
  }

  @Test
  void endsWithItsInput() throws Exception {
    workload.outputWriter().close();
    assertThat(workload.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(workload.exitValue()).isZero();
  }

  private String answerTo(String command) throws IOException {
    workload.outputWriter().write(command + "\n");
    workload.outputWriter().flush();
    return workload.inputReader().readLine();
  }
}
