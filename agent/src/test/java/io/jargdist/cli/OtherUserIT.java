/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.ClassSeeker;
import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A user who has nothing to do with a JVM gains nothing when root probes it. */
class OtherUserIT {
  private static final String GAINED = "gained";

  private static final String NO_PRIVILEGE = "no privilege to probe";

  /** The process that runs it writes to its own home that it did. */
  private static final String PAYLOAD =
      """
      package %s;
      public class %s {
        static {
          try {
            java.nio.file.Files.writeString(
                java.nio.file.Path.of(System.getProperty("user.home"), "gained"), "%s");
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }
        public static void main(String[] arguments) {}
      }
      """;

  /** It was readable for root only, so the JVM was given a copy whose path ended to exist. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void nobodyElseCanPutCodeWhereTheJvmLooksForIt(Path jdk, @TempDir Path closed) throws Exception {
    Path jar = Files.copy(Target.JAR, closed.resolve("jargdist.jar"));
    try (TestUser victim = TestUser.create();
        TestUser attacker = TestUser.create();
        Target target = ClassSeeker.start(jdk, victim)) {
      Path payload = payload(attacker);
      Set<String> seen = new ConcurrentSkipListSet<>();
      Thread watcher = watch(seen);
      for (int i = 0; i < 2; i++) {
        assertThat(attach(jar, target).err()).contains(NO_PRIVILEGE);
      }
      watcher.interrupt();
      watcher.join();
      Set<String> paths = new TreeSet<>(seen);
      paths.addAll(jarsOf(target));
      assertThat(paths).anyMatch(path -> path.endsWith(".jar"));
      for (String path : paths) {
        attacker.run(
            "sh", "-c", "mkdir -p \"${1%/*}\" && cp \"$0\" \"$1\"", payload.toString(), path);
      }

      // A class that the application does not have, and a bridge of the JVM's own.
      target.run("attack.Payload");
      try {
        target.agent("count", "p:c:fsync()");
      } catch (JMException | JMRuntimeException e) {
        // This JVM has no privilege, so a bridge can do nothing for it but start.
      }
      assertThat(victim.home().resolve(GAINED)).doesNotExist();
      for (String path : paths) {
        if (path.startsWith("/tmp/.jargdist-")) {
          Command.run(List.of("rm", "-r", path.replaceFirst("/[^/]*$", "")));
        }
      }
      // The payload does run where the attacker may have it run.
      attacker.run(java(), "-cp", payload.toString(), "attack.Payload");
      assertThat(attacker.home().resolve(GAINED)).exists();
    }
  }

  /** The folder is as it is after a JVM of root's with the same number was killed. */
  @Test
  void aSocketThatAnotherJvmLeftIsNamed() throws Exception {
    try (TestUser user = TestUser.create();
        Target target = ClassSeeker.start(Jdks.own(), user)) {
      Path left = Path.of("/tmp/.java_pid" + target.pid());
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(left));
      }
      Command.Result result = attach(Target.JAR, target);
      assertThat(result.exit()).isEqualTo(ExitStatus.UNREACHABLE);
      String removal = "rm /proc/" + target.pid() + "/root" + left;
      assertThat(result.err())
          .isEqualToIgnoringNewLines(
              String.format(
                  Locale.ROOT,
                  "jargdist: %s is in the way: it belongs to user 0, process %d runs as user %d;"
                      + " a process that was killed has left it: %s",
                  left,
                  target.pid(),
                  user.uid(),
                  removal));

