/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.ctext.ProgramTables;
import io.jargdist.os.KernelException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnThreadsTest {
  /** Another thread gets the number of one that has ended, and its events count. */
  @Test
  void onlyTheLastSetIsInTheTable() throws Exception {
    try (OwnThreads threads = OwnThreads.create()) {
      threads.set(Set.of(11, 13));
      threads.set(Set.of(13, 17));
      BpfTable table = Objects.requireNonNull(threads.tables().get(ProgramTables.OWN_THREADS));
      assertThat(numbers(table)).containsExactlyInAnyOrder(13, 17);
      threads.set(Set.of());
      assertThat(numbers(table)).isEmpty();
    }
  }

  private static List<Integer> numbers(BpfTable threads) throws KernelException {
    return threads.entries(0).entries().stream().map(entry -> entry.key().getInt()).toList();
  }
}
