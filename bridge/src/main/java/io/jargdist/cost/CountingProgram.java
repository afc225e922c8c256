/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.compile.ProgramImage;
import io.jargdist.kernel.Attachment;
import io.jargdist.kernel.BpfCode;
import io.jargdist.kernel.BpfCode.Register;
import io.jargdist.kernel.BpfProgram;
import io.jargdist.kernel.BpfTable;
import io.jargdist.os.KernelException;

/** The smallest useful program: it counts its runs in a table with one number. */
final class CountingProgram {
  private static final int ARRAY = 2;
  private static final int MMAPABLE = 1024;

  private CountingProgram() {}

  /** Creates the table in which a program counts. */
  static BpfTable table() throws KernelException {
    return BpfTable.create(
        new ProgramImage.Table("hits", ARRAY, Integer.BYTES, Long.BYTES, 1, MMAPABLE));
  }

  /**
   * @param point as those that it will be attached to
   * @param linked see {@link Attachment#purpose}
   */
  static BpfProgram load(AttachPoint point, boolean linked, BpfTable hits) throws KernelException {
    byte[] code =
        new BpfCode()
            .storeWord(Register.R10, -4, 0)
            .move(Register.R2, Register.R10)
            .add(Register.R2, -4)
            .address(Register.R1, hits)
            .lookUp()
            .skipIfZero(Register.R0, 2)
            .set(Register.R1, 1)
            .addAtomically(Register.R0, Register.R1)
            .exit(0);
    return BpfProgram.load("measure", Attachment.purpose(point, linked), code);
  }
}
