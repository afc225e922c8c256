/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.resolve.placement.Instruction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Decoded instructions as lines of {@code OFFSET LENGTH TEXT}, between processes and on disk. */
final class Listing {
  private Listing() {}

  static byte[] encode(List<Instruction> instructions) {
    StringBuilder lines = new StringBuilder();
    for (Instruction instruction : instructions) {
      lines.append(instruction.offset()).append(' ').append(instruction.length()).append(' ');
      lines.append(instruction.text()).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws IOException if the bytes are not what {@link #encode} makes
   */
  static List<Instruction> decode(byte[] bytes) throws IOException {
    List<Instruction> instructions = new ArrayList<>();
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      String[] parts = line.split(" ", 3);
      try {
        instructions.add(
            new Instruction(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2]));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new IOException("not a listing: " + line, e);
      }
    }
    return instructions;
  }
}
