/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWatchTest {
  @TempDir private Path folder;

  private FolderWatch watch;

  @BeforeEach
  void start() throws KernelException {
    watch = FolderWatch.of(ProcessHandle.current().pid());
  }

  @AfterEach
  void stop() {
    watch.close();
  }

  private void look(Path... paths) throws Exception {
    Set<String> all = new HashSet<>();
    for (Path path : paths) {
      all.add(KernelFile.asRead(path.toString()));
    }
    watch.watch(all);
  }

  @Test
  void aFileIsNoticedWhateverIsMissingOnTheWayToIt() throws Exception {
    Path file = folder.resolve("some/where/b\u00fccher.so");
    look(file);
    assertThat(watch.changed()).isFalse();
    Files.createDirectory(folder.resolve("else"));
    Files.createDirectory(folder.resolve("where"));
    assertThat(watch.changed()).isFalse();
    Files.createDirectory(folder.resolve("some"));
    assertThat(watch.changed()).isTrue();
    look(file);
    Files.createDirectory(folder.resolve("some/where"));
    assertThat(watch.changed()).isTrue();
    look(file);
    Files.writeString(folder.resolve("some/where/other.so"), "");
    assertThat(watch.changed()).isFalse();
    Files.writeString(file, "");
    assertThat(watch.changed()).isTrue();
    look(file);
    Path other = Files.writeString(folder.resolve("some/where/new.so"), "");
    assertThat(watch.changed()).isFalse();
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(watch.changed()).isTrue();
  }

  @Test
  void aFolderThatTakesThePlaceOfAnotherIsWatched() throws Exception {
    Path file = folder.resolve("some/file.so");
    Files.createDirectory(file.getParent());
    look(file);
    Files.move(file.getParent(), folder.resolve("before"));
    assertThat(watch.changed()).isTrue();
    look(file);
    Files.createDirectory(file.getParent());
    assertThat(watch.changed()).isTrue();
    look(file);
    Files.writeString(folder.resolve("before/file.so"), "");
    assertThat(watch.changed()).isFalse();
    Files.writeString(file, "");
    assertThat(watch.changed()).isTrue();
  }

  @Test
  void aFileThatIsBeingWrittenIsTold() throws Exception {
    Path file = Files.writeString(folder.resolve("file.so"), "before");
    look(file);
    assertThat(watch.written()).isEmpty();
    try (OutputStream out = Files.newOutputStream(file)) {
      assertThat(watch.changed()).isTrue();
      assertThat(watch.written()).containsExactly(file.toString());
      out.write(1);
    }
    assertThat(watch.changed()).isTrue();
    assertThat(watch.written()).isEmpty();
  }

  @Test
  void whatIsNotWatchedAnyMoreIsNotTold() throws Exception {
    Path one = folder.resolve("one/file.so");
    Path two = folder.resolve("two/file.so");
    Files.createDirectory(one.getParent());
    Files.createDirectory(two.getParent());
    look(one, two);
    look(two);
    watch.changed();
    Files.writeString(one, "");
    assertThat(watch.changed()).isFalse();
    Files.writeString(two, "");
    assertThat(watch.changed()).isTrue();
  }
}
