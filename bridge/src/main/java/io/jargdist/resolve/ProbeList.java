/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.HotSpotProbes;
import io.jargdist.facts.ResolvedProbe.TracepointField;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.os.MachineException;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.ProbeType;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Lists what can be probed in a process, in the order of names. */
public final class ProbeList {
  private static final String BY_INSTRUCTIONS = "(r: by return instructions)";

  private final TargetProcess target;
  private final WorkBudget budget = WorkBudget.ofARequest();
  private final WorkBudget debugBudget = WorkBudget.ofDebugFiles();
  private final UnaryOperator<@Nullable String> demangler;

  /**
   * @param demangler answers null for what is no C++ name
   */
  public ProbeList(TargetProcess target, UnaryOperator<@Nullable String> demangler) {
    this.target = target;
    this.demangler = demangler;
  }

  /** Takes the rows, one after the other, as they are found. */
  public interface Rows {
    /**
     * @param probe the beginning of a specifier: {@code "p:c:read()"}
     * @param detail arguments, a readable name, what cannot be done; may be empty
     * @throws IOException if the receiver wants no more rows
     */
    void row(String probe, String detail) throws IOException;

    /**
     * A file whose probes are not listed, or not all of them.
     *
     * @param why in one line
     */
    void notRead(String why);
  }

  /**
   * The probes that a glob means.
   *
   * @throws MachineException if the machine does not tell
   * @throws IOException if a library cannot be read, or from the rows
   */
  public void list(ProbeGlob glob, Rows rows) throws IOException, MachineException {
    if (glob.hasKernelFunctions()) {
      kernelFunctions(glob, rows);
      return;
    }
    boolean found = false;
    for (Map.Entry<String, List<MappedFile>> library : libraries().entrySet()) {
      List<MappedFile> files = library.getValue();
      if (glob.placeMatches(library.getKey())
          || files.stream().anyMatch(file -> glob.placeMatches(file.name()))) {
        found = true;
        libraryProbes(library.getKey(), files, glob, rows);
        continue;
      }
      for (MappedFile file : files) {
        if (glob.placeMatches(file.path())) {
          found = true;
          libraryProbes(file.path(), List.of(file), glob, rows);
        }
      }
    }
    if (glob.hasType(ProbeType.TRACEPOINT)) {
      try {
        for (String category : Tracepoints.categories()) {
          if (glob.placeMatches(category)) {
            tracepoints(category, glob, rows);
          }
        }
      } catch (MachineException e) {
        if (glob.type() != null) {
          throw e;
        } else if (!found) {
          rows.notRead("tracepoints are not listed: " + e.getMessage());
        }
      }
    }
  }

  /** A row for each library and each category of tracepoints: the globs that list its probes. */
  public void summary(Rows rows) throws IOException, MachineException {
    for (Map.Entry<String, List<MappedFile>> library : libraries().entrySet()) {
      summary(library.getKey(), library.getValue(), rows);
    }
    try {
      for (String category : Tracepoints.categories()) {
        rows.row("t:" + category + ":*", Tracepoints.events(category).size() + " tracepoints");
      }
    } catch (MachineException e) {
      rows.notRead("tracepoints are not listed: " + e.getMessage());
    }
    if (KernelFunctions.arePossible()) {
      rows.row("p::*", "functions of the kernel");
    }
  }

  private void summary(String library, List<MappedFile> files, Rows rows) throws IOException {
    Set<String> functions = new HashSet<>();
    Set<String> probes = new HashSet<>();
    Set<String> paths = new TreeSet<>();
    for (MappedFile file : files) {
      read(
          file,
          rows,
          elf -> {
            elf.functions(false).stream()
                .map(ElfFile.Symbol::name)
                .filter(name -> !CompilerClone.isPiece(name))
                .forEach(functions::add);
            UsdtNotes.read(elf).forEach(note -> probes.add(note.provider() + "." + note.probe()));
            paths.add(file.path());
          });
    }
    if (!functions.isEmpty()) {
      rows.row(
          "p:" + library + ":*", functions.size() + " functions of " + String.join(", ", paths));
    }
    if (!probes.isEmpty()) {
      rows.row(
          "u:" + library + ":*", probes.size() + " USDT probes of " + String.join(", ", paths));
    }
  }

