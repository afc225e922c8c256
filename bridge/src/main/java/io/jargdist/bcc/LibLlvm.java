/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bcc;

import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;
import jnr.ffi.types.u_int64_t;
import org.jspecify.annotations.Nullable;

/**
 * The functions of LLVM that decode instructions (llvm-c/Disassembler.h and Target.h, the same from
 * LLVM 3.3 on). C spelling stays in here. Public because jnr-ffi implements it; used by {@link
 * LlvmDisassembler} only.
 */
public interface LibLlvm {
  void LLVMInitializeX86TargetInfo();

  void LLVMInitializeX86TargetMC();

  void LLVMInitializeX86Disassembler();

  @Nullable Pointer LLVMCreateDisasm(
      String triple,
      @Nullable Pointer disInfo,
      int tagType,
      @Nullable Pointer getOpInfo,
      @Nullable Pointer symbolLookUp);

  int LLVMSetDisasmOptions(Pointer disassembler, @u_int64_t long options);

  @size_t
  long LLVMDisasmInstruction(
      Pointer disassembler,
      Pointer bytes,
      @u_int64_t long bytesSize,
      @u_int64_t long address,
      Pointer text,
      @size_t long textSize);
}
