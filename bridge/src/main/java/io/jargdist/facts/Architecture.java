/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.List;

/**
 * A processor architecture. It knows where the C calling convention passes values, as fields of the
 * kernel's {@code struct pt_regs}.
 */
public enum Architecture {
  /**
   * System V AMD64: the call pushes the return address, so the stack pointer is 8 higher after
   * return.
   */
  X86_64(
      List.of("di", "si", "dx", "cx", "r8", "r9"),
      List.of("di", "si", "dx", "r10", "r8", "r9"),
      "__x64_sys_",
      "ax",
      8),
  /** AAPCS64: the return address is in a register. */
  AARCH64(
      List.of(
          "regs[0]", "regs[1]", "regs[2]", "regs[3]", "regs[4]", "regs[5]", "regs[6]", "regs[7]"),
      List.of("regs[0]", "regs[1]", "regs[2]", "regs[3]", "regs[4]", "regs[5]"),
      "__arm64_sys_",
      "regs[0]",
      0);

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> parameters;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> syscallParameters;

  private final String syscallPrefix;
  private final String returnValue;
  private final int returnStackOffset;

  Architecture(
      List<String> parameters,
      List<String> syscallParameters,
      String syscallPrefix,
      String returnValue,
      int returnStackOffset) {
    this.parameters = parameters;
    this.syscallParameters = syscallParameters;
    this.syscallPrefix = syscallPrefix;
    this.returnValue = returnValue;
    this.returnStackOffset = returnStackOffset;
  }

  /**
   * Returns the architecture that this JVM runs on.
   *
   * @throws IllegalStateException if jargdist does not know it; the message says so
   */
  public static Architecture current() {
    return of(System.getProperty("os.arch"));
  }

  /**
   * @param name as a JVM has it in the property {@code os.arch}
   */
  static Architecture of(String name) {
    return switch (name) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new IllegalStateException(
              "jargdist works on x86-64 and arm64, and this JVM runs on " + name);
    };
  }

  /**
   * Returns the argument for this architecture. A new architecture needs another parameter, so the
   * compiler then finds all calls.
   */
  public <T> T choose(T x86, T arm64) {
    return switch (this) {
      case X86_64 -> x86;
      case AARCH64 -> arm64;
    };
  }

  /** Returns the integer parameter registers, in order. */
  public List<String> parameters() {
    return parameters;
  }

  /** Returns how many integer parameters are passed in registers. */
  public int parameterRegisters() {
    return parameters.size();
  }

  /** Returns the registers in which user space passes a system call's parameters, in order. */
  public List<String> syscallParameters() {
    return syscallParameters;
  }

  /**
   * Returns the prefix that the kernel puts before a system call's name. The function of that name
   * takes a pt_regs.
   */
  public String syscallPrefix() {
    return syscallPrefix;
  }

  /**
   * Returns how many parameter registers a value takes in the kernel, which uses no floating-point
   * registers; 0 if the value is passed in memory.
   */
  public int registers(CType type) {
    if (!(type instanceof CType.Struct struct)) {
      return 1;
    }
    if (struct.size() <= 16) {
      return struct.size() <= 8 ? 1 : 2;
    }
    // AAPCS64 passes the address of a copy, which takes one register.
    return choose(0, 1);
  }

  public String returnValue() {
    return returnValue;
  }

  /** Returns what to subtract from the stack pointer after a return to get the one at the entry. */
  public int returnStackOffset() {
    return returnStackOffset;
  }

  /**
   * Returns the {@code pt_regs} field of a register that a USDT note names.
   *
   * @param register without a percent sign: {@code "rdi"}, {@code "r10"}, {@code "x19"}, {@code
   *     "sp"}
   */
  public String field(String register) {
    boolean numbered = Character.isDigit(register.charAt(register.length() - 1));
    return switch (this) {
      case X86_64 -> numbered ? register : register.substring(1);
      case AARCH64 -> register.startsWith("x") ? "regs[" + register.substring(1) + "]" : register;
    };
  }
}
