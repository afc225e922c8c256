/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.codegen.ProbePlan.Moment;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.kernel.Attachment;
import io.jargdist.kernel.BpfProgram;
import io.jargdist.kernel.BpfTable;
import io.jargdist.kernel.MappedTable;
import io.jargdist.kernel.UnsafePlaces;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.OwnCode;
import io.jargdist.resolve.placement.InstructionKind;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Finds out which probed nops write below the stack pointer, on this kernel. Needs root, since it
 * probes this process.
 */
class RedZoneTest {
  private static final int CALLS = 10;

  /** {@code mov %rdi, -8(%rsp)}: the function keeps its argument in the red zone. */
  private static final String KEEP = "48897c24f8";

  /** {@code cmp %rdi, -8(%rsp); je +1; nop; xor %eax, %eax; ret}: the nop is run if it is lost. */
  private static final String COMPARE = "48397c24f8740190" + "31c0c3";

  @Test
  void aNopThatBecomesACallIsRefusedInsideAFunction(@TempDir Path folder) throws Exception {
    if (!Architecture.current().choose(true, false)) {
      return;
    }
    for (InstructionKind kind : InstructionKind.values()) {
      if (kind.mnemonic().equals("nop")) {
        boolean overwrites;
        try {
          overwrites = overwrites(kind, folder);
        } catch (KernelException e) {
          // This kernel cannot probe a 10-byte nop at all.
          assertThat(kind).isEqualTo(InstructionKind.NOP_10);
          continue;
        }
        assertThat(isRefused(kind)).as("%s overwrites: %s", kind, overwrites).isEqualTo(overwrites);
      }
    }
  }

  private static boolean isRefused(InstructionKind kind) {
    try {
      UnsafePlaces.checkInside(kind, "here");
      return false;
    } catch (MachineException e) {
      return true;
    }
  }

  /** Returns whether a function loses what it keeps there when an instruction of it is probed. */
  private static boolean overwrites(InstructionKind kind, Path folder) throws Exception {
    String nop = HexFormat.of().formatHex(kind.sample());
    int place = KEEP.length() / 2;
    int lost = place + kind.sample().length + 7;
    try (OwnCode code = OwnCode.map(folder, HexFormat.of().parseHex(KEEP + nop + COMPARE));
        BpfTable hits = CountingProgram.table();
        MappedTable counted = hits.mapped();
        BpfTable losses = CountingProgram.table();
        MappedTable countedLosses = losses.mapped();
        BpfProgram counting = CountingProgram.load(point(code, place), false, hits);
        BpfProgram noting = CountingProgram.load(point(code, lost), false, losses)) {
      int self = Math.toIntExact(ProcessHandle.current().pid());
      Attachment probe = Attachment.of(counting, point(code, place), self);
      Attachment note = Attachment.of(noting, point(code, lost), self);
      try {
        for (int call = 0; call < CALLS; call++) {
          code.call(0, 4099);
        }
        assertThat(CountingProgram.runs(counted)).isEqualTo(CALLS);
        return CountingProgram.runs(countedLosses) > 0;
      } finally {
        probe.close();
        note.close();
      }
    }
  }

  private static UprobePoint point(OwnCode code, long offset) {
    return new UprobePoint(
        new CodeLocation(code.file().toString(), offset, "code of our own"), Moment.REACHED, null);
  }
}
