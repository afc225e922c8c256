/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's symbol table and what it says of probing them. Every question reads the kernel's
 * files again: they have 10 MB, and modules come and go.
 */
final class KernelSymbols {
  private static final Path SYMBOLS = Path.of("/proc/kallsyms");
  private static final String TRACEABLE = "available_filter_functions";
  private static final Path DENIED = Path.of("/sys/kernel/debug/kprobes/blacklist");
  private static final Path SWITCH = Path.of("/sys/kernel/debug/kprobes/enabled");

  private KernelSymbols() {}

  /**
   * A line of the symbol table.
   *
   * @param kind as nm(1) calls it: {@code 't'} and {@code 'T'} are code
   * @param module null for the kernel itself
   */
  record Symbol(String name, char kind, @Nullable String module) {
    boolean isCode() {
      return "tTwW".indexOf(kind) >= 0;
    }
  }

  /** Returns all symbols of a name, and those that the compiler made of it: {@code name.isra.0}. */
  static List<Symbol> beginningWith(String name) throws IOException {
    List<Symbol> found = new ArrayList<>();
    KernelFile.forEachLine(
        SYMBOLS,
        line -> {
          // ADDRESS KIND NAME[\t[MODULE]]
          int kind = line.indexOf(' ') + 1;
          if (!line.startsWith(name, kind + 2)) {
            return;
          }
          int tab = line.indexOf('\t', kind);
          String symbol = line.substring(kind + 2, tab < 0 ? line.length() : tab);
          if (symbol.equals(name) || symbol.startsWith(name + ".")) {
            String module = tab < 0 ? null : line.substring(tab + 2, line.length() - 1);
            found.add(new Symbol(symbol, line.charAt(kind), module));
          }
        });
    return found;
  }

  /**
   * Returns the functions that the kernel lets be traced, as ftrace lists them.
   *
   * @return null if it does not say: no ftrace, or no privilege
   */
  static @Nullable Set<String> traceable() {
    for (Path mount : Tracefs.MOUNTS) {
      Path list = mount.resolve(TRACEABLE);
      try {
        Set<String> names = new HashSet<>();
        KernelFile.forEachLine(
            list,
            line -> {
              int blank = line.indexOf(' ');
              names.add(blank < 0 ? line : line.substring(0, blank));
            });
        return names;
      } catch (IOException e) {
        // It is not mounted there, or not readable.
      }
    }
    return null;
  }

  /** Returns whether the kernel's deny list has a function; false if the list cannot be read. */
  static boolean isDenied(String name) {
    return denied().contains(name);
  }

  /** The kernel's deny list; empty if it cannot be read. */
  static Set<String> denied() {
    // FIRST-LAST\tNAME
    Set<String> names = new HashSet<>();
    try {
      KernelFile.forEachLine(DENIED, line -> names.add(line.substring(line.indexOf('\t') + 1)));
    } catch (IOException e) {
      // The kernel itself refuses these functions later.
    }
    return names;
  }

  /** Returns whether all kprobes are switched off; false if that cannot be read. */
  static boolean areSwitchedOff() {
    try {
      return KernelFile.text(SWITCH).strip().equals("0");
    } catch (IOException e) {
      return false;
    }
  }
}
