/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.HomeTempDir;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what lies in the cache folder, and for how long. */
class CacheFolderIT {
  /** This is not below /tmp, which all users can write. */
  @TempDir(factory = HomeTempDir.class)
  private Path cache;

  private Command.Result check(String specifier) throws Exception {
    return Command.jargdistBehind(
        List.of("env", "XDG_CACHE_HOME=" + cache), "check", "-C", specifier);
  }

  /** The compiler is still being started when this command ends. */
  @Test
  void aCommandThatEndsAtOnceLeavesNothing() throws Exception {
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      Command.Result result =
          Command.jargdistBehind(
              List.of("env", "XDG_CACHE_HOME=" + cache),
              "-p",
              Long.toString(target.pid()),
              "-C",
              "p:c:fsink()");
      assertThat(result.exit()).as(result.err()).isEqualTo(1);
    }
    try (Stream<Path> left = Files.list(cache.resolve("jargdist"))) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("run-"));
    }
  }

  @Test
  void aStartThatWasKilledLeavesNothingForEver() throws Exception {
    Path ours =
        Files.createDirectory(
            cache.resolve("jargdist"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path old = Files.createDirectory(ours.resolve("run-old"));
    Files.createFile(old.resolve("log"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path young = Files.createDirectory(ours.resolve("run-young"));
    Command.Result result = check("p:c:fsync()");
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    // jffi removes the files that it unpacks for itself only if its process ends well.
    assertThat(ours.resolve("native")).isDirectoryNotContaining("glob:**jffi*");
    assertThat(ours).isDirectoryContaining("glob:**/native-*");
  }

  @Test
  void aLibraryThatWasDamagedOnTheDiskIsNotUsed() throws Exception {
    assertThat(check("p:c:fsync()").exit()).isZero();
    try (var libraries = Files.list(cache.resolve("jargdist/lib"))) {
      for (Path library : libraries.toList()) {
        Files.write(library, new byte[] {1, 2, 3});
      }
    }
    Command.Result result = check("p:c:fsync()");
    assertThat(result.exit()).as(result.err()).isZero();
  }
}