  /**
   * Returns the files by the shortest name that a specifier may have for them. Several files may
   * have one name.
   */
  private Map<String, List<MappedFile>> libraries() {
    Map<String, List<MappedFile>> named = new TreeMap<>();
    for (MappedFile file : target.files()) {
      named.computeIfAbsent(
          MappedLibraries.shortestName(file), name -> MappedLibraries.named(target, name));
    }
    return named;
  }

  private interface Reader {
    void read(ElfFile elf) throws IOException;
  }

  /** Other files, too, can be mapped to run code from; they are left out. */
  private void read(MappedFile file, Rows rows, Reader reader) throws IOException {
    RegularFile opened;
    try {
      opened = target.open(file);
    } catch (IOException e) {
      rows.notRead(IoFailure.sentence(e));
      return;
    }
    try (ElfFile elf = ElfFile.open(opened, budget)) {
      DebugFiles.addTo(elf, file, target.pid(), debugBudget);
      reader.read(elf);
    } catch (MalformedFileException e) {
      rows.notRead(IoFailure.sentence(e));
    } catch (NotElfException e) {
      // Java maps archives, for instance.
    }
  }

  /**
   * A function of one or several files.
   *
   * @param replaceable whether it its return address may be replaced in all of them
   */
  private record Function(ElfFile.Symbol symbol, boolean replaceable, Set<String> paths) {
    static Function merge(Function a, Function b) {
      Set<String> paths = new TreeSet<>(a.paths);
      paths.addAll(b.paths);
      ElfFile.Symbol symbol = a.symbol.exported() ? a.symbol : b.symbol;
      // The exported symbol of a file counts.
      boolean replaceable =
          a.paths.equals(b.paths) ? a.replaceable || b.replaceable : a.replaceable && b.replaceable;
      return new Function(symbol, replaceable, paths);
    }
  }

  /**
   * @param library as a specifier calls the files
   */
  private void libraryProbes(String library, List<MappedFile> files, ProbeGlob glob, Rows rows)
      throws IOException {
    Map<String, Function> functions = new TreeMap<>();
    Map<String, List<UsdtNotes.Note>> probes = new TreeMap<>();
    Set<String> paths = new TreeSet<>();
    for (MappedFile file : files) {
      read(
          file,
          rows,
          elf -> {
            if (glob.hasType(ProbeType.USDT)) {
              for (UsdtNotes.Note note : UsdtNotes.read(elf)) {
                probes.computeIfAbsent(note.probe(), p -> new ArrayList<>()).add(note);
              }
            }
            if (glob.hasFunctions()) {
              functions(file, elf, functions);
              paths.add(file.path());
            }
          });
    }
    usdt(library, probes, glob, rows);
    functions(library, functions, paths, glob, rows);
  }

  private static void functions(MappedFile file, ElfFile elf, Map<String, Function> functions)
      throws IOException {
    boolean hotSpot = UserFunctions.isHotSpot(file, elf);
    for (ElfFile.Symbol symbol : elf.functions(false)) {
      if (!CompilerClone.isPiece(symbol.name())) {
        boolean replaceable =
            !hotSpot || UserFunctions.isSafeReturn(symbol.name(), symbol.exported());
        functions.merge(
            symbol.name(), new Function(symbol, replaceable, Set.of(file.path())), Function::merge);
      }
    }
  }

