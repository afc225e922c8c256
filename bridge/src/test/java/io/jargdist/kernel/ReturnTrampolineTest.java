/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReturnTrampolineTest {
  @ParameterizedTest
  @CsvSource({
    "5.10.0-46-amd64,false",
    "6.1.0-56-amd64,false",
    "6.10.14,false",
    "6.11.0-26-generic,true",
    "6.12.5,true",
    "6.12-rc3,true",
    "6.12.95+deb12-amd64,false",
    "6.13.0,true",
    "6.13.9,false",
    "6.14.0,false",
    "6.18.44,false",
    "7.12.1,false",
    "unknown,false",
  })
  void onlySomeKernelsLetFiltersSeeTheCall(String release, boolean seen) {
    assertThat(ReturnTrampoline.isFilteredBy(release)).isEqualTo(seen);
  }

  @Test
  void filtersAreKnownByTheStatusOfTheProcess() {
    assertThat(ReturnTrampoline.isFiltered(List.of("Name:\tjava", "Seccomp:\t2"))).isTrue();
    assertThat(ReturnTrampoline.isFiltered(List.of("Seccomp:\t0", "Seccomp_filters:\t2")))
        .isFalse();
  }
}
