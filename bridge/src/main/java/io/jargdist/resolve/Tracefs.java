/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.nio.file.Path;
import java.util.List;

/** Where tracefs is mounted, if it is: in its own place, or in that of kernels before 4.1. */
public final class Tracefs {
  /** In the order in which they are to be tried. */
  public static final List<Path> MOUNTS =
      List.of(Path.of("/sys/kernel/tracing"), Path.of("/sys/kernel/debug/tracing"));

  private Tracefs() {}
}
