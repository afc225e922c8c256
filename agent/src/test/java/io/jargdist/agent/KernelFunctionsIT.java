/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  /** Since then the kernel keeps an fentry program from calling itself. */
  private static final boolean TRAMPOLINES = RELEASE.compareTo(Version.parse("5.12")) >= 0;

  /** A row of the sockets' table; the port. */
  private static final Pattern SOCKET =
      Pattern.compile("skc_family = (?:2|10), .*skc_reuse = [01], .*skc_num = (\\d+)$");

  private static final String HIDE_BTF = "mount -t tmpfs none /sys/kernel/btf";

  private static Target target;

  /** Sees no BTF, so everything is by kprobes. */
  private static Target blind;

  /** KRETPROBE_MAXACTIVE_MAX in kernel/trace/trace_kprobe.c. */
  private static final int ROOM = 4096;

  /** The specifier that both jargdist and bcc's argdist count. */
  private static final String KEYS =
      "p::vfs_read(struct file *file, void *buf, size_t count):char*,size_t:file->f_path.dentry->d_iname,count:count==4201";

  /**
   * This is not {@code vfs_read}: argdist on 5.10 has room for only as many returns in flight as
   * there are processors, and calls that wait for input take it.
   */
  private static final String SIZES =
      "r::vfs_write(void *file, void *buf, size_t count):size_t:$entry(count):$latency > 0 && $entry(count)==4201";

  private static DisplayTool argdist;

  @BeforeAll
  static void start() throws Exception {
    target = Target.start(Jdks.own(), "--allow system-scope", JVM);
    blind = prepared("ulimit -n 10000; " + HIDE_BTF);
    // It compiles as long as all other tests take.
    argdist =
        DisplayTool.argdist(
            List.of(
                "-c",
                "-i",
                "2",
                "-p",
                "" + target.pid(),
                "-I",
                "linux/fs.h",
                "-C",
                KEYS,
                "-H",
                SIZES));
    target.awaitAgent();
    blind.awaitAgent();
  }

  /** A JVM for which the machine was prepared by shell commands. */
  private static Target prepared(String commands) throws IOException {
    String script = commands + "; exec \"$@\"";
    return Target.start(Jdks.own(), "", JVM, "unshare", "-m", "sh", "-c", script, "sh");
  }

  @AfterAll
  static void stop() throws Exception {
    target.close();
    blind.close();
    argdist.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p::vfs_read():u64:count:count==4099|read 211 4099|211|864889|fentry vfs_read",
        "r::vfs_read(void *file, void *buf, size_t count):size_t:$entry(count):$latency > 0 && $entry(count)==4099|read 53 4099 3|159|651741|fexit vfs_read",
        "p::sys_write():u64:count:count==4099 && fd > 2|write 53 4099|53|217247|fentry __x64_sys_write",
        "p::__x64_sys_write(struct pt_regs *regs):u64:regs->dx:regs->dx==4099|write 53 4099|53|217247|fentry __x64_sys_write",
        "r::sys_lseek(unsigned fd, long where):long:$entry(where):$retval==4099|lseek 53 4099|53|217247|fexit __x64_sys_lseek",
        "r::sys_read():long:$retval:$retval==4099|read 53 4099 3|159|651741|fexit __x64_sys_read",
      })
  void histogramsCountExactlyTheCallsMade(
      String specifier, String command, long count, long sum, String trap) throws Exception {
    ObjectName bean = Target.histogram(target.add("histogram", specifier + "#kernel"));
    target.run(command);
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    assertThat(target.attribute(bean, "Count")).isEqualTo(count);
    assertThat(target.attribute(bean, "Sum")).isEqualTo(sum);
    assertThat(places(target, bean)).anyMatch(place -> isTrap(trap, place));
    target.agent("remove", "kernel");
  }

  private static List<String> places(Target jvm, ObjectName bean) throws Exception {
    return List.of((String[]) jvm.attribute(bean, "Placement"));
  }

  private static boolean isTrap(String trampoline, String place) {
    String kprobe = trampoline.replace("fentry", "kprobe").replace("fexit", "kretprobe");
    return TRAMPOLINES
        ? place.equals(trampoline)
        : place.startsWith(kprobe + " (no ") && place.contains(": this kernel does not keep ");
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
                "p::tcp_sendmsg():u16,int,u16:sk->__sk_common.skc_family,sk->__sk_common.skc_reuse,sk->__sk_common.skc_num#sent"));
    await().until(() -> (Long) target.attribute(bean, "Count") > 3);
    String[] rows = (String[]) target.attribute(bean, "Top");
    assertThat(rows).hasSizeGreaterThan(1);
    Set<Integer> ports = localPorts();
    for (int i = 1; i < rows.length; i++) {
      Matcher row = SOCKET.matcher(rows[i]);
      assertThat(row.find()).as(rows[i]).isTrue();
      assertThat(ports).contains(Integer.valueOf(row.group(1)));
    }
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    target.agent("remove", "sent");
  }

  @Test
  void runsThatTheKernelSkipsAreLostWhereItTells() throws Exception {
    // The tracepoint's program calls what the other one probes, and no two run at once on a CPU,
    // but for those by fentry.
    for (Target jvm : List.of(target, blind)) {
      ObjectName reads = Target.frequency(jvm.add("count", "p::strncpy_from_user_nofault()#reads"));
      ObjectName paths =
          Target.frequency(
              jvm.add("count", "t:syscalls:sys_enter_openat():char*:args->filename#paths"));
      jvm.run("open 53 /proc/self/exe");
      boolean counted = TRAMPOLINES && jvm == target;
      boolean told = RELEASE.compareTo(Version.parse("6.7")) >= 0;
      // The JVM may open files for itself at any time.
      await()
          .untilAsserted(
              () -> {
                long opened = (Long) jvm.attribute(paths, "Count");
                assertThat(opened).isGreaterThanOrEqualTo(53);
                assertThat(jvm.attribute(reads, "Count")).isEqualTo(counted ? opened : 0L);
                assertThat(jvm.attribute(reads, "LostDetail"))
                    .isEqualTo(
                        told && !counted ? "program already running on this CPU: " + opened : "");
              });
      jvm.agent("remove", "paths");
      jvm.agent("remove", "reads");
    }
  }

  /** Returns the ports of TCP sockets of this machine. */
  private static Set<Integer> localPorts() throws IOException {
    Set<Integer> ports = new HashSet<>();
    for (String file : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(file))) {
        // NUMBER: ADDRESS:PORT ...
        String[] words = line.strip().split("[\\s:]+");
        if (!words[0].equals("sl")) {
          ports.add(Integer.parseInt(words[2], 16));
        }
      }
    }
    return ports;
  }

  @Test
  void theSchedulersTypesAreKnown() throws Exception {
    // A thread that goes to sleep lets the next one be chosen, on its processor.
    ObjectName bean =
        Target.frequency(
            target.add(
                "count",
                "p::set_next_entity(struct cfs_rq *queue):u32,u32:queue->nr_running>0,queue->rq->cpu#next"));
    target.run("sleep 53 1");
    assertThat((Long) target.attribute(bean, "Count")).isPositive();
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    String[] rows = (String[]) target.attribute(bean, "Top");
    for (int i = 1; i < rows.length; i++) {
      assertThat(rows[i]).containsPattern(">0 = 1, queue->rq->cpu = [01]$");
    }
    target.agent("remove", "next");
  }

  @Test
  void requestsAreAsLongAsWhatIsReadOfADisk(@TempDir Path folder) throws Exception {
    Path image = Files.write(folder.resolve("disk"), new byte[1_003 * 4096]);
    assertThat(output("busybox", "modprobe", "loop")).isEmpty();
    String disk = output("losetup", "--find", "--show", image.toString()).strip();
    try {
      target.agent(
          "execute", "--scope system -H p::blk_mq_start_request():u32:rq->__data_len#requests");
      ObjectName bean = Target.histogram("requests");
      assertThat(places(target, bean)).anyMatch(p -> isTrap("fentry blk_mq_start_request", p));
      assertThat(Files.readAllBytes(Path.of(disk))).hasSize(1_003 * 4096);
      assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
      assertThat(target.attribute(bean, "Sum")).isEqualTo(1_003 * 4096L);
      target.agent("remove", "requests");
    } finally {
      output("losetup", "--detach", disk);
    }
  }

  private static String output(String... command) throws Exception {
    Command.Result result = Command.run(List.of(command));
    assertThat(result.exit()).as(result.err()).isZero();
    return result.out();
  }

  @Test
  void modulesHaveTypesOfTheirOwn() throws Exception {
    assertThat(output("busybox", "modprobe", "tun")).isEmpty();
    String specifier =
        "p::tun_chr_close():int:((struct tun_file *)file->private_data)->sk.sk_sndbuf#closed";
    if (RELEASE.compareTo(Version.parse("5.11")) < 0) {
      assertThatThrownBy(() -> target.agent("count", specifier))
          .hasMessageContaining("\"file\" is neither a known parameter");
      return;
    }
    ObjectName bean = Target.frequency(target.add("count", specifier));
    assertThat(places(target, bean))
        .containsExactly("kprobe tun_chr_close (no fentry: the function is a module's)");
    target.run("open 53 /dev/net/tun");
    assertThat(target.attribute(bean, "LostDetail")).isEqualTo("");
    assertThat(target.attribute(bean, "Count")).isEqualTo(53L);
    assertThat(((String[]) target.attribute(bean, "Top"))[1]).endsWith("sk_sndbuf = 2147483647");
    target.agent("remove", "closed");
  }

  @Test
  void moreCallsThanTheKernelsOwnLimitAreInFlightAndNoneIsLost() throws Exception {
    // With kretprobes as they come, the eleventh waiting thread would not be seen.
    ObjectName bean =
        Target.histogram(
            blind.add(
                "histogram",
                "r::sys_futex():u64:$latency/1000:$latency>=7000000 && STRCMP(\"caller-\", $COMM)#waits"));
    blind.run("wait 3 1000 24");
    assertThat((Long) blind.attribute(bean, "Count")).isGreaterThanOrEqualTo(72);
    assertThat((Double) blind.attribute(bean, "99thPercentile")).isGreaterThan(990_000);
    assertThat((Double) blind.attribute(bean, "Max")).isLessThan(60_000_000);
    assertThat(blind.attribute(bean, "LostDetail")).isEqualTo("");
    blind.agent("remove", "waits");
  }

  @Test
  void returnsThatTheKernelCannotTrapAreLost(@TempDir Path folder) throws Exception {
    assertThat(countedAndLost(blind, ROOM + 101, folder))
        .isEqualTo(
            "4096; entry whose return never came: 101, return not trapped by the kernel, in any process: 102");
    // Without an event of our own in tracefs the kernel does not tell, but our own calls do.
    String readOnly = "mount -o remount,bind,ro /sys/kernel/tracing";
    String noOther = "mount -t tmpfs none /sys/kernel/debug";
    try (Target jvm = prepared(String.join("; ", HIDE_BTF, readOnly, noOther))) {
      jvm.awaitAgent();
      // There is room for ten, in a kernel that is not preemptible for each of the two processors.
      assertThat(countedAndLost(jvm, 24, folder))
          .isIn("10; entry whose return never came: 14", "2; entry whose return never came: 22");
    }
  }

  /**
   * @param calls that are in flight at the same time
   */
  private static String countedAndLost(Target jvm, int calls, Path folder) throws Exception {
    ObjectName bean = Target.frequency(jvm.add("count", "r::fifo_open():int:$retval#opened"));
    WaitingCalls.meet(jvm, calls, folder);
    String answer = jvm.attribute(bean, "Count") + "; " + jvm.attribute(bean, "LostDetail");
    jvm.agent("remove", "opened");
    return answer;
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
        "p::recalibrate_cpu_khz()|the kernel does not let \"recalibrate_cpu_khz\" be probed: it is marked notrace|hint: probe a function that calls it, or that it calls",
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
    for (String specifier :
        List.of("p::vfs_read():u64:count", "p::vfs_read(struct file *f):u32:f->f_flags")) {
      assertThatThrownBy(() -> blind.agent("count", specifier))
          .hasMessageContaining(
              "hint: this kernel tells no types: it has no BTF (CONFIG_DEBUG_INFO_BTF)");
    }
    ObjectName entries =
        Target.frequency(
            blind.add("count", "p::vfs_read(void *f, char *b, u64 n):u64:n:n==4099#entries"));
    ObjectName returns =
        Target.histogram(
            blind.add(
                "histogram",
                "r::vfs_read(void *f, char *b, u64 n):long:$retval:$latency > 0 && $entry(n)==4099#returns"));
    assertThat(places(blind, entries))
        .containsExactly("kprobe vfs_read (no fentry: this kernel has no BTF)");
    blind.run("read 53 4099 3");
    assertThat(blind.attribute(entries, "Count")).isEqualTo(159L);
    assertThat(blind.attribute(entries, "Lost")).isEqualTo(0L);
    assertThat(blind.attribute(returns, "Sum")).isEqualTo(651_741L);
    assertThat(blind.attribute(returns, "LostDetail")).isEqualTo("");
    blind.agent("remove", "entries");
    blind.agent("remove", "returns");
  }

  @Test
  void rowsAreThoseOfArgdist() throws Exception {
    ObjectName frequency = Target.frequency(target.add("count", KEYS + "#keys"));
    ObjectName histogram = Target.histogram(target.add("histogram", SIZES + "#sizes"));
    argdist.awaitFirstPrint();
    target.run("read 53 4201");
    target.run("write 59 4201");
    String[] rows = (String[]) target.attribute(histogram, "Histogram");
    String[] keys = (String[]) target.attribute(frequency, "Top");
    assertThat(argdist.nextPrint()).contains(rows[rows.length - 1], keys[1]);
    target.agent("remove", "keys");
    target.agent("remove", "sizes");
  }
}
