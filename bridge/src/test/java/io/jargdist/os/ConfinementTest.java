/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.child.ChildJvm;
import io.jargdist.child.PrivateDirectory;
import io.jargdist.compile.CompilerMain;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.ProgramImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what an attacker in a child can do, by its effects. Needs root. */
class ConfinementTest {
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String TEXT =
      """
      BPF_F_TABLE("hash", u64, u64, counts, 100, 0);
      int first(void *ctx) {
        u64 key = bpf_get_current_pid_tgid();
        u64 *n = counts.lookup(&key);
        if (n) __sync_fetch_and_add(n, 1);
        return 0;
      }
      """;

  @BeforeEach
  void root() throws IOException {
    assertThat(ProcessStatus.of("self").effectiveUid()).isZero();
  }

  @Test
  void whoeverTakesTheCompilerOverCanMakeTablesOnly(@TempDir Path folder) throws Exception {
    assertThat(worked("confined", ProcessBuilder::start, folder)).containsExactly("table");
    assertThat(worked("confined", Confinement::start, folder)).containsExactly("table");
    assertThat(worked("free", ProcessBuilder::start, folder))
        .containsExactly(
            "exec", "shadow", "memory", "file", "network", "ptrace", "unshare", "fork", "program",
            "root", "table", "kill");
  }

  /** Returns what has worked, by the child's own words and by its effects. */
  private static List<String> worked(String mode, ChildJvm.Launcher launcher, Path folder)
      throws Exception {
    Process victim = new ProcessBuilder("sleep", "600").start();
    try {
      List<String> worked = worked(mode, launcher, folder.resolve(mode), victim.pid());
      assertThat(victim.waitFor(worked.contains("kill") ? 60 : 0, TimeUnit.SECONDS))
          .isEqualTo(worked.contains("kill"));
      return worked;
    } finally {
      victim.destroyForcibly();
    }
  }

  private static List<String> worked(
      String mode, ChildJvm.Launcher launcher, Path file, long victim) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ChildJvm child =
            ChildJvm.start(
                new ChildJvm.Options(
                    "hostile",
                    JAVA_HOME,
                    64,
                    List.of(),
                    Map.of(),
                    HostileChild.class.getName(),
                    List.of(
                        mode,
                        Long.toString(victim),
                        Integer.toString(server.getLocalPort()),
                        file.toString())),
                launcher,
                PATIENCE)) {
      BufferedReader answers =
          new BufferedReader(Channels.newReader(child.channel(), StandardCharsets.UTF_8));
      List<String> worked = Arrays.asList(answers.readLine().split(" "));
      assertThat(Files.exists(file)).isEqualTo(worked.contains("file"));
      server.setSoTimeout(worked.contains("network") ? 60_000 : 1);
      try {
        server.accept().close();
        assertThat(worked).contains("network");
      } catch (SocketTimeoutException e) {
        assertThat(worked).doesNotContain("network");
      }
      return worked;
    }
  }

  @Test
  void compilerIsNobodyWithOneCapabilityOnOneThread() throws Exception {
    try (CompilerProcess compiler = new CompilerProcess(JAVA_HOME, PATIENCE, PATIENCE)) {
      ProgramImage image = compiler.compile(TEXT);
      assertThat(image.programs()).hasSize(1);
      ByteBuffer code = ByteBuffer.wrap(HexFormat.of().parseHex("554889e5c3"));
      assertThat(compiler.disassemble(code, 0)).hasSize(3);
      long pid = requireNonNull(compiler.childPid());
      List<Long> capabilities = new ArrayList<>();
      try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
        for (Path task : tasks.toList()) {
          String status = Files.readString(task.resolve("status"));
          assertThat(status)
              .contains("Uid:\t65534\t65534\t65534\t65534\n")
              .contains("Gid:\t65534\t65534\t65534\t65534\n")
              .contains("Groups:\t \n")
              .contains("NoNewPrivs:\t1\n")
              .contains("Seccomp:\t2\n");
          ProcessStatus thread = ProcessStatus.of(pid + "/task/" + task.getFileName());
          if (thread.permitted() != 0) {
            capabilities.add(thread.permitted());
          }
        }
      }
      assertThat(capabilities).containsExactly(1L << 39);
      String limits = Files.readString(Path.of("/proc/" + pid + "/limits"));
      assertThat(limits)
          .containsPattern("Max core file size +0 +0 ")
          .containsPattern("Max file size +1048576 +1048576 ")
          .containsPattern("Max open files +256 +256 ")
          .containsPattern("Max address space +\\d+ +\\d+ ");
    }
  }

  /** So a compiler whose parent is stopped does not work for ever. */
  @Test
  void taskThatTakesTooLongEndsTheCompilerFromInside() throws Exception {
    try (CompilerProcess compiler = new CompilerProcess(JAVA_HOME, PATIENCE, PATIENCE)) {
      // This writes the headers.
      compiler.compile(TEXT);
    }
    Path headers;
    try (Stream<Path> trees = Files.list(PrivateDirectory.subdirectory("headers"))) {
      headers =
          trees.filter(tree -> Files.exists(tree.resolve("include"))).findFirst().orElseThrow();
    }
    try (ChildJvm child =
        ChildJvm.start(
            new ChildJvm.Options(
                "compiler",
                JAVA_HOME,
                64,
                List.of(),
                Map.of(),
                CompilerMain.class.getName(),
                List.of(headers.toString(), "1")),
            Confinement::start,
            PATIENCE)) {
      StringBuilder bomb = new StringBuilder("#define A0 x x x x x x x x x x\n");
      for (int i = 1; i < 10; i++) {
        bomb.append("#define A").append(i).append((" A" + (i - 1)).repeat(10)).append("\n");
      }
      byte[] text = bomb.append("A9\n").toString().getBytes(StandardCharsets.UTF_8);
      ByteBuffer request = ByteBuffer.allocate(5 + text.length);
      child.channel().write(request.put((byte) 0).putInt(text.length).put(text).flip());
      assertThat(child.awaitExit(PATIENCE)).isEqualTo(128 + 14);
    }
  }
}
