/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.NewText;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A bridge that has given up what it does not need still does everything it is there for. */
class BridgeConfinementIT {
  private static final int CAP_SYS_MODULE = 16;
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_BOOT = 22;

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void whatIsAttachedAfterTheDropCountsExactlyAndIsReadOn(Path jdk) throws Exception {
    try (Target target = Target.withAgent(jdk, "-C 'p:c:fsync()#first'").awaitAgent()) {
      await().until(() -> target.has(Target.frequency("first")));
      ProcessHandle bridge = target.children("BridgeMain").get(0);
      List<Map<String, String>> threads = threads(bridge);
      // The filter, and no_new_privs, hold for all threads, those of the JVM among them.
      assertThat(threads).hasSizeGreaterThan(5);
      assertThat(threads).allSatisfy(thread -> assertThat(thread).containsEntry("Seccomp", "2"));
      assertThat(threads).allSatisfy(thread -> assertThat(thread).containsEntry("NoNewPrivs", "1"));
      // Our own threads have lost what no probe needs.
      assertThat(threads.stream().filter(thread -> "bridge".equals(thread.get("Name"))))
          .isNotEmpty()
          .allSatisfy(
              thread ->
                  assertThat(Long.parseUnsignedLong(String.valueOf(thread.get("CapPrm")), 16))
                      .matches(capabilities -> lacks(capabilities, CAP_SYS_MODULE))
                      .matches(capabilities -> lacks(capabilities, CAP_NET_ADMIN))
                      .matches(capabilities -> lacks(capabilities, CAP_SYS_BOOT)));

      target.run("fsync 53");
      String read = target.add("histogram", "r:c:read():int:$retval:$retval==4099#later");
      String gc = target.add("count", "u:jvm:gc__begin():int:arg1:arg1==1#collections");
      String call = target.add("count", "t:syscalls:sys_enter_fsync()#calls");
      String raw = target.add("count", "t:sched:sched_process_exit()#exits");
      target.run("read 101 4099");
      target.run("gc 3");
      target.run("fsync 59");
      assertThat(target.attribute(Target.histogram(read), "Count")).isEqualTo(101L);
      assertThat(target.attribute(Target.frequency(gc), "Count")).isEqualTo(3L);
      assertThat(target.attribute(Target.frequency(call), "Count")).isEqualTo(59L);
      assertThat(target.attribute(Target.frequency(raw), "Lost")).isEqualTo(0L);
      assertThat(target.attribute(Target.frequency("first"), "Count")).isEqualTo(53L + 59L);
      // Something that was never compiled before, after the first compiler has ended.
      await().until(() -> target.children("CompilerMain").isEmpty());
      String fresh =
          target.add("count", "p:c:fsync():u64:" + NewText.expression() + "#neverCompiledBefore");
      target.run("fsync 61");
      assertThat(target.attribute(Target.frequency(fresh), "Count")).isEqualTo(61L);
      assertThat(target.children("BridgeMain")).containsExactly(bridge);
    }
  }

  private static boolean lacks(long capabilities, int capability) {
    return (capabilities >>> capability & 1) == 0;
  }

  /** Returns what /proc says of each thread of a process. */
  private static List<Map<String, String>> threads(ProcessHandle process) throws IOException {
    List<Map<String, String>> threads = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        Map<String, String> fields = new HashMap<>();
        for (String line : Files.readAllLines(task.resolve("status"))) {
          String[] parts = line.split(":\\s*", 2);
          fields.put(parts[0], parts.length > 1 ? parts[1].strip() : "");
        }
        threads.add(fields);
      }
    }
    return threads;
  }
}
