/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Command;
import io.jargdist.testing.Target;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Calls of the kernel's {@code fifo_open} that are all in flight at the same time: a thread that
 * opens a pipe waits in there until another one opens its other end.
 */
final class WaitingCalls {
  /** A thread's file {@code syscall} in /proc begins with this while it is in this call. */
  private static final String OPENAT = "257 ";

  private WaitingCalls() {}

  /**
   * Makes them, and returns when the threads that made them have ended, after which the kernel has
   * noticed all that they missed. The call that ends the wait is one more, of this process.
   */
  static void meet(Target jvm, int calls, Path folder) throws Exception {
    Path pipe = folder.resolve("pipe-" + calls);
    assertThat(Command.run(List.of("mkfifo", pipe.toString())).err()).isEmpty();
    CompletableFuture<Void> opened = CompletableFuture.runAsync(() -> open(jvm, pipe, calls));
    await().until(() -> opened.isDone() || callers(jvm, OPENAT) == calls);
    new FileOutputStream(pipe.toFile()).close();
    opened.join();
    await().until(() -> callers(jvm, "") == 0);
  }

  private static void open(Target jvm, Path file, int threads) {
    try {
      jvm.run("open 1 " + file + " " + threads);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the number of threads that make calls.
   *
   * @param state with which their file {@code syscall} in /proc begins
   */
  private static int callers(Target jvm, String state) throws IOException {
    int found = 0;
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + jvm.pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        try {
          if (Files.readString(task.resolve("comm")).startsWith("caller-")
              && Files.readString(task.resolve("syscall")).startsWith(state)) {
            found++;
          }
        } catch (IOException e) {
          // It has ended meanwhile.
        }
      }
    }
    return found;
  }
}
