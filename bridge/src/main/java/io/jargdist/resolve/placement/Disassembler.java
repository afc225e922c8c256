/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import io.jargdist.os.MachineException;
import java.nio.ByteBuffer;
import java.util.List;

/** Decodes machine code of the processor that this runs on. */
public interface Disassembler {
  /**
   * Decodes the first bytes at every offset, whatever lies there, and the rest as a sequence, up to
   * the first byte that is no instruction.
   *
   * @param code all of its bytes
   * @param everywhere how many bytes are to be decoded at every offset
   * @return in the order of offsets, the last one perhaps with the length 0
   * @throws MachineException if nothing can be decoded here
   */
  List<Instruction> disassemble(ByteBuffer code, int everywhere) throws MachineException;

  /** Returns one that decodes only what it can without a wait for another process. */
  default Disassembler withoutWaiting() {
    return this;
  }
}
