/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.Instruction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * LLVM's disassembler for x86-64, out of the library that libbcc uses itself. Not thread-safe.
 * Lives as long as the process.
 */
public final class LlvmDisassembler implements Disassembler {
  private static final int PRINT_IMMEDIATES_AS_HEX = 2;
  private static final int LONGEST_TEXT = 256;

  private final LibLlvm llvm;
  private final Pointer disassembler;

  private LlvmDisassembler(LibLlvm llvm, Pointer disassembler) {
    this.llvm = llvm;
    this.disassembler = disassembler;
  }

  /**
   * @throws MachineException if this libbcc does not show its LLVM
   */
  public static LlvmDisassembler load() throws MachineException {
    try {
      // dlsym(3) looks for a symbol in a library and in all that it needs.
      LibLlvm llvm = LibraryLoader.create(LibLlvm.class).failImmediately().load(BccModule.LIBRARY);
      llvm.LLVMInitializeX86TargetInfo();
      llvm.LLVMInitializeX86TargetMC();
      llvm.LLVMInitializeX86Disassembler();
      Pointer disassembler = llvm.LLVMCreateDisasm("x86_64-linux-gnu", null, 0, null, null);
      if (disassembler == null) {
        throw new MachineException("this LLVM does not know x86-64");
      }
      llvm.LLVMSetDisasmOptions(disassembler, PRINT_IMMEDIATES_AS_HEX);
      return new LlvmDisassembler(llvm, disassembler);
    } catch (UnsatisfiedLinkError e) {
      throw new MachineException("the LLVM of " + BccModule.LIBRARY + " cannot be used", e);
    }
  }

  @Override
  public List<Instruction> disassemble(ByteBuffer code, int everywhere) {
    Runtime runtime = Runtime.getRuntime(llvm);
    int size = code.remaining();
    byte[] bytes = new byte[size];
    code.get(code.position(), bytes);
    Pointer memory = Memory.allocateDirect(runtime, Math.max(1, size));
    memory.put(0, bytes, 0, size);
    Pointer text = Memory.allocateDirect(runtime, LONGEST_TEXT);
    List<Instruction> found = new ArrayList<>();
    for (int at = 0; at < size; ) {
      int length =
          (int)
              llvm.LLVMDisasmInstruction(
                  disassembler, memory.slice(at), size - at, at, text, LONGEST_TEXT);
      String printed = length == 0 ? "" : text.getString(0).strip().replace('\t', ' ');
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
