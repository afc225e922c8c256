/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.HomeTempDir;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.NewText;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first bridge of a jar has its classes archived, and later children map that archive. */
class ClassArchiveIT {
  private static final String ARCHIVE = ".jsa";

  /** This is not below /tmp, which all users can write. */
  @TempDir(factory = HomeTempDir.class)
  private Path home;

  private Path folder() {
    return home.resolve("jargdist/classes");
  }

  private Target start(Path jdk, Path jar) throws IOException {
    return Target.start(
            jdk, null, List.of("-javaagent:" + jar, "-cp", Target.classes()), "env", cache())
        .awaitAgent();
  }

  private String cache() {
    return "XDG_CACHE_HOME=" + home;
  }

  private List<Path> archives() throws IOException {
    if (!Files.isDirectory(folder())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(ARCHIVE)).toList();
    }
  }

  /** Has the archive made, and returns it. */
  private Path made(Path jdk, Path jar) throws Exception {
    List<Path> before = archives();
    try (Target target = start(jdk, jar)) {
      countFsync(target, 7);
      await()
          .atMost(Patience.seconds(60))
          .until(() -> archives().size() > before.size() && noRehearsal(target));
    }
    return archives().stream().filter(file -> !before.contains(file)).findFirst().orElseThrow();
  }

  private static boolean noRehearsal(Target target) {
    return target.children("RehearsalMain").isEmpty();
  }

  private static void countFsync(Target target, int calls) throws Exception {
    String probe = target.add("count", "p:c:fsync()#fsync" + calls);
    target.run("fsync " + calls);
    assertThat(target.attribute(Target.frequency(probe), "Count")).isEqualTo((long) calls);
  }

  private static boolean maps(Target target, String child, Path archive) throws IOException {
    long pid = target.children(child).get(0).pid();
    return Files.readString(Path.of("/proc/" + pid + "/maps")).contains(archive.toString());
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void isMadeOnceAndMappedByBothChildren(Path jdk) throws Exception {
    Path archive = made(jdk, Target.JAR);
    assertThat(Files.getPosixFilePermissions(archive))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));
    try (Stream<Path> left = Files.list(folder())) {
      assertThat(left).containsExactly(archive);
    }
    try (Target target = start(jdk, Target.JAR)) {
      countFsync(target, 5);
      assertThat(maps(target, "BridgeMain", archive)).isTrue();
      String fresh = target.add("count", "p:c:fsync():u64:" + NewText.expression() + "#fresh");
      assertThat(maps(target, "CompilerMain", archive)).isTrue();
      target.run("fsync 3");
      assertThat(target.attribute(Target.frequency(fresh), "Count")).isEqualTo(3L);
    }
    assertThat(archives()).containsExactly(archive);
  }

  @Test
  void anotherJarHasAnotherOne() throws Exception {
    Path jar = Files.copy(Target.JAR, home.resolve("jargdist.jar"));
    Path old = made(Jdks.own(), jar);
    Files.delete(jar);
    Files.copy(Target.JAR, jar);
    try (Target target = start(Jdks.own(), jar)) {
      countFsync(target, 5);
      assertThat(maps(target, "BridgeMain", old)).isFalse();
    }
  }

  @Test
  void aDamagedOneIsRemovedAndMadeAgain() throws Exception {
    Path archive = made(Jdks.own(), Target.JAR);
    archive.toFile().setWritable(true);
    long damaged = Files.size(archive) - 1;
    try (FileChannel file = FileChannel.open(archive, StandardOpenOption.WRITE)) {
      file.truncate(damaged);
    }
    try (Target target = start(Jdks.own(), Target.JAR)) {
      countFsync(target, 5);
      assertThat(maps(target, "BridgeMain", archive)).isFalse();
      await().atMost(Patience.seconds(60)).until(() -> !archives().isEmpty());
    }
    assertThat(archives()).hasSize(1).allMatch(file -> file.toFile().length() != damaged);
  }

  /** HotSpot goes on without what it knows to be none, and ends with half of one. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void oneThatIsNoArchiveIsHarmless(Path jdk) throws Exception {
    Path archive = made(jdk, Target.JAR);
    byte[] content = Files.readAllBytes(archive);
    byte[] noise = new byte[content.length];
    new Random(1).nextBytes(noise);
    replace(archive, noise);
    try (Target target = start(jdk, Target.JAR)) {
      countFsync(target, 5);
    }
    replace(archives().get(0), Arrays.copyOf(content, content.length / 2));
    try (Target target = start(jdk, Target.JAR)) {
      countFsync(target, 6);
    }
  }

  /** Writes a file whose name tells that it is whole. */
  private void replace(Path archive, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    String name = archive.getFileName().toString();
    String identity = name.substring(0, name.indexOf('-'));
    Files.delete(archive);
    Files.write(
        folder().resolve(identity + "-" + Long.toHexString(crc.getValue()) + ARCHIVE), content);
  }

  @Test
  void oneThatCannotBeWrittenIsHarmless() throws Exception {
    Files.createDirectory(
        home.resolve("jargdist"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.createFile(folder());
    try (Target target = start(Jdks.own(), Target.JAR)) {
      countFsync(target, 5);
    }
  }

  @Test
  void theRehearsalEndsWithItsJvm() throws Exception {
    ProcessHandle rehearsal;
    try (Target target = start(Jdks.own(), Target.JAR)) {
      countFsync(target, 5);
      await().until(() -> !noRehearsal(target));
      rehearsal = target.children("RehearsalMain").get(0);
      target.process().destroyForcibly().waitFor();
    }
    await().atMost(Patience.seconds(10)).until(() -> !Target.isRunning(rehearsal));
    assertThat(archives()).isEmpty();
    try (Target target = start(Jdks.own(), Target.JAR)) {
      countFsync(target, 6);
    }
  }
}
