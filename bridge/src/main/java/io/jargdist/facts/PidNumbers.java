/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

/**
 * The pid namespace in which a program finds the numbers of processes and threads. {@code $PID} and
 * {@code $TID} always show the numbers that the target itself sees.
 */
public enum PidNumbers {
  /** The target lives in the initial namespace. */
  INITIAL,
  /** The target lives in another one, and its number in the initial one is known. */
  INITIAL_AND_OWN,
  /** The target lives in another one, and only its number there is known. */
  OWN
}
