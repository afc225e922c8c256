/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.child.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with the real libbcc and its LLVM. */
class CompilerProcessTest {
  private static final String GOOD =
      """
      #include <uapi/linux/ptrace.h>
      struct cell { u64 count; u64 sum; };
      BPF_F_TABLE("array", u32, struct cell, cells, 4, 1024);
      BPF_F_TABLE("hash", u64, u64, counts, 100, 0);
      int first(struct pt_regs *ctx) {
        u32 cpu = bpf_get_smp_processor_id();
        struct cell *cell = cells.lookup(&cpu);
        if (cell) __sync_fetch_and_add(&cell->count, ctx->sp);
        return 0;
      }
      int second(struct pt_regs *ctx) {
        u64 key = bpf_get_current_pid_tgid();
        u64 *n = counts.lookup(&key);
        if (n) __sync_fetch_and_add(n, 1);
        return 0;
      }
      """;

  /** LLVM's BPF back-end has no signed division, and ends its process over one. */
  private static final String ABORTING =
      """
      #include <uapi/linux/ptrace.h>
      BPF_F_TABLE("hash", u64, u64, counts, 100, 0);
      int first(struct pt_regs *ctx) {
        u64 key = (int)ctx->sp / (int)ctx->ip;
        u64 *n = counts.lookup(&key);
        if (n) __sync_fetch_and_add(n, 1);
        return 0;
      }
      """;

  private final CompilerProcess compiler =
      new CompilerProcess(
          Path.of(System.getProperty("java.home")), Duration.ofSeconds(30), Duration.ofSeconds(30));

  @AfterEach
  void close() {
    compiler.close();
  }

  @Test
  void programsAndTablesComeBackWithoutFileDescriptors() throws Exception {
    ProgramImage image = compiler.compile(GOOD);
    assertThat(image.programs())
        .extracting(ProgramImage.Program::name)
        .containsExactly("first", "second");
    assertThat(image.tables())
        .containsExactlyInAnyOrder(
            new ProgramImage.Table("cells", 2, 4, 16, 4, 1024),
            new ProgramImage.Table("counts", 1, 8, 8, 100, 0));
    for (ProgramImage.Program program : image.programs()) {
      assertThat(program.relocations()).hasSize(1);
      int at = program.relocations().get(0).instruction() * 8;
      assertThat(program.code().getInt(at + 4)).isZero();
    }
    assertThat(ProgramImage.decode(image.encode())).isEqualTo(image);
  }

  /** LLVM 14 aborts, and LLVM 19 exits. */
  @Test
  void textThatEndsLlvmIsAnErrorAndTheNextOneCompiles() throws Exception {
    assertThatThrownBy(() -> compiler.compile(ABORTING))
        .isInstanceOf(CompileException.class)
        .satisfiesAnyOf(
            error -> assertThat(error).hasMessageContainingAll("SIGABRT", "LLVM ERROR"),
            error ->
                assertThat(error)
                    .hasMessageContainingAll("exited with 1", "unsupported signed division"));
    assertThat(compiler.compile(GOOD).programs()).hasSize(2);
  }

  @Test
  void textThatIsWrongIsAnErrorWithClangsWords() {
    assertThatThrownBy(() -> compiler.compile(GOOD.replace("ctx->sp", "ctx->nothing")))
        .isInstanceOf(CompileException.class)
        .hasMessageContaining("no member named 'nothing'");
  }

  @Test
  void killedCompilerIsReplaced() throws Exception {
    compiler.compile(GOOD);
    ProcessHandle child = ProcessHandle.of(requireNonNull(compiler.childPid())).orElseThrow();
    child.destroyForcibly();
    await().until(() -> !child.isAlive());
    assertThat(compiler.compile(GOOD).programs()).hasSize(2);
  }

  /** The command for which it is started may end before it is there. */
  @Test
  void aCompilerThatIsStillBeingStartedLeavesNothing() throws Exception {
    Set<Path> before = temporaryFolders();
    compiler.prepare();
    // Where processes start fast, the folder is there for less than a tenth of a second.
    Set<Path> made =
        await()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .until(
                () -> {
                  Set<Path> folders = temporaryFolders();
                  folders.removeAll(before);
                  return folders;
                },
                folders -> !folders.isEmpty());
    compiler.close();
    await().until(() -> made.stream().noneMatch(Files::exists));
    assertThat(compiler.childPid()).isNull();
  }

  private static Set<Path> temporaryFolders() throws IOException {
    try (Stream<Path> files = Files.list(PrivateDirectory.find())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(PrivateDirectory.TEMPORARY))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void aPreparedCompilerIsTheOneThatCompiles() throws Exception {
    compiler.prepare();
    compiler.prepare();
    assertThat(compiler.compile(GOOD).programs()).hasSize(2);
    Long prepared = compiler.childPid();
    compiler.prepare();
    compiler.compile(GOOD);
    assertThat(compiler.childPid()).isEqualTo(prepared);
  }

  @Test
  void idleCompilerGoesAndLeavesNothing() throws Exception {
    try (CompilerProcess shortLived =
        new CompilerProcess(
            Path.of(System.getProperty("java.home")),
            Duration.ofMillis(100),
            Duration.ofSeconds(30))) {
      shortLived.compile(GOOD);
      await().until(() -> shortLived.childPid() == null);
      assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  @Test
  void knownTextIsNotCompiledAgain(@TempDir Path folder) throws Exception {
    CachingCompiler caching = new CachingCompiler(compiler, folder);
    ProgramImage image = caching.compile(GOOD);
    compiler.close();
    CachingCompiler other =
        new CachingCompiler(
            text -> {
              throw new AssertionError(text);
            },
            folder);
    assertThat(other.compile(GOOD)).isEqualTo(image);
  }

  @Test
  void brokenCacheFileIsCompiledAgain(@TempDir Path folder) throws Exception {
    CachingCompiler caching = new CachingCompiler(compiler, folder);
    ProgramImage image = caching.compile(GOOD);
    List<Path> files = files(folder);
    assertThat(files).hasSize(1);
    byte[] content = Files.readAllBytes(files.get(0));
    content[content.length / 2] ^= 1;
    Files.write(files.get(0), content);
    assertThat(caching.compile(GOOD)).isEqualTo(image);
    assertThat(
            new FileCache(folder, 1)
                .read(files.get(0).getFileName().toString(), ProgramImage::decode))
        .isEqualTo(image);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
