/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.facts.Architecture;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.placement.InstructionKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows the instructions at which a probe would change what the process does.
 *
 * <ul>
 *   <li>A call, in a process that has a user shadow stack. A kernel emulates the call and does not
 *       write the shadow stack (arch/x86/kernel/uprobes.c, {@code branch_emulate_op}), so the
 *       processor ends the process at the return. A fix of July 2026 is in no kernel that this
 *       version knows.
 *   <li>A 5-byte nop that is not at a function's entry, on x86-64 from Linux 6.18 on. The kernel
 *       replaces it by a call ({@code arch_uprobe_optimize}), which writes below the stack pointer,
 *       where a function that calls no other keeps values (red zone). No kernel that this version
 *       knows has the fix. Those of sys/sdt.h, and so those of HotSpot, have one byte.
 * </ul>
 */
public final class UnsafePlaces {
  private static final Pattern RELEASE = Pattern.compile("^(\\d{1,4})\\.(\\d{1,4}).*");

  private UnsafePlaces() {}

  /** Returns the instructions of a process at which nothing may be probed. */
  public static Set<InstructionKind> of(long pid) {
    boolean hasShadowStacks = Architecture.current().choose(true, false);
    return hasShadowStacks && hasShadowStack(pid) ? Set.of(InstructionKind.CALL) : Set.of();
  }

  /**
   * @param kind of the instruction at a function's entry
   * @param display the place, for people
   * @throws MachineException if it may not be probed
   */
  public static void checkEntry(
      @Nullable InstructionKind kind, Set<InstructionKind> unsafe, String display)
      throws MachineException {
    if (kind != null && unsafe.contains(kind)) {
      throw new MachineException(
          String.format(
              Locale.ROOT,
              "%s begins with a %s, and a probe there would end the process: it has a shadow stack"
                  + " (x86_Thread_features: shstk), which the kernel does not keep in step",
              display,
              kind.mnemonic()));
    }
  }

  /** Returns whether there are instructions inside functions at which nothing may be probed. */
  public static boolean areInside() {
    boolean hasCalls = Architecture.current().choose(true, false);
    return hasCalls && becomesCall(System.getProperty("os.version"));
  }

  /**
   * @param kind of the instruction at a place of a USDT probe, which can be anywhere in a function
   * @param display the place, for people
   * @throws MachineException if it may not be probed
   */
  public static void checkInside(@Nullable InstructionKind kind, String display)
      throws MachineException {
    if (kind == InstructionKind.NOP_5 && areInside()) {
      throw new MachineException(
          String.format(
              Locale.ROOT,
              "%s is a nop of 5 bytes inside a function: Linux %s would replace it by a call, which"
                  + " can overwrite what the function keeps below the stack pointer",
              display,
              System.getProperty("os.version")));
    }
  }

  /** Returns whether a kernel replaces a probed 5-byte nop by a call. */
  static boolean becomesCall(String release) {
    Matcher matcher = RELEASE.matcher(release);
    if (!matcher.matches()) {
      return false;
    }
    int major = Integer.parseInt(matcher.group(1));
    return major > 6 || (major == 6 && Integer.parseInt(matcher.group(2)) >= 18);
  }

  private static boolean hasShadowStack(long pid) {
    try {
      return hasShadowStack(KernelFile.lines(Path.of("/proc", Long.toString(pid), "status")));
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * @param status a process's file of this name in /proc
   */
  static boolean hasShadowStack(List<String> status) {
    return status.stream()
        .anyMatch(line -> line.matches("x86_Thread_features:(.*\\s)?shstk(\\s.*)?"));
  }
}
