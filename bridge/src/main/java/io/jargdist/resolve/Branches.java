/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.resolve.ElfFile.Symbol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds where the direct jumps and calls of a function lead, without decoding. Other bytes are
 * taken for a jump only if they happen to make the wanted address.
 */
final class Branches {
  /** The part of a function that is looked at, in bytes. */
  private static final int LARGEST = 1 << 16;

  /** Near jump or call on x86-64: opcode e8 or e9, or 0f 8x, and a distance of four bytes. */
  private static final int X86_DISTANCE = 4;

  /** b and bl on arm64: six bits, and a distance of 26 bits in instructions. */
  private static final int ARM_WORD = 4;

  private static final long LOOKING_AT_A_BYTE = 2;

  private Branches() {}

  /**
   * Returns whether a function jumps to an address, or calls it; false if its size is not known.
   */
  static boolean lead(ElfFile elf, Symbol function, long address) throws IOException {
    int size = (int) Math.min(LARGEST, function.size());
    if (size <= 0) {
      return false;
    }
    FileContent content = elf.content();
    content.budget().spend(size * LOOKING_AT_A_BYTE, content);
    ByteBuffer code = ByteBuffer.wrap(content.bytes(elf.codeOffset(function.address()), size));
    code.order(ByteOrder.LITTLE_ENDIAN);
    long distance = address - function.address();
    return switch (Architecture.current()) {
      case X86_64 -> x86(code, distance);
      case AARCH64 -> arm(code, distance);
    };
  }

  private static boolean x86(ByteBuffer code, long distance) {
    for (int at = 1; at + X86_DISTANCE <= code.capacity(); at++) {
      int opcode = code.get(at - 1) & 0xff;
      boolean branch =
          (opcode & 0xfe) == 0xe8
              || (at > 1 && (code.get(at - 2) & 0xff) == 0x0f && (opcode & 0xf0) == 0x80);
      if (branch && at + X86_DISTANCE + code.getInt(at) == distance) {
        return true;
      }
    }
    return false;
  }

  private static boolean arm(ByteBuffer code, long distance) {
    for (int at = 0; at + ARM_WORD <= code.capacity(); at += ARM_WORD) {
      int word = code.getInt(at);
      boolean branch = (word & 0x7c00_0000) == 0x1400_0000;
      if (branch && at + (long) (word << 6 >> 6) * ARM_WORD == distance) {
        return true;
      }
    }
    return false;
  }
}
