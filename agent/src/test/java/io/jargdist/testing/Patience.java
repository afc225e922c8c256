/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.time.Duration;

/**
 * Says how long tests wait for what must come. Everything takes longer on an emulated processor, so
 * {@code -Djargdist.patience=SECONDS} lengthens it.
 */
public final class Patience {
  private static final int LEAST_SECONDS = Integer.getInteger("jargdist.patience", 0);

  private Patience() {}

  /** Returns whether this machine is so slow that waits have to be longer. */
  public static boolean isAsked() {
    return LEAST_SECONDS > 0;
  }

  public static Duration seconds(int usually) {
    return Duration.ofSeconds(Math.max(usually, LEAST_SECONDS));
  }
}
