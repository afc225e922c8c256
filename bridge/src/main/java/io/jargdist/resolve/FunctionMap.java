/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.resolve.placement.CodeSource;
import io.jargdist.resolve.placement.FunctionCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The functions of a file by their addresses. Making one takes time in proportion to the symbols:
 * for a libjvm about 0.1 s.
 */
final class FunctionMap {
  /** How many symbols before an address are asked whether it is theirs. */
  private static final int ASKED = 8;

  private final TreeMap<Long, ElfFile.Symbol> functions = new TreeMap<>();

  FunctionMap(ElfFile elf) throws IOException {
    elf.forEachFunction(symbol -> functions.merge(symbol.address(), symbol, FunctionMap::larger));
  }

  private static ElfFile.Symbol larger(ElfFile.Symbol one, ElfFile.Symbol other) {
    return other.size() > one.size() || (other.size() == one.size() && other.exported())
        ? other
        : one;
  }

  /**
   * @param elf the file that this is the map of
   */
  CodeSource source(ElfFile elf) {
    return new CodeSource() {
      @Override
      public @Nullable Part part(long address) throws IOException {
        ElfFile.Symbol symbol = containing(address);
        if (symbol == null || symbol.size() > FunctionCode.LARGEST) {
          return null;
        }
        for (ElfFile.Code code : elf.code()) {
          long begin = symbol.address() - code.address();
          if (code.contains(symbol.address()) && symbol.size() <= code.size() - begin) {
            byte[] bytes = elf.content().bytes(code.offset() + begin, (int) symbol.size());
            boolean piece = CompilerClone.isPiece(symbol.name());
            return new Part(symbol.name(), symbol.address(), piece, ByteBuffer.wrap(bytes));
          }
        }
        return null;
      }

      @Override
      public @Nullable ByteBuffer data(long address, int size) throws IOException {
        try {
          long offset = elf.fileOffset(address);
          return elf.fileOffset(address + size - 1) == offset + size - 1
              ? ByteBuffer.wrap(elf.content().bytes(offset, size))
              : null;
        } catch (MalformedFileException e) {
          return null;
        }
      }
    };
  }

  private ElfFile.@Nullable Symbol containing(long address) {
    Map.Entry<Long, ElfFile.Symbol> entry = functions.floorEntry(address);
    for (int i = 0; i < ASKED && entry != null; i++) {
      ElfFile.Symbol symbol = entry.getValue();
      if (address - symbol.address() < symbol.size()) {
        return symbol;
      }
      entry = functions.lowerEntry(entry.getKey());
    }
    return null;
  }
}
