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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that makes calls that are hard to count, those of hard_calls.c, as it is told on stdin:
 * {@code COMMAND TIMES OPERAND THREADS}, where what is left out is 0. It prints {@code ready}, and
 * {@code done} after each command. Without THREADS the calls are made by the main thread.
 */
public final class HardCalls {
  /** The first ones in the order of the numbers in hard_calls.c. */
  private enum Call {
    /** THREADS threads at once call hard_call TIMES times each, with 0 to OPERAND - 1 in turn. */
    CALL,
    /**
     * hard_recursion is called TIMES times, goes OPERAND calls deeper, and sleeps THREADS us in
     * each.
     */
    RECURSE,
    /** TIMES times hard_jump is left by longjmp, OPERAND calls deeper; hard_call after each. */
    JUMP,
    /** TIMES times THREADS threads end inside hard_exit. */
    EXIT,
    /** THREADS threads are inside hard_meeting(OPERAND) at once. */
    MEET,
    /** TIMES times hard_text with "end", with text that runs into nothing, and with nothing. */
    TEXT,
    /** A child calls hard_call TIMES times: by fork if OPERAND is 0, else by vfork. */
    CHILD,
    /** TIMES times THREADS new threads call hard_call(0) and end. */
    LIVE,
    /** lseek(-1, 4099, SEEK_SET) TIMES times. */
    SEEK,
    /** The main thread allocates and frees OPERAND bytes TIMES times. */
    ALLOCATE,
    /**
     * THREADS threads at once make TIMES pairs of calls each: of keys of their own, with a system
     * call and a USDT probe between them if OPERAND is 0; begun and ended twice if it is -1; not
     * ended if it is -2; else of OPERAND keys that all threads have.
     */
    PAIR,
    /** TIMES children are forked that stay OPERAND seconds, with all that the JVM has open. */
    LEAVE,
    /** TIMES times an exception leaves hard_throw, OPERAND calls deeper. */
    THROW,
    /** The main thread parks TIMES times for a moment. */
    PARK,
    /** The main thread waits TIMES times, and each wait ends with InterruptedException. */
    INTERRUPT
  }

  private static @Nullable Path library;

  private HardCalls() {}

  private static native int run(int what, long times, long operand, long threads);

  /**
   * Starts one.
   *
   * @param agentOptions null for a JVM without the agent
   * @param prefix words before {@code java}: {@code "unshare", ...}
   */
  public static Target start(Path jdk, @Nullable String agentOptions, String... prefix)
      throws IOException {
    return Target.start(
        jdk,
        agentOptions,
        List.of("-cp", classes()),
        List.of(HardCalls.class.getName(), library().toString()),
        prefix);
  }

  /** Allocates and frees so many bytes so many times, in a JVM that has loaded the library. */
  static void allocate(long times, long bytes) {
    run(Call.ALLOCATE.ordinal(), times, bytes, 0);
  }

  static String classes() {
    return HardCalls.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /** hard_calls.c, compiled. */
  public static synchronized Path library() throws IOException {
    if (library == null) {
      Path folder = Files.createTempDirectory("hard-calls");
      Path source = folder.resolve("hard_calls.c");
      Path compiled = folder.resolve("libhard.so");
      try (InputStream text = HardCalls.class.getResourceAsStream("/hard_calls.c")) {
        Files.copy(text, source);
        Command.Result result =
            Command.run(
                List.of(
                    "gcc",
                    "-O0",
                    "-fPIC",
                    "-shared",
                    "-pthread",
                    "-o",
                    compiled.toString(),
                    source.toString()));
        assertThat(result.err()).isEmpty();
      } catch (InterruptedException e) {
        throw new IOException(e);
      } finally {
        Files.deleteIfExists(source);
        compiled.toFile().deleteOnExit();
        folder.toFile().deleteOnExit();
      }
      library = compiled;
    }
    return library;
  }

  /**
   * @param arguments the library
   */
  public static void main(String[] arguments) throws IOException {
    System.load(arguments[0]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", -1);
      long[] numbers = new long[3];
      for (int i = 1; i < words.length; i++) {
        numbers[i - 1] = Long.parseLong(words[i]);
      }
      Call call = Call.valueOf(words[0].toUpperCase(Locale.ROOT));
      boolean done =
          switch (call) {
            case PARK -> park(numbers[0]);
            case INTERRUPT -> interrupt(numbers[0]);
            default -> run(call.ordinal(), numbers[0], numbers[1], numbers[2]) == 0;
          };
      System.out.println(done ? "done" : "no more threads");
    }
  }

  private static boolean park(long times) {
    for (long i = 0; i < times; i++) {
      LockSupport.parkNanos(1000);
    }
    return true;
  }

  @SuppressWarnings("WaitNotInLoop") // The call counts, not what ended it.
  private static boolean interrupt(long times) {
    long interrupted = 0;
    Object monitor = new Object();
    synchronized (monitor) {
      for (long i = 0; i < times; i++) {
        Thread.currentThread().interrupt();
        try {
          monitor.wait(7);
        } catch (InterruptedException e) {
          interrupted++;
        }
      }
    }
    return interrupted == times;
  }
}
