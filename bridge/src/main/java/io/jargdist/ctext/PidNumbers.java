/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

/**
 * In which pid namespace a program finds the numbers of processes and threads. What {@code $PID}
 * and {@code $TID} show are always those that the target itself sees.
 */
public enum PidNumbers {
  /** The target lives in the initial namespace. */
  INITIAL,
  /** The target lives in another one, and its number in the initial one is known. */
  INITIAL_AND_OWN,
  /** The target lives in another one, and only its number there is known. */
  OWN
}
