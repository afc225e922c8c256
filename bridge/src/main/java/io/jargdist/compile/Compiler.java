/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.MachineException;

/** Compiles C text to programs. */
public interface Compiler {
  /**
   * @throws CompileException if the text cannot be compiled
   * @throws MachineException if nothing can be compiled here
   */
  ProgramImage compile(String text) throws CompileException, MachineException;
}
