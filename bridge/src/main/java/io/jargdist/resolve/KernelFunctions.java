/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.KernelSymbols.Symbol;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds a kernel function, and tells why it cannot be probed if it cannot. */
final class KernelFunctions {
  private static final Path KPROBES = Path.of("/sys/bus/event_source/devices/kprobe");

  /** {@code sys_write}, or what an architecture makes of it: include/linux/syscalls.h. */
  private static final Pattern SYSCALL = Pattern.compile("(?:__[a-z0-9]+_)?sys_(\\w+)");

  private final Specifier specifier;
  private final ProbePoint.KernelFunction point;
  private final KernelTypes types;
  private final String syscallPrefix = Architecture.current().syscallPrefix();

  private KernelFunctions(Specifier specifier, ProbePoint.KernelFunction point, KernelTypes types) {
    this.specifier = specifier;
    this.point = point;
    this.types = types;
  }

  static ResolvedProbe resolve(
      Specifier specifier, ProbePoint.KernelFunction point, KernelTypes types)
      throws SpecifierException, MachineException {
    try {
      return new KernelFunctions(specifier, point, types).resolve();
    } catch (IOException e) {
      throw new MachineException(
          "the kernel's symbols cannot be read: " + IoFailure.sentence(e), e);
    }
  }

  /** Returns whether this kernel can probe its own functions. */
  static boolean arePossible() {
    return Files.isDirectory(KPROBES);
  }

  private ResolvedProbe resolve() throws SpecifierException, IOException {
    if (!arePossible()) {
      throw error(
          "this kernel has no kprobes (CONFIG_KPROBES): use a tracepoint (t:CATEGORY:EVENT()) or"
              + " the libc function (p:c:FUNCTION())",
          null);
    }
    if (KernelSymbols.areSwitchedOff()) {
      throw error(
          "this kernel's kprobes are switched off", "echo 1 > /sys/kernel/debug/kprobes/enabled");
    }
    String name = point.function();
    if (CompilerClone.isPiece(name)) {
      throw error(
          "it is no function but a piece of one, which jumps to it: nothing calls it",
          "probe p::" + CompilerClone.functionOf(name) + "()");
    }
    List<Symbol> found = KernelSymbols.beginningWith(name);
    List<Symbol> exact = exactly(name, found);
    Matcher syscall = SYSCALL.matcher(name);
    if (exact.isEmpty() && syscall.matches()) {
      // sys_write: the kernel's own name for it differs between architectures.
      String wrapper = syscallPrefix + syscall.group(1);
      List<Symbol> wrappers = exactly(wrapper, KernelSymbols.beginningWith(wrapper));
      if (!wrappers.isEmpty() && name.startsWith("sys_")) {
        name = wrapper;
        exact = wrappers;
      } else if (!wrappers.isEmpty()) {
        throw unknown("it is " + wrapper + " here, and sys_" + syscall.group(1) + " everywhere");
      }
    }
    if (exact.isEmpty()) {
      throw missing(name, found);
    }
    if (exact.size() > 1) {
      throw error(
          "the kernel has " + exact.size() + " functions named \"" + name + "\"",
          "they are static ones of different files: probe a function that calls the one you mean");
    }
    checkProbeable(name);
    boolean wrapped = name.startsWith(syscallPrefix);
    Prototype prototype =
        wrapped
            ? Tracepoints.syscall(name.substring(syscallPrefix.length()), types)
            : types.prototype(name, exact.get(0).module());
    TrampolineCandidate candidate =
        TrampolineCandidate.of(name, exact.get(0).module(), point.atReturn(), types);
    return new ResolvedProbe.KernelFunction(
        name, prototype, wrapped, point.atReturn(), candidate.function(), candidate.why());
  }

  private static List<Symbol> exactly(String name, List<Symbol> found) {
    return found.stream().filter(symbol -> symbol.name().equals(name) && symbol.isCode()).toList();
  }

  private SpecifierException missing(String name, List<Symbol> found) {
    Set<String> parts =
        found.stream()
            .filter(symbol -> symbol.isCode() && !symbol.name().equals(name))
            .map(Symbol::name)
            .filter(symbol -> !CompilerClone.isPiece(symbol))
            .collect(Collectors.toSet());
    if (!parts.isEmpty()) {
      return error(
          "the compiler made another function of \"" + name + "\", perhaps with other parameters",
          "probe " + parts.stream().sorted().collect(Collectors.joining(", ")));
    }
    if (found.stream().anyMatch(symbol -> symbol.name().equals(name))) {
      return error("\"" + name + "\" is a variable of the kernel, not a function", null);
    }
    Set<String> traceable = KernelSymbols.traceable();
    List<String> near = traceable == null ? List.of() : Similar.nearest(name, traceable, 3);
    return unknown(
        near.isEmpty()
            ? "if its source has one, the compiler put it into its callers: probe one of them"
            : "did you mean " + String.join(", ", near) + "?");
  }

  private SpecifierException unknown(String hint) {
    return error("this kernel has no function \"" + point.function() + "\"", hint);
  }

  /**
   * The kernel refuses what its deny list has, and what ftrace cannot trace: within_notrace_func in
   * kernel/trace/trace_kprobe.c.
   */
  private void checkProbeable(String name) throws SpecifierException {
    if (KernelSymbols.isDenied(name)) {
      throw error(
          "the kernel does not let \"" + name + "\" be probed: it is in its deny list",
          "probe a function that calls it, or that it calls");
    }
    Set<String> traceable = KernelSymbols.traceable();
    if (traceable != null && !traceable.isEmpty() && !traceable.contains(name)) {
      throw error(
          "the kernel does not let \"" + name + "\" be probed: it is marked notrace",
          "probe a function that calls it, or that it calls");
    }
  }

  private SpecifierException error(String reason, @Nullable String hint) {
    return new SpecifierException(
        specifier.text(), new Diagnostic("function", point.nameSpan(), reason, hint));
  }
}
