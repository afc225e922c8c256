/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.jfr;

import io.jargdist.wire.Daemon;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;

/**
 * Follows the recordings of this JVM. The classes of our events are not loaded before the first
 * one: that takes up to a second.
 *
 * <p>Flight Recorder calls on its own threads, and makes its own events there, too. The bridge is
 * asked on a thread of ours, and waited for only so long; an interval that takes longer is a longer
 * one.
 */
final class RecordingListener implements FlightRecorderListener {
  private static final int PATIENCE_MILLIS = 500;
  private static final int THREAD_IDLE_SECONDS = 5;

  private final Intervals intervals;
  private final ThreadPoolExecutor reader =
      new ThreadPoolExecutor(
          1,
          1,
          THREAD_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> Daemon.thread("jargdist-flight-recorder", task));

  private RecordingListener(Intervals intervals) {
    this.intervals = intervals;
    reader.allowCoreThreadTimeOut(true);
  }

  static void start(Intervals intervals) {
    if (FlightRecorder.isAvailable()) {
      FlightRecorder.addListener(new RecordingListener(intervals));
    }
  }

  @Override
  public void recorderInitialized(FlightRecorder recorder) {
    FlightRecorder.register(LossEvent.class);
    FlightRecorder.addPeriodicEvent(
        HistogramBucketEvent.class, () -> emit(intervals::emitHistograms));
    FlightRecorder.addPeriodicEvent(FrequencyEvent.class, () -> emit(intervals::emitFrequencies));
    FlightRecorder.addPeriodicEvent(SumEvent.class, () -> emit(intervals::emitSums));
    FlightRecorder.addPeriodicEvent(ProbeEvent.class, () -> emit(intervals::emitAll));
    follow(recorder);
  }

  @Override
  public void recordingStateChanged(Recording recording) {
    follow(FlightRecorder.getFlightRecorder());
  }

  /** Called before a recording's start returns, and after its last chunk is written. */
  private void follow(FlightRecorder recorder) {
    boolean running =
        recorder.getRecordings().stream().anyMatch(r -> r.getState() == RecordingState.RUNNING);
    if (running) {
      read(intervals::begin);
    } else {
      intervals.end();
    }
  }

  private void emit(Runnable task) {
    // A task that still waits will find all that this one would.
    if (reader.getQueue().size() < 2) {
      read(task);
    }
  }

  private void read(Runnable task) {
    Future<?> done = reader.submit(task);
    try {
      done.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // It goes on without us.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
