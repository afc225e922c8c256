/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import java.util.concurrent.ThreadFactory;

/**
 * Makes the threads of a bridge, which do not keep its process alive.
 *
 * @param name of each of them
 */
record DaemonFactory(String name) implements ThreadFactory {
  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
