/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A JVM that ends in the middle of a command, at whatever moment, is said to have ended. */
class EndOfTheTargetIT {
  private static final int TARGETS = 10;

  /** A command line takes about so long to begin to print; the moments are spread over it. */
  private static final long MILLIS = 4000;

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whateverTheCommandWasDoing(Path jdk) throws Exception {
    whileItRuns(jdk);
  }

  /** Also while the agent is loaded, and while it is asked. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whateverAPublishingCommandWasDoing(Path jdk) throws Exception {
    whileItRuns(jdk, "--publish");
  }

  private static void whileItRuns(Path jdk, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-C", "p:c:fsync()#syncs", "-H", "r:c:read():int:$retval"));
    for (int i = 0; i < TARGETS; i++) {
      try (Target target = Target.start(jdk, null, List.of())) {
        long pid = target.pid();
        Process command = Command.start(target, arguments.toArray(new String[0]));
        try {
          command.waitFor(MILLIS * i / TARGETS, java.util.concurrent.TimeUnit.MILLISECONDS);
          target.process().destroyForcibly().waitFor();
          List<String> errors = new ArrayList<>(command.errorReader().lines().toList());
          assertThat(command.waitFor()).as("%d: %s", i, errors).isEqualTo(3);
          assertThat(errors).as("%d", i).hasSize(1);
          assertThat(errors.get(0))
              .isIn(
                  "jargdist: process " + pid + " has ended",
                  "jargdist: there is no process " + pid + ": jargdist list shows the JVMs");
        } finally {
          command.destroyForcibly();
        }
      }
    }
  }
}
