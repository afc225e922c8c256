/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Owns what is to be closed when a command ends, in reverse order: by itself, or by SIGINT, SIGTERM
 * or SIGHUP, after which the exit status is 0 as argdist's is. Thread-safe.
 */
final class Ending implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread hook = new Thread(this::signalled, "jargdist-end");
  private volatile boolean signalled;
  private volatile boolean begun;

  Ending() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Takes it over.
   *
   * @throws IllegalStateException after the end, and then the resource is closed
   */
  synchronized <T extends AutoCloseable> T owns(T resource) {
    open.push(resource);
    if (begun) {
      closeAll();
      throw new IllegalStateException("this command has ended");
    }
    return resource;
  }

  /** Returns whether this command ends, so that failures are its consequences. */
  boolean hasBegun() {
    return begun;
  }

  /** Returns whether a signal ends this process, so that failures are its consequences. */
  boolean isSignalled() {
    return signalled;
  }

  private void signalled() {
    signalled = true;
    closeAll();
    Runtime.getRuntime().halt(ExitStatus.OK);
  }

  private synchronized void closeAll() {
    begun = true;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        // The others are to be closed all the same.
      }
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal was faster; it closes everything, and this process ends.
      return;
    }
    closeAll();
  }
}
