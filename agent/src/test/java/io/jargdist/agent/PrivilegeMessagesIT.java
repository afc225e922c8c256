/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.HomeTempDir;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If the JVM or the command lacks a privilege, a message says what works. */
class PrivilegeMessagesIT {
  private static final String SYNCS = "p:c:fsync()#syncs";

  /** Everything that an ordinary user can see is listed, and the rest is said at the end. */
  @Test
  void ordinaryUsers() throws Exception {
    try (TestUser user = TestUser.create()) {
      Path jar = user.give(Target.JAR);
      Path classes = user.give(Path.of(Target.classes()));
      try (Target target =
          Target.start(Jdks.own(), null, List.of("-cp", classes.toString()), user.prefix())) {
        String pid = Long.toString(target.pid());

        Result attach = Command.jargdist("attach", pid, "-C", SYNCS);
        assertThat(attach.exit()).isEqualTo(3);
        assertThat(attach.err())
            .contains("start the JVM as root, or with CAP_BPF and CAP_PERFMON")
            .endsWith("or run jargdist -p PID as root, for which the JVM needs no privilege\n");
        assertThat(Command.jargdist("-p", pid, "-C", SYNCS, "-n", "1").exit()).isZero();

        Result asUser = command(user, jar, "-p", pid, "-C", SYNCS, "-n", "1");
        assertThat(asUser.exit()).isEqualTo(3);
        assertThat(asUser.err())
            .endsWith("or run jargdist -p PID as root, for which the JVM needs no privilege\n");

        Result probes = command(user, jar, "probes", pid);
        assertThat(probes.exit()).as(probes.err()).isZero();
        assertThat(probes.out().lines())
            .anyMatch(line -> line.matches("p:c:\\*  \\d+ functions of .*"))
            .anyMatch(line -> line.matches("u:jvm:\\*  \\d+ USDT probes of .*"));
        assertThat(probes.err())
            .startsWith("jargdist: tracepoints are not listed: ")
            .contains("run as root");
        Result reads = command(user, jar, "probes", pid, "c:rea*");
        assertThat(reads.exit()).as(reads.err()).isZero();
        assertThat(reads.out().lines()).contains("p:c:read()");
        assertThat(reads.err()).isEmpty();

        Process watching = Command.start(target, "--publish", "-C", SYNCS);
        try {
          assertThat(watching.inputReader().readLine()).startsWith("[");
          target.run("fsync 19");
          Result shown = command(user, jar, "show", pid, "syncs");
          assertThat(shown.exit()).as(shown.err()).isZero();
          assertThat(shown.out()).endsWith("syncs\n\tCOUNT      EVENT\n\t19         total calls\n");
        } finally {
          watching.destroy();
          watching.waitFor();
        }
      }
    }
  }

  private static Result command(TestUser user, Path jar, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(Jdks.own() + "/bin/java", "-jar", jar.toString()));
    words.addAll(List.of(arguments));
    return user.run(words.toArray(String[]::new));
  }

  /** HotSpot takes everything behind the first "=" for options, so it is given a copy. */
  @Test
  void jarInAFolderWithEveryOddCharacter(@TempDir(factory = HomeTempDir.class) Path folder)
      throws Exception {
    for (String name : List.of("a=b", "c d#%41!x")) {
      Path odd = java.nio.file.Files.createDirectory(folder.resolve(name));
      Path jar = java.nio.file.Files.copy(Target.JAR, odd.resolve("jargdist.jar"));
      for (Path jdk : Jdks.all()) {
        try (Target target = Target.start(jdk, null, List.of())) {
          for (int i = 0; i < 2; i++) {
            Result result =
                Command.jargdistBehind(List.of(), jar, Command.onceOf(target.pid(), SYNCS));
            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(result.out()).contains("syncs\n\tCOUNT");
          }
        }
      }
    }
  }
}
