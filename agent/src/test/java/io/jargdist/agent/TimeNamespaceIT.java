/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.HardCalls;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In a time namespace the JVM's clock is not the kernel's, and what is lost is counted the same.
 */
class TimeNamespaceIT {
  @ParameterizedTest
  @ValueSource(ints = {-5, 1_000_000})
  void abandonedCallsAreCounted(int offset) throws Exception {
    try (Target target =
        HardCalls.start(
                Jdks.own(),
                "-C 'r:%s:hard_jump(void *back, long depth):u64:$latency#jumps'"
                    .formatted(HardCalls.library()),
                "unshare",
                "--time",
                "--fork",
                "--kill-child",
                "--monotonic",
                Integer.toString(offset),
                "sh",
                "-c",
                "\"$@\"; exit",
                "sh")
            .awaitAgent()) {
      await().until(() -> target.has(Target.frequency("jumps")));
      target.run("jump 7 2");
      // Each call is left with two more inside it, and the last ones are not noticed yet.
      assertThat(target.attribute(Target.frequency("jumps"), "Count")).isEqualTo(0L);
      assertThat((long) target.attribute(Target.frequency("jumps"), "Lost")).isEqualTo(18L);
    }
  }
}