  /**
   * @param paths of all files that were read
   */
  private void functions(
      String library, Map<String, Function> functions, Set<String> paths, ProbeGlob glob, Rows rows)
      throws IOException {
    Glob name = glob.names();
    for (Function function : functions.values()) {
      ElfFile.Symbol symbol = function.symbol();
      boolean wanted = name.matches(symbol.name());
      String readable = demangler.apply(symbol.name());
      if (!wanted
          && (readable == null
              || (!name.matches(readable)
                  && !name.matches(readable.substring(0, beforeParameters(readable)))))) {
        continue;
      }
      List<String> details = new ArrayList<>();
      if (readable != null) {
        details.add(readable);
      }
      if (!CompilerClone.suffixOf(symbol.name()).isEmpty()) {
        details.add("(made by the compiler)");
      }
      if (symbol.indirect()) {
        details.add("(an IFUNC: calls do not pass through it)");
      } else if (!function.replaceable()) {
        details.add(BY_INSTRUCTIONS);
      }
      if (function.paths().size() < paths.size()) {
        details.add("(in " + String.join(", ", function.paths()) + ")");
      }
      rows.row(
          glob.functionType().letter() + ":" + library + ":" + symbol.name() + "()",
          String.join("  ", details));
    }
  }

  private static int beforeParameters(String readable) {
    int parameters = readable.indexOf('(');
    return parameters < 0 ? readable.length() : parameters;
  }

  private static void usdt(
      String library, Map<String, List<UsdtNotes.Note>> probes, ProbeGlob glob, Rows rows)
      throws IOException {
    Glob name = glob.names();
    for (Map.Entry<String, List<UsdtNotes.Note>> probe : probes.entrySet()) {
      boolean ambiguous =
          probe.getValue().stream().map(UsdtNotes.Note::provider).distinct().count() > 1;
      Set<String> shown = new TreeSet<>();
      for (UsdtNotes.Note note : probe.getValue()) {
        String full = note.provider() + "." + note.probe();
        if (shown.add(full) && (name.matches(note.probe()) || name.matches(full))) {
          rows.row(
              "u:" + library + ":" + (ambiguous ? full : note.probe()) + "()", arguments(note));
        }
      }
    }
  }

  /** Returns the arguments with their types, by their names if these are known. */
  private static String arguments(UsdtNotes.Note note) {
    List<UsdtOperand> operands = UsdtOperandParser.parse(note.arguments(), Architecture.current());
    List<HotSpotProbes.Argument> names =
        HotSpotProbes.arguments(note.provider(), note.probe(), operands.size());
    List<String> arguments = new ArrayList<>();
    for (UsdtOperand operand : operands) {
      int number = arguments.size();
      HotSpotProbes.Argument named = names.isEmpty() ? null : names.get(number);
      String argument =
          named == null
              ? operand.type().describe() + " arg" + (number + 1)
              : named.describe(operand.type());
      boolean readable = !(operand instanceof UsdtOperand.Unreadable);
      arguments.add(argument + (readable ? "" : " (cannot be read)"));
    }
    return String.join(", ", arguments);
  }

  private static void tracepoints(String category, ProbeGlob glob, Rows rows)
      throws IOException, MachineException {
    Glob name = glob.names();
    for (String event : Tracepoints.events(category)) {
      if (name.matches(event)) {
        List<String> fields = new ArrayList<>();
        for (TracepointField field : Tracepoints.fields(category, event)) {
          String length = field.arrayLength() == null ? "" : "[" + field.arrayLength() + "]";
          String type = field.declaredType().replaceFirst("^__data_loc ", "");
          fields.add(type + " " + field.name() + length);
        }
        rows.row("t:" + category + ":" + event + "()", String.join(", ", fields));
      }
    }
  }

  private static void kernelFunctions(ProbeGlob glob, Rows rows)
      throws IOException, MachineException {
    if (!KernelFunctions.arePossible()) {
      throw new MachineException(
          "this kernel has no kprobes (CONFIG_KPROBES): t:* lists the tracepoints");
    }
    Set<String> names = KernelSymbols.traceable();
    if (names == null) {
      throw new MachineException(
          "which functions of the kernel can be probed is in tracefs: run as root, or mount -t"
              + " tracefs tracefs /sys/kernel/tracing");
    }
    Set<String> denied = KernelSymbols.denied();
    Glob wanted = glob.names();
    for (String name : new TreeSet<>(names)) {
      if (wanted.matches(name) && !denied.contains(name)) {
        rows.row(glob.functionType().letter() + "::" + name + "()", "");
      }
    }
  }
}
