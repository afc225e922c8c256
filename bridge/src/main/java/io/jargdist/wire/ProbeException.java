/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import io.jargdist.wire.Message.Failure;

/** The other side could not do what it was asked for, and says why in words for people. */
public final class ProbeException extends Exception {
  private static final long serialVersionUID = 1;

  private final Failure.Kind kind;

  public ProbeException(Failure.Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ProbeException(Failure failure) {
    this(failure.kind(), failure.message());
  }

  /** Returns the failure of a message that is not a request. */
  public static ProbeException notARequest(Message message) {
    return new ProbeException(Failure.Kind.INTERNAL, "not a request: " + message);
  }

  public Failure.Kind kind() {
    return kind;
  }
}
