/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log with group commit: one thread forces to the disk whatever has been appended
 * since it last did, and those who appended wait for it. Any thread may append.
 */
final class OrderLog implements Closeable {
  private static final int TAIL_BYTES = 4096;

  private final Path path;
  private final FileOutputStream out;
  private final Thread committer = new Thread(this::commitUntilClosed, "order-log-committer");

  // Guarded by this. Orders are numbered from 1; those up to `committed` are on the disk.
  private long appended;
  private long committed;
  private boolean closed;
  private @Nullable IOException failure;

  private OrderLog(Path path) throws IOException {
    this.path = path;
    out = new FileOutputStream(path.toFile(), true);
  }

  static OrderLog open(Path path) throws IOException {
    OrderLog log = new OrderLog(path);
    log.committer.start();
    return log;
  }

  /** Returns the number of the order once it is on the disk. */
  synchronized long append(String order) throws IOException, InterruptedException {
    long number = appended + 1;
    out.write((number + " " + order + "\n").getBytes(UTF_8));
    appended = number;
    notifyAll();
    while (committed < number && failure == null) {
      wait();
    }
    if (failure != null) {
      throw new IOException("order " + number + " may be lost", failure);
    }
    return number;
  }

  /** Returns the end of the log. */
  byte[] tail() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(file.length(), TAIL_BYTES)];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      return tail;
    }
  }

  /** Commits what was appended; later orders fail. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      committer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.close();
  }

  private void commitUntilClosed() {
    try {
      for (long number = nextToCommit(); number > 0; number = nextToCommit()) {
        out.getFD().sync();
        synchronized (this) {
          committed = number;
          notifyAll();
        }
      }
    } catch (IOException e) {
      fail(e);
    } catch (InterruptedException e) {
      fail(new IOException("interrupted", e));
    }
  }

  /** Waits for orders; the highest number that waits for the disk, 0 if the log is closed. */
  private synchronized long nextToCommit() throws InterruptedException {
    while (appended == committed && !closed) {
      wait();
    }
    return appended == committed ? 0 : appended;
  }

  private synchronized void fail(IOException e) {
    failure = e;
    notifyAll();
  }
}
