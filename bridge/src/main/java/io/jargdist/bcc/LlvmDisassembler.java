/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import io.jargdist.os.MachineException;
import io.jargdist.os.Memory;
import io.jargdist.os.NativeFunction;
import io.jargdist.os.NativeLibrary;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.Instruction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * LLVM's disassembler for x86-64 (llvm-c/Disassembler.h, from LLVM 3.3 on), out of the library that
 * libbcc uses itself. Not thread-safe. Lives as long as the process.
 */
public final class LlvmDisassembler implements Disassembler {
  private static final int PRINT_IMMEDIATES_AS_HEX = 2;
  private static final int LONGEST_TEXT = 256;

  private final NativeFunction next;

  /** The disassembler's address. */
  private final long disassembler;

  private LlvmDisassembler(NativeFunction next, long disassembler) {
    this.next = next;
    this.disassembler = disassembler;
  }

  /**
   * @throws MachineException if this libbcc does not show its LLVM
   */
  public static LlvmDisassembler load() throws MachineException {
    try {
      NativeLibrary llvm = NativeLibrary.open(LibBcc.NAME);
      llvm.function("LLVMInitializeX86TargetInfo").call();
      llvm.function("LLVMInitializeX86TargetMC").call();
      llvm.function("LLVMInitializeX86Disassembler").call();
      Memory triple = Memory.of("x86_64-linux-gnu");
      long disassembler = llvm.function("LLVMCreateDisasm").call(triple, null, 0, null, null);
      if (disassembler == 0) {
        throw new MachineException("this LLVM does not know x86-64");
      }
      llvm.function("LLVMSetDisasmOptions").call(disassembler, PRINT_IMMEDIATES_AS_HEX);
      return new LlvmDisassembler(llvm.function("LLVMDisasmInstruction"), disassembler);
    } catch (UnsatisfiedLinkError e) {
      throw new MachineException("the LLVM of " + LibBcc.NAME + " cannot be used", e);
    }
  }

  @Override
  public List<Instruction> disassemble(ByteBuffer code, int everywhere) {
    int size = code.remaining();
    byte[] bytes = new byte[size];
    code.get(code.position(), bytes);
    Memory memory = Memory.of(bytes);
    Memory text = Memory.allocate(LONGEST_TEXT);
    List<Instruction> found = new ArrayList<>();
    for (int at = 0; at < size; ) {
      int length =
          (int) next.call(disassembler, memory.from(at), size - at, at, text, LONGEST_TEXT);
      String printed = length == 0 ? "" : text.text().strip().replace('\t', ' ');
      found.add(new Instruction(at, length, printed));
      if (at < everywhere) {
        at++;
      } else if (length == 0) {
        break;
      } else {
        at += length;
      }
    }
    return found;
  }
}
