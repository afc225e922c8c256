/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.jmx.Control;
import io.jargdist.specifier.Form;
import io.jargdist.wire.ReturnWay;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentOptionTest {
  private static final String USAGE =
      "the agent's options are -H SPECIFIER, -C SPECIFIER, -S SPECIFIER, -z BYTES, --buckets SCHEME, -t TID,"
          + " -I HEADER, --table-entries N, --table-slots N, --call-entries N, --scope process|system,"
          + " --allow system-scope, --no-placement, --count-jargdist,"
          + " --returns auto|sites|trampoline, --max-overhead PERCENT,"
          + " --ttl TIME, --control off|local|on";

  @Test
  void allThatPeopleMayUseAreInTheList() {
    assertThatThrownBy(() -> AgentOptions.parse(List.of("--histgram")))
        .hasMessage("unknown option --histgram: " + USAGE);
  }

  @Test
  void eachNameMeansOneOption() {
    assertThat(Arrays.stream(AgentOption.values()).flatMap(option -> option.names().stream()))
        .doesNotHaveDuplicates();
  }

  @Test
  void eachOptionHasItsEffect() {
    AgentOptions options =
        AgentOptions.parse(
            Words.split(
                "-H h --histogram=i -C c -S s -z 1 --buckets log2/2 -t 3 -I linux/fs.h"
                    + " --table-entries 4 --table-slots 9 --call-entries 5 --scope system --allow system-scope"
                    + " --no-placement --count-jargdist --returns sites --max-overhead 6 --ttl 7s --control off"
                    + " --control-socket /control --bridge-socket /bridge"));

    assertThat(options.given()).containsExactlyInAnyOrder(AgentOption.values());
    assertThat(options.probes())
        .containsExactly(
            new Requested(Form.HISTOGRAM, "h"),
            new Requested(Form.HISTOGRAM, "i"),
            new Requested(Form.FREQUENCY, "c"),
            new Requested(Form.SUM, "s"));
    assertThat(options.options().stringSize()).isEqualTo(1);
    assertThat(options.options().buckets().text()).isEqualTo("log2/2");
    assertThat(options.options().thread()).isEqualTo(3);
    assertThat(options.options().tableEntries()).isEqualTo(4);
    assertThat(options.options().tableSlots()).isEqualTo(9);
    assertThat(options.options().callEntries()).isEqualTo(5);
    assertThat(options.options().systemWide()).isTrue();
    assertThat(options.allowsSystemScope()).isTrue();
    assertThat(options.options().placement()).isFalse();
    assertThat(options.options().ownThreads()).isTrue();
    assertThat(options.options().returns()).isEqualTo(ReturnWay.SITES);
    assertThat(options.options().limits().maxOverheadPercent()).isEqualTo(6);
    assertThat(options.options().limits().ttl()).hasSeconds(7);
    assertThat(options.control()).isEqualTo(Control.OFF);
    assertThat(options.controlSocket()).hasToString("/control");
    assertThat(options.bridgeSocket()).hasToString("/bridge");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--no-placement=yes | unknown option --no-placement=yes: the agent's options are -H",
        "-H=p:c:read() | unknown option -H=p:c:read(): the agent's options are -H",
        "-C | option -C has no value; if a script splits the options",
        "-z 0 | -z takes a positive number, not 0",
        "--string-size=x | --string-size takes a positive number, not x",
        "--scope all | --scope takes process or system, not all",
        "--allow all | --allow takes system-scope, not all",
      })
  void misuseIsExplained(String words, String message) {
    assertThatThrownBy(() -> AgentOptions.parse(Words.split(words)))
        .hasMessageStartingWith(message);
  }
}
