/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordsTest {
  @Test
  void quotesKeepBlanksAndDollars() {
    assertThat(Words.split("-H 'r:c:read():int:$retval#read sizes' -C \"a \\$b\" c\\ d"))
        .containsExactly("-H", "r:c:read():int:$retval#read sizes", "-C", "a $b", "c d");
  }

  @Test
  void emptyQuotesAreAWordAndNothingIsNone() {
    assertThat(Words.split("''")).containsExactly("");
    assertThat(Words.split("  ")).isEmpty();
  }

  @Test
  void fileStandsForItsWords(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("probes");
    Files.writeString(file, "# reads\n-H 'r:c:read()'\n  -C p:c:fsync()\n");
    assertThat(Words.split("-z 20 @" + file))
        .containsExactly("-z", "20", "-H", "r:c:read()", "-C", "p:c:fsync()");
  }

  @Test
  void openQuoteIsRefused() {
    assertThatThrownBy(() -> Words.split("-H 'r:c:read()"))
        .hasMessageContaining("not closed")
        .hasMessageContaining("write them into a file: -javaagent:jargdist.jar=@FILE");
    assertThatThrownBy(() -> AgentOptions.parse(Words.split("-H")))
        .hasMessageContaining("option -H has no value")
        .hasMessageContaining("write them into a file: -javaagent:jargdist.jar=@FILE");
  }
}
