/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.nio.file.Path;
import java.time.Duration;

/** A compiler for tests, on the JDK that runs them. */
public final class OwnCompiler {
  private OwnCompiler() {}

  /** The caller must close it. */
  public static CompilerProcess create() {
    return new CompilerProcess(
        Path.of(System.getProperty("java.home")), Duration.ofSeconds(30), Duration.ofSeconds(60));
  }
}
