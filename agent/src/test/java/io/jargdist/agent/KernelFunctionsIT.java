/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kernel functions, probed by a JVM that calls them a known number of times. Runs where the kernel
 * has kprobes: {@code bin/kernel-test} boots one, in which each compilation takes 5 to 20 s.
 */
@Tag("kernel")
class KernelFunctionsIT {
  /** Fast where the processor is emulated. */
  private static final List<String> JVM =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  private static final Version RELEASE =
      Version.parse(System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"));

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
        "p::vfs_read():u64:count:count==4099|read 211 4099|211|864889",
        "r::vfs_read(void *file, void *buf, size_t count):size_t:$entry(count):$latency > 0 && $entry(count)==4099|read 53 4099 3|159|651741",
        "p::sys_write():u64:count:count==4099 && fd > 2|write 53 4099|53|217247",
        "p::__x64_sys_write(struct pt_regs *regs):u64:regs->dx:regs->dx==4099|write 53 4099|53|217247",
        "r::sys_lseek(unsigned fd, long where):long:$entry(where):$retval==4099|lseek 53 4099|53|217247",
      })
  void histogramsCountExactlyTheCallsMade(String specifier, String command, long count, long sum)
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
      quoteCharacter = '`',
      value = {
        "p::vfs_write(struct file *file):char*,size_t:file->f_path.dentry->d_iname,count:count==4099|write 53 4099|53|file->f_path.dentry->d_iname = b'null', count = 4099",
        "p::do_sys_openat2(int dfd, const char __user *filename):char*:filename:STREQ(\"/proc/self/exe\", filename)|open 53 /proc/self/exe|53|filename = b'/proc/self/exe'",
      })
  void stringsOfKernelAndUserMemoryAreKeys(String specifier, String command, long count, String row)
      throws Exception {
    ObjectName bean = Target.frequency(target.add("count", specifier + "#kernel"));
    target.run(command);
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    assertThat(target.attribute(bean, "Count")).isEqualTo(count);
    assertThat(((String[]) target.attribute(bean, "Top"))[1]).endsWith(row);
    target.agent("remove", "kernel");
  }

  @Test
  void socketsAreReadThroughNestedStructsAndBitFields() throws Exception {
    // Each answer to this test's JMX client is sent by TCP; 2 and 10 are AF_INET and AF_INET6.
    ObjectName bean =
        Target.frequency(
            target.add(
                "count",
                "p::tcp_sendmsg():u16,int:sk->__sk_common.skc_family,sk->__sk_common.skc_reuse#sent"));
    await().until(() -> (Long) target.attribute(bean, "Count") > 3);
    String[] rows = (String[]) target.attribute(bean, "Top");
    assertThat(rows).hasSizeGreaterThan(1);
    for (int i = 1; i < rows.length; i++) {
      assertThat(rows[i]).containsPattern("skc_family = (2|10), .*skc_reuse = [01]$");
    }
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    target.agent("remove", "sent");
  }

  @Test
  void runsThatTheKernelSkipsAreLostWhereItTells() throws Exception {
    // The tracepoint's program calls what the other one probes, and no two run at once on a CPU.
    ObjectName paths =
        Target.frequency(
            target.add("count", "t:syscalls:sys_enter_openat():char*:args->filename#paths"));
    ObjectName reads =
        Target.histogram(target.add("histogram", "p::strncpy_from_user_nofault():int:1#reads"));
    long before = (Long) target.attribute(paths, "Count");
    target.run("open 53 /proc/self/exe");
    long opened = (Long) target.attribute(paths, "Count") - before;
    assertThat(opened).isGreaterThanOrEqualTo(53);
    assertThat(target.attribute(reads, "Count")).isEqualTo(0L);
    long lost = (Long) target.attribute(reads, "Lost");
    if (RELEASE.compareTo(Version.parse("6.7")) >= 0) {
      assertThat(lost).isGreaterThanOrEqualTo(opened);
      assertThat(target.attribute(reads, "LostDetail"))
          .isEqualTo("program already running on this CPU: " + lost);
    } else {
      assertThat(lost).isEqualTo(0);
    }
    target.agent("remove", "reads");
    target.agent("remove", "paths");
  }

  @Test
  void moreCallsThanTheKernelsOwnLimitAreInFlightAndNoneIsLost() throws Exception {
    // With kretprobes as they come, the eleventh waiting thread would not be seen.
    ObjectName bean =
        Target.histogram(
            target.add(
                "histogram",
                "r::sys_futex():u64:$latency/1000:$latency>=7000000 && STRCMP(\"caller-\", $COMM)#waits"));
    target.run("wait 3 1000 24");
    assertThat((Long) target.attribute(bean, "Count")).isGreaterThanOrEqualTo(72);
    assertThat((Double) target.attribute(bean, "99thPercentile")).isGreaterThan(990_000);
    assertThat((Double) target.attribute(bean, "Max")).isLessThan(60_000_000);
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    target.agent("remove", "waits");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "p::vfs_raed()|this kernel has no function \"vfs_raed\"|hint: did you mean vfs_read",
        "r::__arm64_sys_write()|this kernel has no function \"__arm64_sys_write\"|hint: it is __x64_sys_write here, and sys_write everywhere",
        "p::init_task()|\"init_task\" is a variable of the kernel, not a function|init_task",
        "p::do_int3()|the kernel does not let \"do_int3\" be probed: it is in its deny list|hint: probe a function that calls it, or that it calls",
        "p::name_show()|functions named \"name_show\"|hint: they are static ones of different files: probe a function that calls the one you mean",
        "p::vfs_read():u64:cuont|\"cuont\" is neither a known parameter nor a known constant|hint: did you mean count?",
        "p::vfs_read():u64:file->f_pth|struct file has no member \"f_pth\"|did you mean f_path",
        "r::vfs_read():u64:count|unknown name \"count\"|hint: a parameter's value at entry is $entry(count)",
      })
  void whatCannotBeProbedIsExplained(String specifier, String reason, String hint) {
    assertThatThrownBy(() -> target.agent("count", specifier))
        .hasMessageContaining(reason)
        .hasMessageContaining(hint);
  }

  @Test
  void whatTheCompilerMadeOfAFunctionIsOffered() throws Exception {
    Set<String> symbols = new HashSet<>();
    try (Stream<String> lines =
        Files.lines(Path.of("/proc/kallsyms"), StandardCharsets.ISO_8859_1)) {
      lines.filter(line -> !line.contains("[")).forEach(line -> symbols.add(line.split(" ")[2]));
    }
    String made =
        symbols.stream()
            .filter(name -> name.matches("[a-z_0-9]+\\.constprop\\.0"))
            .filter(name -> !symbols.contains(name.replace(".constprop.0", "")))
            .sorted()
            .findFirst()
            .orElseThrow();
    assertThatThrownBy(() -> target.agent("count", "p::" + made.replace(".constprop.0", "()")))
        .hasMessageContaining("the compiler made another function of")
        .hasMessageContaining(made);
  }

  @Test
  void withoutTypesOnlyWhatNeedsThemIsRefused() throws Exception {
    String hide = "mount -t tmpfs none /sys/kernel/btf; exec \"$@\"";
    try (Target blind =
        Target.start(Jdks.own(), "", JVM, "unshare", "-m", "sh", "-c", hide, "sh").awaitAgent()) {
      for (String specifier :
          List.of("p::vfs_read():u64:count", "p::vfs_read(struct file *f):u32:f->f_flags")) {
        assertThatThrownBy(() -> blind.agent("count", specifier))
            .hasMessageContaining(
                "hint: this kernel tells no types: it has no BTF (CONFIG_DEBUG_INFO_BTF)");
      }
      ObjectName bean =
          Target.frequency(
              blind.add("count", "p::vfs_read(void *f, char *b, u64 n):u64:n:n==4099#reads"));
      blind.run("read 53 4099");
      assertThat(blind.attribute(bean, "Count")).isEqualTo(53L);
      assertThat(blind.attribute(bean, "Lost")).isEqualTo(0L);
    }
  }

  @Test
  void rowsAreThoseOfArgdist() throws Exception {
    String keys =
        "p::vfs_read(struct file *file, void *buf, size_t count):char*,size_t:file->f_path.dentry->d_iname,count:count==4099";
    String sizes =
        "r::vfs_read(void *file, void *buf, size_t count):size_t:$entry(count):$latency > 0 && $entry(count)==4099";
    Path printed = Files.createTempFile("argdist", ".out");
    Process argdist =
        new ProcessBuilder(
                "argdist-bpfcc",
                "-c",
                "-p",
                Long.toString(target.pid()),
                "-I",
                "linux/fs.h",
                "-C",
                keys,
                "-H",
                sizes)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    try {
      ObjectName frequency = Target.frequency(target.add("count", keys + "#ours"));
      ObjectName histogram = Target.histogram(target.add("histogram", sizes + "#sizes"));
      // It prints for the first time when it has attached.
      await().until(() -> Files.readString(printed).contains("COUNT") || !argdist.isAlive());
      target.run("read 53 4099");
      await().until(() -> Files.readString(printed).contains("4096 -> 8191") || !argdist.isAlive());
      String[] rows = (String[]) target.attribute(histogram, "Histogram");
      assertThat(Files.readString(printed)).contains(rows[rows.length - 1]);
      assertThat(Files.readString(printed))
          .contains(((String[]) target.attribute(frequency, "Top"))[1]);
      target.agent("remove", "ours");
      target.agent("remove", "sizes");
    } finally {
      argdist.destroy();
      argdist.waitFor();
      Files.delete(printed);
    }
  }
}
