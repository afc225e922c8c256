/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.child.PathTrust;
import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetRights;
import io.jargdist.testing.TestUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests where root's command line puts the files that a JVM of another user is to find. */
class AgentFolderIT {
  private static final byte[] JAR = "a jar".getBytes(StandardCharsets.UTF_8);

  private TestUser user;

  @BeforeEach
  void makeUser() throws Exception {
    user = TestUser.create();
  }

  @AfterEach
  void removeUser() throws Exception {
    user.close();
  }

  /** A process of the user's. */
  private record Running(Process process, ProcessReference target, AgentFolder folder)
      implements AutoCloseable {
    static Running start(TestUser user, String... variables) throws IOException {
      List<String> command =
          Stream.concat(Stream.of(user.prefix(variables)), Stream.of("sleep", "1000")).toList();
      Process process = new ProcessBuilder(command).start();
      // While a program is being executed, its environment is empty for a moment.
      Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
      await()
          .until(
              () ->
                  process.info().command().orElse("").endsWith("/sleep")
                      && Files.readString(environment).contains("HOME="));
      ProcessReference target = ProcessReference.open(process.pid());
      ProcessStatus status = ProcessStatus.of(Long.toString(process.pid()));
      try {
        AgentFolder folder =
            AgentFolder.open(target, status, new TargetRights(process.pid(), status));
        return new Running(process, target, folder);
      } catch (IOException e) {
        target.close();
        process.destroyForcibly();
        throw e;
      }
    }

    @Override
    public void close() {
      folder.close();
      target.close();
      process.destroyForcibly();
    }
  }

