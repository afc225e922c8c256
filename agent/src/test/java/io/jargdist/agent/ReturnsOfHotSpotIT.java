/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.samples.soak.ReturnsSoak;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short soak. {@code bin/soak --returns --minutes 30} is a long one, with all collectors. */
class ReturnsOfHotSpotIT {
  @Test
  void eachEntryOfBusyFunctionsHasItsReturn() throws Exception {
    ReturnsSoak.run(Target.JAR, 5, 20, Jdks.own(), List.of("UseG1GC"));
  }
}
