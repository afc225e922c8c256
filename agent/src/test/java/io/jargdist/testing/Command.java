/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
public final class Command {
  /** Far more than any takes; an emulated processor needs up to forty times as long. */
  private static final Duration LIMIT = Duration.ofSeconds(Patience.isAsked() ? 1800 : 300);

  private Command() {}

  /**
   * @param exit the exit status
   */
  public record Result(int exit, String out, String err) {}

  /** {@code java -jar jargdist.jar ARGUMENTS}. */
  public static Result jargdist(String... arguments) throws IOException, InterruptedException {
    return jargdistBehind(List.of(), arguments);
  }

  public static Result jargdistBehind(List<String> prefix, String... arguments)
      throws IOException, InterruptedException {
    return jargdistBehind(prefix, Target.JAR, arguments);
  }

  /** The same with another copy of the jar. */
  public static Result jargdistBehind(List<String> prefix, Path jar, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(line(jar, arguments));
    return run(command);
  }

  /** The arguments that have a frequency printed once, after a second. */
  public static String[] onceOf(long pid, String specifier) {
    return new String[] {"-p", Long.toString(pid), "-C", specifier, "-i", "1", "-n", "1"};
  }

  /** {@code java -jar jargdist.jar -p PID ARGUMENTS}, which goes on. The caller must end it. */
  public static Process start(Target target, String... arguments) throws IOException {
    return start(Target.JAR, target, arguments);
  }

  /** The same with another copy of the jar. */
  public static Process start(Path jar, Target target, String... arguments) throws IOException {
    return start(jar, target.pid(), arguments);
  }

  /** The same of any process. */
  public static Process start(long pid, String... arguments) throws IOException {
    return start(Target.JAR, pid, arguments);
  }

  private static Process start(Path jar, long pid, String... arguments) throws IOException {
    List<String> command = line(jar, arguments);
    command.addAll(List.of("-p", Long.toString(pid)));
    return new ProcessBuilder(command).start();
  }

  private static List<String> line(Path jar, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Jdks.own().resolve("bin/java").toString());
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  public static Result run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("command", ".out");
    Path err = Files.createTempFile("command", ".err");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end; it printed " + Files.readString(err));
      }
      return new Result(
          process.exitValue(),
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }
}
