/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that is not root's, with no more than CAP_BPF and CAP_PERFMON. */
class TwoCapabilitiesIT {
  @Test
  void functionsAndUsdtProbesNeedTwoCapabilitiesOnly() throws Exception {
    Skips.unless(hasUprobeLinks(), "Linux before 6.6 has no uprobe_multi links");
    try (TestUser user = TestUser.create();
        Target target =
            Target.start(
                    Jdks.own(),
                    null,
                    List.of(
                        "-javaagent:" + user.give(Target.JAR),
                        "-cp",
                        user.give(Path.of(Target.classes())).toString()),
                    "env",
                    "-i",
                    "HOME=" + user.home(),
                    "setpriv",
                    "--reuid=" + user.uid(),
                    "--regid=" + user.uid(),
                    "--clear-groups",
                    "--inh-caps=+bpf,+perfmon",
                    "--ambient-caps=+bpf,+perfmon")
                .awaitAgent()) {
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

  /** Those that Docker and Kubernetes give to root in a container, and the two. */
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
