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
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes calls of fsync from native_calls.c, which is not Java. The code is a program of its own, or
 * a thread in a JVM that works whatever the JVM does.
 */
public final class NativeCalls implements AutoCloseable {
  private final OutputStream commands;
  private final BufferedReader answers;

  private NativeCalls(OutputStream commands, BufferedReader answers) {
    this.commands = commands;
    this.answers = answers;
  }

  /** Compiles native_calls.c to a program, which prints "ready". */
  public static Path program(Path folder) throws IOException, InterruptedException {
    return compiled(folder.resolve("native-calls"), List.of());
  }

  /** Controls the calls of such a program. */
  public static NativeCalls of(Process program) throws IOException {
    BufferedReader answers = program.inputReader();
    assertThat(answers.readLine()).isEqualTo("ready");
    return new NativeCalls(program.getOutputStream(), answers);
  }

  /**
   * Starts a JVM that makes such calls. It runs {@link Unresponsive}, which takes further commands.
   *
   * @param folder an empty folder for the library and the pipes
   */
  public static Target start(Path jdk, Path folder, List<String> jvmOptions)
      throws IOException, InterruptedException {
    Path library = compiled(folder.resolve("libcalls.so"), List.of("-fPIC", "-shared"));
    for (String pipe : List.of("commands", "answers")) {
      assertThat(Command.run(List.of("mkfifo", pipes(folder) + "." + pipe)).exit()).isZero();
    }
    List<String> options = new ArrayList<>(jvmOptions);
    options.addAll(List.of("-cp", Unresponsive.classes()));
    return Target.start(
        jdk,
        null,
        options,
        List.of(Unresponsive.class.getName(), library.toString()),
        "env",
        "NATIVE_CALLS=" + pipes(folder));
  }

  /** Controls the native calls of a JVM that was started with this folder. */
  public static NativeCalls in(Path folder) throws IOException {
    OutputStream commands = Files.newOutputStream(Path.of(pipes(folder) + ".commands"));
    return new NativeCalls(commands, Files.newBufferedReader(Path.of(pipes(folder) + ".answers")));
  }

  private static String pipes(Path folder) {
    return folder.resolve("pipe").toString();
  }

  private static Path compiled(Path made, List<String> options)
      throws IOException, InterruptedException {
    Path source = made.resolveSibling("native_calls.c");
    try (InputStream text = NativeCalls.class.getResourceAsStream("/native_calls.c")) {
      Files.copy(text, source);
    }
    List<String> command = new ArrayList<>(List.of("gcc", "-pthread"));
    command.addAll(options);
    command.addAll(List.of("-o", made.toString(), source.toString()));
    assertThat(Command.run(command).err()).isEmpty();
    return made;
  }

  /** Makes so many calls, and waits until they are made. */
  public void make(int times) throws IOException {
    commands.write((times + "\n").getBytes(UTF_8));
    commands.flush();
    assertThat(answers.readLine()).isEqualTo("done");
  }

  @Override
  public void close() throws IOException {
    commands.close();
    answers.close();
  }
}
