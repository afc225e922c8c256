/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryHintTest {
  private static final List<String> MAPPED =
      List.of(
          "libc.so.6",
          "libjvm.so",
          "librocksdbjni3208059168187206675.so",
          "snappy-1.1.8-5e1a5b0e-9a3b-4f0c-8f3e-2b1d7c6a9e10-libsnappyjava.so",
          "libnetty_transport_native_epoll_x86_64123456789012.so");

  @ParameterizedTest
  @CsvSource({
    "rocksdbjni, rocksdbjni3208059168187206675",
    "rocksdbjn, rocksdbjni3208059168187206675",
    "rocksdbjni9999999999999999999, rocksdbjni3208059168187206675",
    "/tmp/librocksdbjni1111111111.so, rocksdbjni3208059168187206675",
    "jvn, jvm",
  })
  void aNameThatIsNearIsFound(String name, String meant) {
    assertThat(LibraryHint.of(name, MAPPED)).isEqualTo("did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource({"something_else"})
  void otherwiseAllAreTold(String name) {
    assertThat(LibraryHint.of(name, MAPPED)).startsWith("it has libc.so.6, libjvm.so, ");
  }
}
