/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Wrong specifiers are an everyday thing, and cost the application nothing that lasts. Each one
 * left a thread for ten seconds once, so these would leave 1,500.
 */
class WrongSpecifiersIT {
  private static final int SPECIFIERS = 1500;

  private static int threads(Target target) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + target.pid() + "/task"))) {
      return (int) tasks.count();
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void theyTakeNoThreadsOfTheApplication(Path jdk) throws Exception {
    try (Target target = Target.withAgent(jdk, "").awaitAgent()) {
      assertThatThrownBy(() -> target.agent("check", "p:c:read"))
          .isInstanceOf(RuntimeMBeanException.class);
      int before = threads(target);
      int most = before;
      for (int i = 0; i < SPECIFIERS; i++) {
        assertThatThrownBy(() -> target.agent("check", "p:c:read"))
            .isInstanceOf(RuntimeMBeanException.class);
        most = Math.max(most, threads(target));
      }
      assertThat(most).isLessThan(before + 20);
      await().atMost(Patience.seconds(60)).until(() -> target.children("BridgeMain").isEmpty());
    }
  }
}
