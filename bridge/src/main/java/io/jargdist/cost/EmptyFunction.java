/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.os.KernelException;
import io.jargdist.os.OwnCode;
import java.io.IOException;
import java.nio.file.Path;

/** A function of our own that does nothing, to be probed. Owns its memory and its file. */
public final class EmptyFunction implements AutoCloseable {
  /** {@code push %rbp; pop %rbp; ret}. */
  private static final byte[] X86_64 = {0x55, 0x5d, (byte) 0xc3};

  /** {@code nop; ret}. */
  private static final byte[] AARCH64 = {
    0x1f, 0x20, 0x03, (byte) 0xd5, (byte) 0xc0, 0x03, 0x5f, (byte) 0xd6
  };

  private final OwnCode code;

  private EmptyFunction(OwnCode code) {
    this.code = code;
  }

  /**
   * @param folder where code may be run from, ours only
   */
  public static EmptyFunction map(Path folder) throws IOException, KernelException {
    byte[] machineCode = Architecture.current().choose(X86_64, AARCH64);
    return new EmptyFunction(OwnCode.map(folder, machineCode));
  }

  public CodeLocation location() {
    return new CodeLocation(code.file().toString(), 0, "a function of our own");
  }

  public void call() {
    code.call(0, 0);
  }

  @Override
  public void close() {
    code.close();
  }
}
