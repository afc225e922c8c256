/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Needs a kernel with the tracepoints of system calls, and root. */
class SystemCallWrappersTest {
  @ParameterizedTest
  @CsvSource({
    "p:c:read(),t:syscalls:sys_enter_read()",
    "r:c:read(),t:syscalls:sys_exit_read()",
    "p:c:open64(),t:syscalls:sys_enter_openat()",
    "p:/lib/x86_64-linux-gnu/libc.so.6:fsync(),t:syscalls:sys_enter_fsync()",
    "p:/lib/x86_64-linux-gnu/libpthread-2.31.so:write(),t:syscalls:sys_enter_write()",
    "p:jvm:read(),",
    "p:/opt/libcached.so:read(),",
    "p:c:malloc(),",
    "p:c:clock_gettime(),",
    "p::read(),",
    "t:syscalls:sys_enter_read(),",
  })
  void aWrapperHasTheTracepointOfItsSystemCall(String specifier, String tracepoint)
      throws Exception {
    assertThat(
            SystemCallWrappers.tracepoint(SpecifierParser.parse(specifier, Form.FREQUENCY).point()))
        .isEqualTo(tracepoint);
  }
}
