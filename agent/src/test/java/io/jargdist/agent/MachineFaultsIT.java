/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.HomeTempDir;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real file systems and limits on which nothing can go well: one line says what to do. */
class MachineFaultsIT {
  @Test
  void cacheThatMayNotBeExecuted(@TempDir(factory = HomeTempDir.class) Path folder)
      throws Exception {
    assertThat(withCacheOn(folder, "noexec,mode=700"))
        .startsWith("jargdist: the native library in " + folder + "/jargdist/native cannot")
        .endsWith("set XDG_CACHE_HOME to another file system\n");
  }

  @Test
  void cacheThatIsFull(@TempDir(factory = HomeTempDir.class) Path folder) throws Exception {
    assertThat(withCacheOn(folder, "size=64k,mode=700"))
        .isEqualTo(
            "jargdist: No space left on device: make room, or set XDG_CACHE_HOME to another file"
                + " system\n");
  }

  @Test
  void tooFewDescriptors() throws Exception {
    Result result =
        Command.jargdistBehind(List.of("prlimit", "--nofile=16"), "check", "p:c:fsync()");
    assertThat(result.exit()).isEqualTo(3);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).startsWith("jargdist: ").contains("ulimit -n");
  }

  @Test
  void outputOnFullDisk() throws Exception {
    Result result = Command.jargdistBehind(List.of("sh", "-c", "\"$0\" \"$@\" >/dev/full"), "list");
    assertThat(result.exit()).isEqualTo(3);
    assertThat(result.err())
        .isEqualTo(
            "jargdist: this output cannot be written (No space left on device): write it"
                + " elsewhere\n");
  }

  private static String withCacheOn(Path folder, String option) throws Exception {
    Result mounted =
        Command.run(List.of("mount", "-t", "tmpfs", "-o", option, "tmpfs", folder.toString()));
    assertThat(mounted.exit()).as(mounted.err()).isZero();
    try {
      Result result =
          Command.jargdistBehind(
              List.of("env", "XDG_CACHE_HOME=" + folder), "check", "p:c:fsync()");
      assertThat(result.exit()).isEqualTo(3);
      assertThat(result.err().lines()).hasSize(1);
      return result.err();
    } finally {
      Command.run(List.of("umount", folder.toString()));
    }
  }
}
