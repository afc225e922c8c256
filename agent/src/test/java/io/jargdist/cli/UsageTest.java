/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mistyped command gives exit status 2, and a line that says what to do. */
class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prob 1 | prob is neither a command nor a process's number: did you mean probes?",
        "xyzzyq | commands are list, probes, check, attach, show, detach",
        "--histgram x | Unknown option: '--histgram': did you mean --histogram?",
        "--jsn -p 1 | Unknown option: '--jsn': did you mean --json?",
        "-p 1 2 -C p:c:fsync() | one process at a time",
        "-p one -C p:c:fsync() | 'one' is not a long",
        "1 | at least one specifier is required: -H SPECIFIER, -C SPECIFIER or -S SPECIFIER",
        "-C p:c:fsync() | which process? give -p PID (jargdist list shows them)",
        "attach -C p:c:fsync() | Missing required parameter: 'PID'",
        "attach 1 | at least one specifier is required",
        "detach one | 'one' is not a long",
        "check | at least one specifier is required",
        "check 1 | at least one specifier is required",
        "check -p 1 2 p:c:fsync() | one process at a time: give one PID",
        "foo list | foo stands before the command list, which must be the first word",
        "1 probes | 1 stands before the command probes, which must be the first word",
        "-p 1 attach 1 -C p:c:fsync() | -p stands before the command attach",
        "--json show 1 | --json stands before the command show",
        "-p 1 -H -C p:c:fsync() | Expected parameter for option '--histogram' but found '-C'",
        "list all | Unmatched argument at index 1: 'all'",
        "show one | 'one' is not a long",
        "show 1 -i 0 | -i takes a positive number",
        "probes 1 x:c:read | a probe is p, r, t or u, not x",
        "-p 1 -C p:c:fsync() -i 0 | -i takes a positive number",
        "-p 1 -C p:c:fsync() --buckets log3 | --buckets: ",
        "-p 1 -C p:c:fsync() --scope all | --scope takes process or system, not all",
        "-p 1 -C p:c:fsync() -z 0 | --string-size (-z) takes a number from 1 to 4096, not 0",
      })
  void misuseIsALine(String words, String message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    int exit;
    try {
      exit = JargdistCommand.run(words.strip().split(" "));
    } finally {
      System.setErr(before);
    }
    String err = bytes.toString(StandardCharsets.UTF_8);
    assertThat(err).startsWith("jargdist: ").contains(message).endsWith("(try --help)\n");
    assertThat(err.lines()).hasSize(1);
    assertThat(exit).isEqualTo(2);
  }
}