      // The advice of the message helps.
      Command.run(List.of(removal.split(" ")));
      assertThat(attach(Target.JAR, target).err()).contains(NO_PRIVILEGE);
    }
  }

  /** Loads the agent. The JVM has no privilege, so its bridge attaches nothing. */
  private static Command.Result attach(Path jar, Target target) throws Exception {
    return Command.jargdistBehind(
        List.of(), jar, "attach", Long.toString(target.pid()), "-C", "p:c:fsync()");
  }

  private static String java() {
    return Jdks.own().resolve("bin/java").toString();
  }

  /** A jar with a class of any name, and with the classes that the agent starts. */
  private static Path payload(TestUser attacker) throws Exception {
    Path source = attacker.home().resolve("source");
    Files.createDirectories(source);
    Files.writeString(
        source.resolve("Payload.java"), PAYLOAD.formatted("attack", "Payload", "class"));
    Files.writeString(
        source.resolve("BridgeMain.java"),
        PAYLOAD.formatted("io.jargdist.bridge", "BridgeMain", "bridge"));
    Path bin = Jdks.own().resolve("bin");
    Path classes = attacker.home().resolve("payload");
    Path jar = attacker.home().resolve("payload.jar");
    // A jar without libraries is not what a bridge is started from.
    Files.createDirectories(classes.resolve("lib"));
    Files.writeString(classes.resolve("lib/none.jar"), "");
    for (List<String> command :
        List.of(
            List.of(
                bin.resolve("javac").toString(),
                "--release",
                "17",
                "-d",
                classes.toString(),
                source.resolve("Payload.java").toString(),
                source.resolve("BridgeMain.java").toString()),
            List.of(
                bin.resolve("jar").toString(),
                "cf",
                jar.toString(),
                "-C",
                classes.toString(),
                "."))) {
      Command.Result result = Command.run(command);
      assertThat(result.exit()).as(result.err()).isZero();
    }
    return jar;
  }

  /** All users can list /tmp. */
  private static Thread watch(Set<String> found) {
    Thread thread =
        new Thread(
            () -> {
              while (!Thread.interrupted()) {
                try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
                  files
                      .filter(file -> file.getFileName().toString().startsWith(".jargdist-"))
                      .forEach(file -> found.add(file.resolve("jargdist.jar").toString()));
                } catch (IOException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** The jars of ours that the JVM has open, by the paths that they had. */
  private static Set<String> jarsOf(Target target) throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + target.pid() + "/fd"))) {
      for (Path file : files.toList()) {
        String path = Files.readSymbolicLink(file).toString().replace(" (deleted)", "");
        if (path.contains("jargdist") && path.endsWith(".jar")) {
          found.add(path);
        }
      }
    }
    return found;
  }

  /** The files in the cache are run with root's rights. */
  @Test
  void rootRunsNothingFromAFolderOfSomebodyElse() throws Exception {
    try (TestUser attacker = TestUser.create()) {
      Path cache = attacker.home().resolve("cache");
      attacker.run("mkdir", "-m", "755", cache.toString());
      Command.Result result =
          Command.jargdistBehind(List.of("env", "XDG_CACHE_HOME=" + cache), "check", "p:c:fsync()");
      assertThat(cache).isEmptyDirectory();
      assertThat(result.exit()).isNotZero();
      assertThat(result.err().lines())
          .singleElement()
          .asString()
          .contains("no private folder in " + cache)
          .contains("belongs to uid " + attacker.uid())
          .contains("set XDG_CACHE_HOME");
    }
  }

  @Test
  void aUserWithoutAHomeIsToldWhatToSet() throws Exception {
    Command.Result result =
        Command.jargdistBehind(
            List.of(
                "setpriv",
                "--reuid=54321",
                "--regid=54321",
                "--clear-groups",
                "env",
                "-i",
                "-C",
                "/tmp",
                "PATH=/usr/bin"),
            "list");
    assertThat(Path.of("/tmp/?")).doesNotExist();
    assertThat(Path.of("/tmp/jargdist-?")).doesNotExist();
    assertThat(result.exit()).isNotZero();
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .contains("has no home: set XDG_CACHE_HOME");
  }

  /** HotSpot compares the user who connects with its own, as its user namespace shows them. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void aJvmInAUserNamespaceLetsRootIn(Path jdk) throws Exception {
    try (TestUser user = TestUser.create()) {
      String[] own = user.prefix();
      String[] prefix =
          Stream.concat(Stream.of(own), Stream.of("unshare", "-U", "-r")).toArray(String[]::new);
      try (Target target = ClassSeeker.start(jdk, user, prefix)) {
        Command.Result result =
            Command.jargdist(
                "-p", Long.toString(target.pid()), "-C", "p:c:fsync()#syncs", "-i", "1", "-n", "1");
        assertThat(result.err()).isEmpty();
        assertThat(result.exit()).isZero();
        assertThat(result.out()).contains("syncs");
      }
    }
  }
}
