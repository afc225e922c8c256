/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs with the real libbcc and its LLVM. */
class BatchingCompilerTest {
  private static final int TEXTS = 11;

  private final CompilerProcess process =
      new CompilerProcess(
          Path.of(System.getProperty("java.home")), Duration.ofSeconds(30), Duration.ofSeconds(60));
  private final ExecutorService threads = Executors.newFixedThreadPool(TEXTS + 1);
  private final List<String> compiled = new ArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch rest = new CountDownLatch(1);

  /** Holds the first text back until all others wait. */
  private final BatchingCompiler compiler =
      new BatchingCompiler(
          text -> {
            compiled.add(text);
            first.countDown();
            try {
              rest.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return process.compile(text);
          });

  @AfterEach
  void close() {
    threads.shutdownNow();
    process.close();
  }

  /** Texts define the same names, and each has its own tables and programs. */
  private static String text(int number) {
    return String.format(
        Locale.ROOT,
        """
        #include <uapi/linux/ptrace.h>
        #define STEP %1$d
        struct cell { u64 count; u64 sum[%1$d]; };
        BPF_F_TABLE("array", u32, struct cell, cells, %1$d, 1024);
        BPF_F_TABLE("hash", u64, u64, counts, 100, 0);
        static __always_inline u64 step(u64 value) {
          return value * STEP;
        }
        int probe(struct pt_regs *ctx) {
          u32 zero = 0;
          struct cell *cell = cells.lookup(&zero);
          if (cell) __sync_fetch_and_add(&cell->count, step(ctx->sp));
          u64 key = ctx->ip;
          u64 *n = counts.lookup(&key);
          if (n) __sync_fetch_and_add(n, 1);
          return 0;
        }
        """,
        number);
  }

  private List<Future<ProgramImage>> compileTogether(List<String> texts) throws Exception {
    List<Future<ProgramImage>> results = new ArrayList<>();
    results.add(threads.submit(() -> compiler.compile(text(1))));
    first.await();
    for (String text : texts) {
      results.add(threads.submit(() -> compiler.compile(text)));
    }
    await().until(() -> compiler.waiting() == texts.size());
    rest.countDown();
    return results;
  }

  @Test
  void textsThatWaitAreCompiledTogetherToWhatEachIsAlone() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int number = 2; number <= TEXTS; number++) {
      texts.add(text(number));
    }
    List<Future<ProgramImage>> results = compileTogether(texts);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).get()).isEqualTo(process.compile(text(i + 1)));
    }
    assertThat(compiled).hasSize(2);
  }

  @Test
  void aWrongTextFailsAlone() throws Exception {
    List<Future<ProgramImage>> results =
        compileTogether(List.of(text(2), text(3).replace("ctx->sp", "ctx->nothing"), text(4)));
    assertThat(results.get(1).get()).isEqualTo(process.compile(text(2)));
    assertThat(results.get(3).get()).isEqualTo(process.compile(text(4)));
    assertThatThrownBy(() -> results.get(2).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CompileException.class)
        .hasMessageContaining("no member named 'nothing'");
    assertThat(compiled).hasSize(5);
  }
}
