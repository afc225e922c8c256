/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A JVM that is not root's, with no more than CAP_BPF and CAP_PERFMON. */
class TwoCapabilitiesIT {
  /** Makes a library in a folder whose name is not ASCII; this file is. */
  private static final String MAKE_LIBRARY =
      "cd && folder=b$(printf '\\303\\274')cher && mkdir $folder"
          + " && echo 'int fsync(int fd) { return fd < 0; }' > early.c"
          + " && gcc -shared -fPIC -o $folder/libearly.so early.c";

  /** The command behind these words runs with that library. */
  private static final List<String> WITH_LIBRARY =
      List.of("sh", "-c", "LD_PRELOAD=$(echo ~/b*cher/libearly.so) exec \"$@\"", "sh");

  @Test
  void functionsAndUsdtProbesNeedTwoCapabilitiesOnly() throws Exception {
    Skips.unless(hasUprobeLinks(), "Linux before 6.6 has no uprobe_multi links");
    try (TestUser user = TestUser.create();
        Target target = start(Jdks.own(), user, user.give(Target.JAR), List.of())) {
      String latency = target.add("histogram", "r:c:read():u64:$latency:$retval==4099#latency");
      String writes =
          target.add("count", "p:c:write(int fd, void *b, size_t n):size_t:n:n==4099#writes");
      String collections = target.add("count", "u:jvm:gc__begin():int:arg1:arg1==1#collections");
      target.run("read 211 4099 2");
      target.run("write 101 4099");
      target.run("gc 3");
      assertThat(target.attribute(Target.histogram(latency), "Count")).isEqualTo(422L);
      assertThat(target.attribute(Target.frequency(writes), "Count")).isEqualTo(101L);
      assertThat(target.attribute(Target.frequency(collections), "Count")).isEqualTo(3L);
      for (String name : List.of(latency, writes, collections)) {
        target.agent("remove", name);
      }
    }
  }

  /**
   * F19: in the POSIX locale, JDK 17 has no {@link Path} for a file whose name is not ASCII, and
   * the files of a target have such names for all users but root, who opens them by
   * /proc/PID/map_files.
   */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void filesWhoseNamesAreNotAsciiAreProbed(Path jdk) throws Exception {
    Skips.unless(hasUprobeLinks(), "Linux before 6.6 has no uprobe_multi links");
    try (TestUser user = TestUser.create()) {
      Path jar = user.give(Target.JAR);
      Command.Result made = user.run("sh", "-c", MAKE_LIBRARY);
      assertThat(made.exit()).as(made.err()).isZero();
      try (Target target = start(jdk, user, jar, WITH_LIBRARY)) {
        String syncs = target.add("count", "p:early:fsync()#syncs");
        target.run("fsync 53");
        assertThat(target.attribute(Target.frequency(syncs), "Count")).isEqualTo(53L);

        String pid = Long.toString(target.pid());
        List<String> probes = privileged(user, List.of());
        probes.addAll(List.of(jdk + "/bin/java", "-jar", jar.toString(), "probes", pid));
        Command.Result libraries = Command.run(probes);
        assertThat(libraries.exit()).as(libraries.err()).isZero();
        assertThat(libraries.out()).contains("p:early:*");
        probes.add("p:early:*");
        Command.Result functions = Command.run(probes);
        assertThat(functions.exit()).as(functions.err()).isZero();
        assertThat(functions.out()).contains("p:early:fsync()\n");
      }
    }
  }

  private static Target start(Path jdk, TestUser user, Path jar, List<String> prefix)
      throws Exception {
    String classes = user.give(Path.of(Target.classes())).toString();
    return Target.start(
            jdk,
            null,
            List.of("-javaagent:" + jar, "-cp", classes),
            privileged(user, prefix).toArray(String[]::new))
        .awaitAgent();
  }

  /** Runs in the POSIX locale, since its environment names no other. */
  private static List<String> privileged(TestUser user, List<String> words) {
    List<String> all = new ArrayList<>(List.of("env", "-i", "HOME=" + user.home()));
    all.addAll(List.of("PATH=/usr/bin:/bin", "setpriv"));
    all.addAll(List.of("--reuid=" + user.uid(), "--regid=" + user.uid(), "--clear-groups"));
    all.addAll(List.of("--inh-caps=+bpf,+perfmon", "--ambient-caps=+bpf,+perfmon"));
    all.addAll(words);
    return all;
  }

  /**
   * The capabilities are those that Docker and Kubernetes give to root in a container, and the two.
   */
  @Test
  void rootInAContainerNeedsThemOnly() throws Exception {
    Skips.unless(hasUprobeLinks(), "Linux before 6.6 has no uprobe_multi links");
    String kept =
        "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap"
            + ",+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap,+bpf,+perfmon";
    try (Target target =
        Target.start(
                Jdks.own(),
                "--control local",
                List.of(),
                "setpriv",
                "--bounding-set=" + kept,
                "--inh-caps=-all")
            .awaitAgent()) {
      String syncs = target.add("count", "p:c:fsync()#syncs");
      target.run("fsync 53");
      assertThat(target.attribute(Target.frequency(syncs), "Count")).isEqualTo(53L);
    }
  }

  private static boolean hasUprobeLinks() {
    String[] version = System.getProperty("os.version").split("[^0-9]", 3);
    int major = Integer.parseInt(version[0]);
    return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 6);
  }
}
