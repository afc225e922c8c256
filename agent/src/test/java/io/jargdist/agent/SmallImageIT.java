/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM of a Java runtime that jlink has made of hardly any module. */
class SmallImageIT {
  @Test
  void theCommandLineNeedsOneModuleAndTheAgentSaysWhatItMisses(@TempDir Path folder)
      throws Exception {
    Path image = folder.resolve("image");
    String jlink = Jdks.own().resolve("bin/jlink").toString();
    Command.Result made =
        Command.run(
            List.of(jlink, "--add-modules", "java.instrument", "--output", image.toString()));
    assertThat(made.exit()).as(made.out() + made.err()).isZero();
    try (Target target = Target.withAgent(image, "-C 'p:c:fsync()#ofItsOwnBridge'")) {
      await()
          .untilAsserted(
              () ->
                  assertThat(target.errors().lines().toList())
                      .containsExactlyInAnyOrder(
                          "jargdist: no MBeans, since this JVM runs without the module"
                              + " java.management: start it with --add-modules java.management, or"
                              + " have jlink add it; the command line works without",
                          "jargdist: this Java runtime lacks java.logging,jdk.unsupported, which the"
                              + " bridge needs: jlink --add-modules java.logging,jdk.unsupported, or"
                              + " probe from the command line as root with another Java"));
      Process commandLine = Command.start(target, "-C", "p:c:fsync()#syncs", "-c", "-n", "5");
      try (BufferedReader out = commandLine.inputReader()) {
        // No MBean says that the probe counts; the first print does.
        assertThat(out.readLine()).startsWith("[");
        target.run("fsync 53");
        assertThat(out.lines()).last().isEqualTo("\t53         total calls");
      }
      assertThat(commandLine.waitFor()).isZero();
    }
  }
}
