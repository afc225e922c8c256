/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process that maps files to run code from, whatever is in them: mapper.c. */
public final class Mapper implements AutoCloseable {
  private static @Nullable Path program;

  private final Process process;
  private final BufferedReader answers;

  private Mapper(Process process) {
    this.process = process;
    this.answers = process.inputReader();
  }

  /**
   * @param prefix words before the program: {@code "setpriv", ...}
   * @param files what it maps
   */
  public static Mapper start(List<String> prefix, Path... files) throws Exception {
    List<String> command = new ArrayList<>(prefix);
    command.add(program().toString());
    for (Path file : files) {
      command.add(file.toString());
    }
    Mapper mapper =
        new Mapper(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    assertThat(mapper.answers.readLine()).as("%s", command).isEqualTo("ready");
    return mapper;
  }

  /** Returns the compiled mapper.c, which all users may run. */
  public static synchronized Path program() throws Exception {
    if (program == null) {
      Path folder = Files.createTempDirectory("mapper");
      Path source = folder.resolve("mapper.c");
      Path compiled = folder.resolve("mapper");
      try (InputStream text = Mapper.class.getResourceAsStream("/mapper.c")) {
        Files.copy(text, source);
      }
      Command.Result result =
          Command.run(List.of("gcc", "-o", compiled.toString(), source.toString()));
      assertThat(result.err()).isEmpty();
      Files.delete(source);
      folder.toFile().setExecutable(true, false);
      folder.toFile().setReadable(true, false);
      compiled.toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      program = compiled;
    }
    return program;
  }

  /** The process is the program itself: setpriv and setsid execute it in their place. */
  public long pid() {
    return process.pid();
  }

  /** Puts another file to the addresses of the one that was mapped last. */
  public void swap(Path file) throws IOException {
    assertThat(run("swap " + file)).isEmpty();
  }

  /** The byte that the processor sees at an offset of the file that was mapped last. */
  public int byteAt(long offset) throws IOException {
    return Integer.parseInt(run("byte " + offset).get(0));
  }

  private List<String> run(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
    List<String> answer = new ArrayList<>();
    for (String line = answers.readLine(); !"done".equals(line); line = answers.readLine()) {
      assertThat(line).isNotNull();
      answer.add(line);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    answers.close();
  }
}
