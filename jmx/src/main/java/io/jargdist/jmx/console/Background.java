/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import javax.swing.SwingWorker;

/** Work that waits for the JVM, off the event thread. */
final class Background {
  private Background() {}

  /**
   * Starts it.
   *
   * @param onResult gets what it returns, on the event thread
   * @param onFailure gets what it threw, on the event thread
   */
  static <T> void run(Callable<T> work, Consumer<T> onResult, Consumer<Throwable> onFailure) {
    worker(work, onResult, onFailure).execute();
  }

  /** Returns the worker of {@link #run} without starting it. */
  static <T> SwingWorker<T, Void> worker(
      Callable<T> work, Consumer<T> onResult, Consumer<Throwable> onFailure) {
    return new SwingWorker<>() {
      @Override
      protected T doInBackground() throws Exception {
        return work.call();
      }

      @Override
      protected void done() {
        T result;
        try {
          result = get();
        } catch (ExecutionException e) {
          onFailure.accept(e.getCause() == null ? e : e.getCause());
          return;
        } catch (CancellationException e) {
          return;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        onResult.accept(result);
      }
    };
  }
}
