/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A function's machine code and what else of its file matters for a probe behind its entry. Plain
 * data.
 *
 * @param bytes what lies before the function, the function, and what follows it, as far as a short
 *     jump reaches; of a function that is larger than {@link #LARGEST}, only so much of it
 * @param entry where in the bytes the function begins
 * @param size of the function, in bytes
 * @param entrances distances from the entry, in bytes, at which code may arrive that does not come
 *     through the entry: other symbols, and whatever looks like the target of a near jump or call
 *     anywhere in the file; those from 1 to {@link #REACH} are complete
 */
public record FunctionCode(ByteBuffer bytes, int entry, int size, Set<Integer> entrances) {
  /** The farthest place of a probe behind the entry, in bytes. */
  public static final int REACH = 48;

  /** The size of the largest function that is decoded, in bytes. */
  public static final int LARGEST = 1 << 16;

  static final int LONGEST_INSTRUCTION = 15;

  /**
   * The number of bytes around the function that are needed: a short jump's distance, the distance
   * at which it may land, and the longest instruction.
   */
  public static final int SURROUNDINGS = 128 + REACH + LONGEST_INSTRUCTION;

  public FunctionCode {
    bytes = bytes.asReadOnlyBuffer();
    entrances = Set.copyOf(entrances);
  }

  /** Returns where in the bytes the function ends. */
  int end() {
    return entry + size;
  }

  /** Returns as many bytes as an instruction may have, from the entry on. */
  byte[] begin() {
    byte[] found = new byte[Math.min(LONGEST_INSTRUCTION, bytes.limit() - entry)];
    bytes.get(entry, found);
    return found;
  }

  /** Returns the bytes of an instruction. */
  byte[] bytes(Instruction instruction) {
    byte[] found = new byte[instruction.length()];
    bytes.get(instruction.offset(), found);
    return found;
  }
}
