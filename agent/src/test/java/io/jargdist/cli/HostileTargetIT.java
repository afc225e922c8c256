/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetFolder;
import io.jargdist.os.TargetRights;
import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is prepared for root looking at it gains nothing of root's. */
class HostileTargetIT {
  /** All users may enter it. */
  private static Path place;

  private static Path program;

  @BeforeAll
  static void compile(@TempDir Path folder) throws Exception {
    place = Files.createDirectories(Path.of("/var/tmp").resolve("hostile" + System.nanoTime()));
    Files.copy(libjvm(), place.resolve("libjvm.so"));
    program = place.resolve("hostile_jvm");
    Path source = folder.resolve("hostile_jvm.c");
    try (InputStream text = HostileTargetIT.class.getResourceAsStream("/hostile_jvm.c")) {
      Files.copy(text, source);
    }
    Command.Result result =
        Command.run(List.of("gcc", "-O1", "-static", "-o", program.toString(), source.toString()));
    assertThat(result.err()).isEmpty();
  }

  @AfterAll
  static void remove() throws Exception {
    Command.run(List.of("rm", "-r", place.toString()));
  }

  private static Path libjvm() {
    return Jdks.own().resolve("lib/server/libjvm.so");
  }

  /** A process that runs hostile_jvm, until the test ends. */
  private record Hostile(Process process) implements AutoCloseable {
    static Hostile start(List<String> prefix, String... arguments) throws IOException {
      List<String> command = new ArrayList<>(prefix);
      command.addAll(List.of(program.toString(), program.resolveSibling("libjvm.so").toString()));
      command.addAll(List.of(arguments));
      Process process = new ProcessBuilder(command).start();
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      return new Hostile(process);
    }

    long pid() {
      return process.pid();
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Command.Result attach(Path jar, long pid) throws Exception {
    List<String> atMost = List.of("timeout", "-s", "KILL", "100");
    return Command.jargdistBehind(atMost, jar, "attach", Long.toString(pid), "-C", "p:c:fsync()");
  }

  /** This is like root of an ordinary container, with no more than CAP_SYS_CHROOT. */
  @Test
  void rootInAContainerMakesRootWriteNothingOutside(@TempDir Path closed) throws Exception {
    Path jar = Files.copy(Target.JAR, closed.resolve("jargdist.jar"));
    Path precious = Files.writeString(closed.resolve("precious"), "precious\n");
    Path container = closed.resolve("container");
    Path agents = container.resolve("root/.cache/jargdist/agent");
    Files.createDirectories(agents);
    Files.createDirectories(container.resolve("tmp"));
    Files.createDirectories(container.resolve("proc"));
    Command.run(List.of("chmod", "-R", "go-rwx", container.resolve("root").toString()));
    Command.run(List.of("chmod", "1777", container.resolve("tmp").toString()));
    Files.createSymbolicLink(agents.resolve("jargdist-" + hash(Target.JAR) + ".jar"), precious);
    Path bin = Files.createDirectories(container.resolve(place.toString().substring(1)));
    for (String name : List.of("hostile_jvm", "libjvm.so")) {
      Files.copy(program.resolveSibling(name), bin.resolve(name));
    }
    Command.run(List.of("chmod", "755", bin.resolve("hostile_jvm").toString()));
    List<String> prefix =
        List.of(
            "setpriv",
            "--bounding-set=-all,+sys_chroot",
            "--inh-caps=-all",
            "env",
            "-i",
            "HOME=/root",
            "unshare",
            "--root=" + container);
    try (Hostile hostile = Hostile.start(prefix, "plant", precious.toString())) {
      for (int i = 0; i < 4; i++) {
        Command.Result result = attach(jar, hostile.pid());
        assertThat(result.exit()).isEqualTo(ExitStatus.UNREACHABLE);
      }
      assertThat(precious).hasContent("precious\n");
    }
  }

  private static String hash(Path jar) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
    return HexFormat.of().formatHex(hash, 0, 8);
  }

