/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.Instruction;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Caches what another disassembler found in a folder, by the code itself. Thread-safe, also between
 * processes.
 */
public final class CachingDisassembler implements Disassembler {
  private static final int MOST_LISTINGS = 256;

  private final Disassembler disassembler;
  private final FileCache files;

  /**
   * @param folder private to this user
   */
  public CachingDisassembler(Disassembler disassembler, Path folder) {
    this(disassembler, new FileCache(folder, MOST_LISTINGS));
  }

  private CachingDisassembler(Disassembler disassembler, FileCache files) {
    this.disassembler = disassembler;
    this.files = files;
  }

  @Override
  public Disassembler withoutWaiting() {
    return new CachingDisassembler(
        (code, everywhere) -> {
          throw new MachineException("its code was not decoded before");
        },
        files);
  }

  @Override
  public List<Instruction> disassemble(ByteBuffer code, int everywhere) throws MachineException {
    String name = FileCache.nameFor(new DecodeRequest(everywhere, code).encode(), ".listing");
    List<Instruction> known = files.read(name, Listing::decode);
    if (known != null) {
      return known;
    }
    List<Instruction> found = disassembler.disassemble(code, everywhere);
    files.write(name, Listing.encode(found));
    return found;
  }
}
