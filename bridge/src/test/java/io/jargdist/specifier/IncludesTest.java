/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IncludesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "time.h",
        "sys/socket.h",
        "linux/time.h",
        "linux/blkdev.h",
        "net/sock.h",
        "uapi/linux/ptrace.h",
        "kernel/sched/sched.h",
        "struct cfs_rq",
        "union bpf_attr",
        "gfp_t",
      })
  void headersAndTypesThatAreKnownAreAccepted(String name) {
    Includes.check(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/etc/passwd | no file is read",
        "./my.h | no file is read",
        "../my.h | no file is read",
        "linux/../../etc/passwd | no file is read",
        "kernel/sched/other.h | give a header",
        "sys/sockt.h | did you mean sys/socket.h,",
        "my.h | give a header",
        "linux/fs.h\"; int x | give a header",
        "struct x { int y; } | give a header",
        "'' | give a header",
      })
  void nothingElseIs(String name, String reason) {
    assertThatThrownBy(() -> Includes.check(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("-I takes no \"")
        .hasMessageContaining(reason);
  }
}