  /** Opening a FIFO waits for a process that opens its other end. */
  @Test
  void aFifoInTheWayHangsNobody(@TempDir Path closed) throws Exception {
    Path jar = Files.copy(Target.JAR, closed.resolve("jargdist.jar"));
    try (TestUser user = TestUser.create()) {
      Path agents = user.home().resolve(".cache/jargdist/agent");
      String fifo = agents.resolve("jargdist-" + hash(Target.JAR) + ".jar").toString();
      user.run("sh", "-c", "umask 077; mkdir -p " + agents + "; mkfifo -m 600 " + fifo);
      try (Hostile hostile = Hostile.start(List.of(user.prefix()), "fifo")) {
        Command.Result result = attach(jar, hostile.pid());
        assertThat(result.exit()).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(result.err()).contains(fifo + " is not the jar that its name says: remove it");
      }
    }
  }

  /** Only who listens for the host is meant to hear of it. */
  @Test
  void rootConnectsToNoSocketThatALinkOfTheTargetLeadsTo(@TempDir Path closed) throws Exception {
    Path socket = closed.resolve("host");
    try (TestUser user = TestUser.create();
        ServerSocketChannel host = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      host.bind(UnixDomainSocketAddress.of(socket));
      host.configureBlocking(false);
      // The link's owner may enter the folder, which makes it no different for root.
      Command.run(List.of("chmod", "755", closed.toString()));
      Command.run(List.of("chmod", "777", socket.toString()));
      try (Hostile hostile = Hostile.start(List.of(user.prefix()), "link", socket.toString())) {
        Command.Result result = attach(Target.JAR, hostile.pid());
        assertThat(host.accept()).isNull();
        assertThat(result.exit()).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(result.err()).contains("is not a socket");
      }
    }
  }

  @Test
  void anEndlessAnswerIsCutOff() throws Exception {
    try (TestUser user = TestUser.create();
        Hostile hostile = Hostile.start(List.of(user.prefix()), "endless")) {
      long before = usedMemory();
      assertThatThrownBy(() -> attach(hostile, Duration.ofSeconds(60)).systemProperties())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("answers more than a JVM would");
      assertThat(usedMemory() - before).isLessThan(64L << 20);
    }
  }

  private static long usedMemory() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void whoNeverAnswersIsNotWaitedForForEver() throws Exception {
    try (TestUser user = TestUser.create();
        Hostile hostile = Hostile.start(List.of(user.prefix()), "silent")) {
      assertThatThrownBy(() -> attach(hostile, Duration.ofSeconds(2)).systemProperties())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not answer within 2 s");
    }
  }

  private static HotSpotAttach attach(Hostile hostile, Duration deadline) throws IOException {
    ProcessReference target = ProcessReference.open(hostile.pid());
    ProcessStatus status = ProcessStatus.of(Long.toString(hostile.pid()));
    TargetFolder tmp = TargetFolder.root(target).find("/tmp");
    return new HotSpotAttach(
        target,
        status,
        new TargetRights(hostile.pid(), status),
        tmp,
        new Waiting(deadline, deadline, Waiting.LIMITED.then()));
  }

  /** A command that was killed leaves what it had made, and the next command removes that. */
  @Test
  void whatWasLeftBehindLongAgoIsRemoved() throws Exception {
    try (TestUser user = TestUser.create();
        Hostile hostile = Hostile.start(List.of(user.prefix()), "silent")) {
      Path cache = user.home().resolve(".cache/jargdist");
      user.run(
          "sh",
          "-c",
          "umask 077; mkdir -p $0/run-old $0/run-new; touch $0/run-old/control;"
              + " touch -d '2 hours ago' $0/run-old",
          cache.toString());
      ProcessReference target = ProcessReference.open(hostile.pid());
      ProcessStatus status = ProcessStatus.of(Long.toString(hostile.pid()));
      TargetRights rights = new TargetRights(hostile.pid(), status);
      try (target;
          AgentFolder folder = AgentFolder.open(target, status, rights);
          MeetingPlace place = new MeetingPlace(target, status, folder)) {
        assertThat(cache.resolve("run-old")).doesNotExist();
        assertThat(cache.resolve("run-new")).exists();
        Path made = Path.of(place.agentOptions(false).split(" ")[1]).getParent();
        assertThat(made).hasParent(cache);
        assertThat(Files.getAttribute(made, "unix:uid", LinkOption.NOFOLLOW_LINKS))
            .isEqualTo(user.uid());
      }
      assertThat(cache).isDirectoryNotContaining("glob:run-[!n]*");
    }
  }
}