  @Test
  void theJarIsTheUsersOwnAndHasTheSamePathEachTime() throws Exception {
    try (Running process = Running.start(user)) {
      Path jar = Path.of(process.folder().copy(JAR));
      assertThat(jar).hasParent(user.home().resolve(".cache/jargdist/agent")).hasBinaryContent(JAR);
      assertThat(Files.getAttribute(jar, "unix:uid")).isEqualTo(user.uid());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(jar)))
          .isEqualTo("rw-------");
      Object inode = Files.getAttribute(jar, "unix:ino");
      assertThat(process.folder().copy(JAR)).isEqualTo(jar.toString());
      assertThat(Files.getAttribute(jar, "unix:ino")).isEqualTo(inode);
      assertThat(process.folder().copy(new byte[3])).isNotEqualTo(jar.toString());
    }
  }

  @Test
  void whatHasTheNameOfTheJarAndIsAnotherFileIsNeverUsed() throws Exception {
    try (Running process = Running.start(user)) {
      Path jar = Path.of(process.folder().copy(JAR));
      user.run("sh", "-c", "echo other > " + jar);
      assertThatThrownBy(() -> process.folder().copy(JAR))
          .isInstanceOf(IOException.class)
          .hasMessage(jar + " is not the jar that its name says: remove it");
      Files.delete(jar);
      assertThat(Path.of(process.folder().copy(JAR))).hasBinaryContent(JAR);
    }
  }

  @Test
  void aHomeThatOthersCanWriteIsNotUsed() throws Exception {
    user.run("chmod", "777", user.home().toString());
    try (Running process = Running.start(user)) {
      assertThat(process.folder().copy(JAR)).startsWith("/run/jargdist/agent/jargdist-");
      assertThat(user.home().resolve(".cache")).doesNotExist();
    } finally {
      removeOurs();
    }
  }

  @Test
  void aCacheBelowTmpIsNotUsed() throws Exception {
    Path tmp = Files.createTempDirectory(Path.of("/tmp"), "cache");
    Files.setAttribute(tmp, "unix:uid", user.uid());
    try (Running process = Running.start(user, "XDG_CACHE_HOME=" + tmp)) {
      assertThat(process.folder().copy(JAR)).startsWith(user.home().toString());
      assertThat(tmp).isEmptyDirectory();
    } finally {
      Files.delete(tmp);
    }
  }

  /** Its user may read there, list nothing and change nothing. */
  @Test
  void aUserWithoutAFolderFindsTheJarInOneOfRoots() throws Exception {
    try (Running process = Running.start(user, "HOME=/nonexistent")) {
      String jar = process.folder().copy(JAR);
      assertThat(jar).startsWith("/run/jargdist/agent/");
      assertThat(user.run("cat", jar).out()).isEqualTo("a jar");
      assertThat(user.run("ls", "/run/jargdist").exit()).isNotZero();
      assertThat(user.run("sh", "-c", "echo other >> " + jar).exit()).isNotZero();
      assertThat(user.run("rm", "-f", jar).exit()).isNotZero();
      assertThat(Path.of(jar)).hasBinaryContent(JAR);
    } finally {
      removeOurs();
    }
  }

  private static void removeOurs() throws IOException {
    try (Stream<Path> jars = Files.list(Path.of("/run/jargdist/agent"))) {
      for (Path jar : jars.toList()) {
        if (Files.size(jar) == JAR.length) {
          Files.delete(jar);
        }
      }
    }
  }

  /** It looked at the rights of the real user, who was root all the time. */
  @Test
  void aJarIsVisibleIfTheUserCanOpenItAndNobodyElseChangeIt() throws Exception {
    Path folder = Files.createDirectory(user.home().resolve("folder"));
    Path jar = Files.write(folder.resolve("jargdist.jar"), JAR);
    Path link = Files.createSymbolicLink(user.home().resolve("link"), folder);
    try (Running process = Running.start(user)) {
      AgentFolder agent = process.folder();
      assertThat(agent.hasJar(jar.toString(), PathTrust.LASTING, JAR)).isTrue();
      assertThat(agent.hasJar(link + "/jargdist.jar", PathTrust.LASTING, JAR)).isTrue();
      assertThat(agent.hasJar(jar.toString(), PathTrust.LASTING, new byte[5])).isFalse();
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-------"));
      assertThat(agent.hasJar(jar.toString(), PathTrust.LASTING, JAR)).isFalse();
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-r--"));
      assertThat(agent.hasJar(jar.toString(), PathTrust.LASTING, JAR)).isFalse();
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
      assertThat(agent.hasJar(jar.toString(), PathTrust.LASTING, JAR)).isTrue();
      Files.setAttribute(folder, "unix:uid", 54321);
      assertThat(agent.hasJar(jar.toString(), PathTrust.NOW, JAR)).isFalse();
      Files.setAttribute(folder, "unix:uid", 0);
      Files.setAttribute(jar, "unix:uid", 54321);
      assertThat(agent.hasJar(jar.toString(), PathTrust.NOW, JAR)).isFalse();
      assertThat(agent.hasFile(jar.toString(), PathTrust.NOW)).isFalse();
      Files.setAttribute(jar, "unix:uid", 0);
      assertThat(agent.hasFile(jar.toString(), PathTrust.NOW)).isTrue();
      assertThat(agent.hasFile(folder.toString(), PathTrust.NOW)).isFalse();
      assertThat(agent.hasFile("/proc/self/exe", PathTrust.NOW)).isFalse();
      assertThat(agent.hasFile(folder + "/gone.jar", PathTrust.NOW)).isFalse();
    }
  }

  /** A JVM can say anything of itself. */
  @Test
  void noAnswerOfAJvmIsMoreThanAPathOrNothing() throws Exception {
    SplittableRandom random = new SplittableRandom(16);
    String alphabet = "01\n\r\\u=: #!\0jargdist.agent/tmp%s\u00e9";
    for (int i = 0; i < 200_000; i++) {
      StringBuilder answer = new StringBuilder(random.nextBoolean() ? "0\n" : "");
      if (random.nextInt(4) == 0) {
        answer.append("jargdist.agent=");
      }
      for (int length = random.nextInt(40); length > 0; length--) {
        answer.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      AgentJar.loadedFrom(answer.toString());
      try {
        TargetJvm.loaded(1, answer.toString());
        assertThat(answer.toString()).startsWith("0\n").contains("return code: 0");
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("cannot load the agent into process 1");
      }
    }
  }
}
