/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.nio.file.Path;
import java.util.List;

/** Knows where tracefs may be mounted: in its own place, or in that of kernels before 4.1. */
public final class Tracefs {
  /** The places, in the order in which to try them. */
  public static final List<Path> MOUNTS =
      List.of(Path.of("/sys/kernel/tracing"), Path.of("/sys/kernel/debug/tracing"));

  private Tracefs() {}
}
