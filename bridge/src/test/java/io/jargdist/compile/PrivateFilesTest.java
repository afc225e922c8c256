/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that several processes use at the same time, and that a power cut may damage. */
class PrivateFilesTest {
  @TempDir Path folder;

  private static String decode(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  @Test
  void aDamagedFileCountsAsAbsent() throws IOException {
    FileCache cache = new FileCache(folder, 4);
    cache.write("kept", "content".getBytes(StandardCharsets.UTF_8));
    assertThat(cache.read("kept", PrivateFilesTest::decode)).isEqualTo("content");
    byte[] whole = Files.readAllBytes(folder.resolve("kept"));
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(folder.resolve("kept"), damaged);
      assertThat(cache.read("kept", PrivateFilesTest::decode)).as("byte %s", i).isNull();
    }
    Files.write(folder.resolve("kept"), new byte[64]);
    assertThat(cache.read("kept", PrivateFilesTest::decode)).isNull();
  }

  /** Each write removes the oldest files, while others write and remove files. */
  @Test
  void theOldestFilesAreRemovedWhileOthersWrite() throws Exception {
    FileCache cache = new FileCache(folder, 100);
    ExecutorService writers = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> written = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        String name = "file" + i * 7 % 130;
        written.add(writers.submit(() -> cache.write(name, new byte[] {1})));
      }
      for (Future<?> each : written) {
        each.get();
      }
    } finally {
      writers.shutdown();
    }
    cache.write("last", new byte[] {1});
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(100).contains(folder.resolve("last"));
    }
  }

  @Test
  void headersNeverChangeWhileAnotherCompilerReadsThem() throws Exception {
    Callable<Path> make = () -> HeaderTree.in(folder, Architecture.X86_64, "6.1.0-13-amd64");
    Path tree = make.call();
    Path header = tree.resolve("include/linux/types.h");
    Object inode = Files.getAttribute(header, "unix:ino");
    Object changed = Files.getAttribute(header, "unix:ctime");
    ExecutorService others = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> made = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        made.add(others.submit(make));
      }
      for (Future<Path> each : made) {
        assertThat(each.get()).isEqualTo(tree);
      }
    } finally {
      others.shutdown();
    }
    assertThat(Files.getAttribute(header, "unix:ino")).isEqualTo(inode);
    assertThat(Files.getAttribute(header, "unix:ctime")).isEqualTo(changed);
    assertThat(HeaderTree.in(folder, Architecture.X86_64, "6.12.0-1-amd64")).isNotEqualTo(tree);
  }

  @Test
  void whoMakesTheHeadersAtTheSameTimeLeavesOneTree() throws Exception {
    Callable<Path> make = () -> HeaderTree.in(folder, Architecture.AARCH64, "6.1.0-13-arm64");
    ExecutorService several = Executors.newFixedThreadPool(8);
    try {
      List<Path> made = new ArrayList<>();
      for (Future<Path> each : several.invokeAll(List.of(make, make, make, make, make, make))) {
        made.add(each.get());
      }
      assertThat(made).containsOnly(made.get(0));
    } finally {
      several.shutdown();
    }
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).hasSize(1);
    }
  }
}
