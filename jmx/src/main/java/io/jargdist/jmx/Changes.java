/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.lang.System.Logger.Level;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether JMX clients may change something, remembers who does it, and writes a line into
 * the application's log for each change and each refusal. Thread-safe.
 *
 * <p>The log must not be touched before the application has chosen its log manager; our MBeans are
 * not there before.
 */
final class Changes {
  interface Action {
    @Nullable Object run();
  }

  private static final String NOBODY_OF_JMX = "local";

  private final Supplier<Control> control;
  private final BiConsumer<String, String> onRefused;

  @SuppressWarnings("ThreadLocalUsage") // One object a JVM, and no static state.
  private final ThreadLocal<Caller> caller = new ThreadLocal<>();

  /**
   * @param onRefused gets what was asked for, and why it is refused
   */
  Changes(Supplier<Control> control, BiConsumer<String, String> onRefused) {
    this.control = control;
    this.onRefused = onRefused;
  }

  /**
   * Carries out an operation that changes something, called on this thread.
   *
   * @param asked what is asked for, as the client has written it
   * @throws SecurityException if the caller may not
   */
  @Nullable Object carryOut(String asked, Action action) {
    String what = LogText.of(asked);
    Caller current = Caller.current();
    String refusal = control.get().refusal(current);
    caller.set(current);
    try {
      if (refusal != null) {
        onRefused.accept(what, refusal);
        log(Level.WARNING, "refused: " + what + " (" + refusal + ")");
        throw new SecurityException(refusal);
      }
      Object answer = action.run();
      log(Level.INFO, what);
      return answer;
    } catch (IllegalArgumentException | IllegalStateException e) {
      log(Level.INFO, "failed: " + what + " (" + firstLine(e) + ")");
      throw e;
    } finally {
      caller.remove();
    }
  }

  /** Returns the caller for whom this thread works. */
  String who() {
    Caller current = caller.get();
    return current == null ? NOBODY_OF_JMX : LogText.of(current.toString());
  }

  private void log(Level level, String text) {
    try {
      System.getLogger("io.jargdist").log(level, "jargdist: " + who() + ": " + text);
    } catch (RuntimeException | LinkageError e) {
      // The application's logging is at fault; nothing of ours.
    }
  }

  private static String firstLine(Exception e) {
    return LogText.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
  }
}
