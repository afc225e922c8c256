/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

/**
 * An instruction that a disassembler has decoded.
 *
 * @param offset from the beginning of the code that it was given, in bytes
 * @param length in bytes; 0 if there is no instruction that it knows, and then the text is empty
 * @param text in AT&amp;T syntax: {@code "cmpb $0x0, 0xdc9c1(%rip)"}
 */
public record Instruction(int offset, int length, String text) {
  /** Returns the offset of the next instruction. */
  public int end() {
    return offset + length;
  }

  /**
   * Returns the first word that is not a prefix of its own: {@code "jmpq"} of {@code "notrack jmpq
   * *%rax"}.
   */
  String mnemonic() {
    for (String word : text.split(" ", -1)) {
      if (!word.equals("notrack") && !word.equals("bnd")) {
        return word;
      }
    }
    return "";
  }
}
