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
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that opens, calls and closes libraries (late_calls.c), by commands from stdin. It prints
 * {@code ready} at the start, and {@code done} after each command.
 *
 * <dl>
 *   <dt>{@code open PATH}
 *   <dd>opens a library
 *   <dt>{@code call TIMES}
 *   <dd>calls its function {@code late} so often
 *   <dt>{@code spin MILLIS FILE}
 *   <dd>calls it for so long, and writes when it was called, in ns since the library was opened
 *   <dt>{@code close}
 *   <dd>closes it
 * </dl>
 */
public final class LateCalls {
  /** How often the constructor of the library calls the function. */
  public static final int CONSTRUCTED = 7;

  private static final String LIBRARY =
      """
      __attribute__((noinline)) int late(int n) {
        __asm__ volatile("" ::: "memory");
        return n + 1;
      }
      int late_too(int n) { return n; }
      __attribute__((constructor)) static void begin(void) {
        for (int i = 0; i < 7; i++) {
          late(i);
        }
      }
      """;

  private LateCalls() {}

  private static native void letter(int at, int letter);

  private static native int open();

  private static native void call(int times);

  private static native int spin(int millis);

  private static native int close();

  /**
   * Starts one.
   *
   * @param folder for what it needs,
   * @param agentOptions null for a JVM without the agent
   * @param prefix words before {@code java}: {@code "unshare", ...}
   */
  public static Target start(Path jdk, Path folder, @Nullable String agentOptions, String... prefix)
      throws Exception {
    Path source = folder.resolve("late_calls.c");
    try (InputStream text = LateCalls.class.getResourceAsStream("/late_calls.c")) {
      Files.copy(text, source);
    }
    Path calls = compiled(source, folder.resolve("libcalls.so"));
    return Target.start(
        jdk,
        agentOptions,
        List.of(
            "-cp", LateCalls.class.getProtectionDomain().getCodeSource().getLocation().getPath()),
        List.of(LateCalls.class.getName(), calls.toString()),
        prefix);
  }

  /** Makes a library with the function {@code late}, which its constructor calls, too. */
  public static Path library(Path made, String... options) throws Exception {
    return compiled(Files.writeString(made.resolveSibling("late.c"), LIBRARY), made, options);
  }

  private static Path compiled(Path source, Path made, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-fPIC", "-shared"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", made.toString(), source.toString(), "-ldl"));
    assertThat(Command.run(command).err()).isEmpty();
    Files.delete(source);
    return made;
  }

  /**
   * @param arguments the library of the calls
   */
  public static void main(String[] arguments) throws IOException {
    System.load(arguments[0]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", -1);
      int failed =
          switch (words[0]) {
            case "open" -> {
              path(words[1]);
              yield open();
            }
            case "call" -> {
              call(Integer.parseInt(words[1]));
              yield 0;
            }
            case "spin" -> {
              path(words[2]);
              yield spin(Integer.parseInt(words[1]));
            }
            case "close" -> close();
            default -> throw new IllegalArgumentException(line);
          };
      System.out.println(failed == 0 ? "done" : "error: " + line);
    }
  }

  private static void path(String path) {
    byte[] bytes = path.getBytes(UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      letter(i, bytes[i]);
    }
    letter(bytes.length, 0);
  }
}
