/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.samples.soak.Soak;
import io.jargdist.testing.Target;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The short form of {@code bin/soak}. */
class SoakIT {
  @Test
  void totalsAreExactAndNothingIsLeftWhileEverythingComesAndGoes() throws Exception {
    Soak.run(Target.JAR, Duration.ofSeconds(5));
  }
}
