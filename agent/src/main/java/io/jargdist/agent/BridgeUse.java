/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

/** A piece of work that needs a bridge. The bridge is not ended before the use is closed. */
final class BridgeUse implements AutoCloseable {
  private final BridgeUses uses;
  private boolean closed;

  BridgeUse(BridgeUses uses) {
    this.uses = uses;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      uses.closed();
    }
  }
}
