/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exceptions are those that the JDK throws. */
class IoFailureTest {
  @Test
  void pathAloneBecomesSentence(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("x");
    assertThat(IoFailure.sentence(catchThrowable(() -> Files.readString(file))))
        .isEqualTo(file + ": there is no such file");
    Files.createFile(file);
    assertThat(IoFailure.sentence(catchThrowable(() -> Files.createFile(file))))
        .isEqualTo(file + ": it exists already");
    assertThat(IoFailure.sentence(catchThrowable(() -> Files.delete(folder))))
        .isEqualTo(folder + ": the folder is not empty");
    assertThat(IoFailure.sentence(catchThrowable(() -> Files.readString(file.resolve("y")))))
        .isEqualTo(file + "/y: Not a directory");
  }

  @Test
  void messageStaysAndIsNeverNull() {
    assertThat(IoFailure.sentence(new IOException("process 7 has ended")))
        .isEqualTo("process 7 has ended");
    assertThat(IoFailure.sentence(new IOException())).isEqualTo("java.io.IOException");
    assertThat(IoFailure.sentence(new IOException("/x: Too many open files")))
        .isEqualTo("/x: Too many open files: raise the limit of descriptors (ulimit -n)");
  }
}
