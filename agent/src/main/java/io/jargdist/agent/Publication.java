/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

/**
 * The state of a probe's MBean. A probe may be removed while its MBean is being registered, which
 * calls listeners of the application. Then the thread that registers it withdraws it afterwards. So
 * no thread waits, and no MBean is left. Thread-safe.
 */
final class Publication {
  private boolean busy;
  private boolean published;
  private boolean removed;

  /** Answers whether the caller shall register the MBean, and then call {@link #done}. */
  synchronized boolean begin() {
    if (removed || busy || published) {
      return false;
    }
    busy = true;
    return true;
  }

  /**
   * The caller has tried to register the MBean.
   *
   * @return whether the probe was removed meanwhile: then the caller has to withdraw the MBean
   */
  synchronized boolean done(boolean registered) {
    busy = false;
    published = registered;
    return removed;
  }

  /**
   * The probe is removed.
   *
   * @return whether the caller has to withdraw the MBean; otherwise another thread does it
   */
  synchronized boolean remove() {
    removed = true;
    return !busy;
  }
}
