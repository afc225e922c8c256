/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.cli.Output.Control;
import io.jargdist.os.Terminal;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.TimeUnit;

/**
 * Says on stderr, if that is a terminal, what takes longer than a second: one line, which goes
 * again. Thread-safe.
 */
final class Progress implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PERIOD = Duration.ofMillis(250);

  private final Output err;
  private final Timer timer = new Timer("progress", true);
  private String step = "";
  private long began;
  private boolean shown;

  private Progress(Output err) {
    this.err = err;
  }

  static Progress start() {
    Progress progress = new Progress(Output.STDERR);
    if (Terminal.sizeOf(Terminal.STDERR) != null) {
      TimerTask show =
          new TimerTask() {
            @Override
            public void run() {
              progress.show();
            }
          };
      progress.timer.schedule(show, PERIOD.toMillis(), PERIOD.toMillis());
    }
    return progress;
  }

  /** Says what is done from now on. */
  synchronized void step(String what) {
    clear();
    step = what;
    began = System.nanoTime();
  }

  /** Nothing is done any more that would take long. */
  synchronized void clear() {
    if (shown) {
      err.control(Control.START_OF_LINE).control(Control.CLEAR_LINE);
      err.flush();
    }
    shown = false;
    step = "";
  }

  private synchronized void show() {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    Terminal.Size size = Terminal.sizeOf(Terminal.STDERR);
    if (!step.isEmpty() && seconds >= PATIENCE.toSeconds() && size != null) {
      String line = err.visible("jargdist: " + step + " ... " + seconds + " s");
      err.control(Control.START_OF_LINE).control(Control.CLEAR_LINE);
      err.part(line.substring(0, Math.min(line.length(), size.columns() - 1)));
      err.flush();
      shown = true;
    }
  }

  @Override
  public void close() {
    timer.cancel();
    clear();
  }
}
