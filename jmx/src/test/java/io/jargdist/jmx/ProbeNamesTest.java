/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeNamesTest {
  @ParameterizedTest
  @CsvSource({
    "read sizes, read_sizes",
    "ns/byte!, ns_byte",
    "_private, _private",
    "  a -- b  , a_--_b",
    "größe, gr_e",
    "v1.2-x, v1.2-x"
  })
  void aLabelBecomesAName(String label, String name) {
    assertThat(ProbeNames.choose(label, "p:c:read()", Set.of())).isEqualTo(name);
  }

  @Test
  void withoutALabelTheSpecifierBecomesTheName() {
    assertThat(ProbeNames.choose(null, "p:c:malloc(size_t size):size_t:size", Set.of()))
        .isEqualTo("p_c_malloc_size_t_size_size_t_size");
  }

  @Test
  void aLabelWithoutUsableCharactersIsAsNone() {
    assertThat(ProbeNames.choose("число", "r:c:read()", Set.of())).isEqualTo("r_c_read");
    assertThat(ProbeNames.choose("число", "число", Set.of())).isEqualTo("probe");
  }

  @Test
  void aTakenNameGetsANumber() {
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      taken.add(ProbeNames.choose("x", "p:c:read()", taken));
    }
    assertThat(taken).containsExactlyInAnyOrder("x", "x-2", "x-3");
  }

  @Test
  void aNameHasAtMostFortyCharactersAndNeedsNoQuotes() {
    String label = "a=b,c*d?e\"f:g\nh ".repeat(9);
    String first = ProbeNames.choose(label, "", Set.of());
    String second = ProbeNames.choose(label, "", Set.of(first));
    assertThat(first).hasSize(40).matches("[A-Za-z0-9_.-]+");
    assertThat(second).hasSize(40).matches("[A-Za-z0-9_.-]+").endsWith("-2");
    assertThat(ObjectName.quote(first)).isEqualTo("\"" + first + "\"");
  }
}
