/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kernel functions, probed by a JVM that calls them a known number of times. Runs where the kernel
 * has kprobes: {@code bin/kernel-test} boots one.
 */
@Tag("kernel")
class KernelFunctionsIT {
  /** Fast where the processor is emulated. */
  private static final List<String> JVM =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    target = Target.start(Jdks.own(), "", JVM).awaitAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    target.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p::vfs_read(void *file, char *buf, u64 count):u64:count:count==4099|read 211 4099|211|864889",
        "p::vfs_read():u64:count:count==4099|read 53 4099|53|217247",
        "p::vfs_write(struct file *f):size_t:count:count==4099 && STREQ(\"null\", f->f_path.dentry->d_iname)|write 53 4099|53|217247",
        "r::vfs_read():int:$retval:$retval==4099|read 53 4099|53|217247",
        "r::vfs_read():u64:$entry(count):$latency>0 && $entry(count)==4099|read 53 4099 3|159|651741",
        "p::sys_write(int fd, void *buf, size_t count):u64:count:count==4099|write 53 4099|53|217247",
        "p::sys_write():u64:count:count==4099|write 53 4099|53|217247",
        "p::__x64_sys_write(struct pt_regs *regs):u64:regs->dx:regs->dx==4099|write 53 4099|53|217247",
        "r::sys_lseek():long:$entry(offset):$retval==4099|lseek 53 4099|53|217247",
      })
  void histogramCountsExactlyTheCallsMade(String specifier, String command, long count, long sum)
      throws Exception {
    ObjectName bean = Target.histogram(target.add("histogram", specifier + "#kernel"));
    target.run(command);
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    assertThat(target.attribute(bean, "Count")).isEqualTo(count);
    assertThat(target.attribute(bean, "Sum")).isEqualTo(sum);
    target.agent("remove", "kernel");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p::vfs_raed()|no function",
      })
  void whatCannotBeProbedIsExplained(String specifier, String message) {
    assertThatThrownBy(() -> target.agent("count", specifier)).hasMessageContaining(message);
  }
}
