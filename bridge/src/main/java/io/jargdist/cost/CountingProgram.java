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
import io.jargdist.kernel.Machine;
import io.jargdist.kernel.MappedTable;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import java.util.stream.LongStream;

/**
 * The smallest useful program: it counts its runs in a table that has a line of its own for each
 * processor, as the ledger of a probe has.
 */
final class CountingProgram {
  private static final int ARRAY = 2;
  private static final int MMAPABLE = 1024;

  /** Processors that write into one line of their caches would wait for each other. */
  private static final int CACHE_LINE = 64;

  private CountingProgram() {}

  /** Creates the table in which a program counts. */
  static BpfTable table() throws KernelException, MachineException {
    return BpfTable.create(
        new ProgramImage.Table(
            "hits", ARRAY, Integer.BYTES, CACHE_LINE, Machine.possibleCpus(), MMAPABLE));
  }

  /** Returns the number of runs so far. */
  static long runs(MappedTable counted) {
    return LongStream.of(counted.words()).sum();
  }

  /**
   * @param point as those that it will be attached to
   * @param linked see {@link Attachment#purpose}
   */
  static BpfProgram load(AttachPoint point, boolean linked, BpfTable hits) throws KernelException {
    byte[] code =
        new BpfCode()
            .processor()
            .storeWord(Register.R10, -4, Register.R0)
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
