/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.InstructionKind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsafePlacesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x86_Thread_features:\tshstk wrss |true",
        "x86_Thread_features:\tshstk|true",
        "x86_Thread_features:\t|false",
        "x86_Thread_features_locked:\tshstk wrss |false",
        "Name:\tshstk|false",
      })
  void aShadowStackIsKnownByTheStatusOfTheProcess(String line, boolean has) {
    assertThat(UnsafePlaces.hasShadowStack(List.of("Name:\tjava", line))).isEqualTo(has);
  }

  @Test
  void aCallAtTheEntryIsRefusedWhereThereIsAShadowStack() throws Exception {
    UnsafePlaces.checkEntry(InstructionKind.CALL, Set.of(), "/lib/x.so:f");
    UnsafePlaces.checkEntry(null, Set.of(InstructionKind.CALL), "/lib/x.so:f");
    assertThatThrownBy(
            () ->
                UnsafePlaces.checkEntry(
                    InstructionKind.CALL, Set.of(InstructionKind.CALL), "/lib/x.so:f"))
        .isInstanceOf(MachineException.class)
        .hasMessageStartingWith("/lib/x.so:f begins with a call, and a probe there would end");
  }

  @ParameterizedTest
  @CsvSource({
    "5.10.0-46-amd64,false",
    "6.17.13,false",
    "6.18.44-fc-v782,true",
    "6.18-rc1,true",
    "7.0.0,true",
    "unknown,false",
  })
  void newerKernelsReplaceNopsByCalls(String release, boolean becomes) {
    assertThat(UnsafePlaces.becomesCall(release)).isEqualTo(becomes);
  }
}
