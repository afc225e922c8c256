/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathTrustTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "0,    40755,  -,                              -",
        "1000, 40700,  -,                              -",
        "1001, 40700,  belongs to uid 1001,            belongs to uid 1001",
        "0,    40775,  can be written by other users,  can be written by other users",
        "0,    40757,  can be written by other users,  can be written by other users",
        "0,    41777,  -,                              can be written by other users",
        "1001, 41777,  belongs to uid 1001,            belongs to uid 1001",
        // A sticky bit protects what is in a folder, and no file.
        "0,    101666, can be written by other users,  can be written by other users",
        "1000, 100600, -,                              -",
        "-1,   100600, belongs to uid 4294967295,      belongs to uid 4294967295",
      })
  void judgesOwnersAndPermissions(int owner, String mode, String now, String lasting) {
    Set<Integer> trusted = Set.of(0, 1000);
    int bits = Integer.parseInt(mode, 8);
    assertThat(PathTrust.NOW.fault(owner, bits, trusted)).isEqualTo(now);
    assertThat(PathTrust.LASTING.fault(owner, bits, trusted)).isEqualTo(lasting);
  }

  /** The temporary folder of all tests is below one that all users can write. */
  @Test
  void oneBadFolderAboveIsEnough() throws IOException {
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "trust");
    Path file = Files.createFile(Files.createDirectory(folder.resolve("below")).resolve("file"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    try {
      assertThat(PathTrust.NOW.check(link)).isEqualTo(file);
      assertThatThrownBy(() -> PathTrust.LASTING.check(link))
          .isInstanceOf(IOException.class)
          .hasMessage("/tmp can be written by other users");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxr-x"));
      assertThatThrownBy(() -> PathTrust.NOW.check(link))
          .hasMessage(folder + " can be written by other users");
    } finally {
      Files.delete(link);
      Files.delete(file);
      Files.delete(folder.resolve("below"));
      Files.delete(folder);
    }
  }
}
