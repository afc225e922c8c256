/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.ReturnDanger;
import io.jargdist.facts.Returns;
import io.jargdist.resolve.ElfFile.Symbol;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds all places that a process may call by the name of a function, and tells why it cannot be
 * probed if it cannot.
 */
final class UserFunctions {
  private static final int SHOWN_CLONES = 5;
  private static final int SHOWN_PATHS = 8;

  /** Begins the names of functions of C++, which exceptions may pass through. */
  private static final String MANGLED = "_Z";

  private final Specifier specifier;
  private final ProbePoint.UserFunction point;
  private final TargetLibraries libraries;
  private final Warnings warnings;
  private final boolean tellsFirst;

  /** The name without what a compiler adds, and that: {@code "f"} and {@code ".part.0"}. */
  private final String base;

  private final String suffix;

  private UserFunctions(
      Specifier specifier,
      ProbePoint.UserFunction point,
      TargetLibraries libraries,
      Warnings warnings,
      boolean tellsFirst) {
    this.tellsFirst = tellsFirst;
    this.specifier = specifier;
    this.point = point;
    this.libraries = libraries;
    this.warnings = warnings;
    this.base = CompilerClone.functionOf(point.function());
    this.suffix = CompilerClone.suffixOf(point.function());
  }

  /**
   * @param files all that the specifier's library means; at least one
   * @param warnings takes what the probe will not see
   * @param tellsFirst whether there is time to look at all files that can define the function first
   */
  static ResolvedProbe.UserFunction resolve(
      Specifier specifier,
      ProbePoint.UserFunction point,
      List<MappedFile> files,
      TargetLibraries libraries,
      Warnings warnings,
      boolean tellsFirst)
      throws SpecifierException, IOException {
    return new UserFunctions(specifier, point, libraries, warnings, tellsFirst).resolve(files);
  }

  /**
   * The functions of a file that belong to a name.
   *
   * @param functions of that very name, of all versions
   * @param clones what a compiler made of it besides, at other places
   */
  private record InFile(
      MappedFile file, ElfFile elf, List<Symbol> functions, List<Symbol> clones) {}

  private ResolvedProbe.UserFunction resolve(List<MappedFile> files)
      throws SpecifierException, IOException {
    if (CompilerClone.isPiece(point.function())) {
      throw error(
          "it is no function but a piece of one, which jumps to it: nothing calls it",
          "probe " + specifierOf(base));
    }
    List<CodeLocation> places = new ArrayList<>();
    List<InFile> without = new ArrayList<>();
    List<InFile> with = new ArrayList<>();
    ReturnDanger danger = null;
    for (InFile found : look(files)) {
      List<Symbol> chosen = choose(found);
      danger = worst(danger, danger(found, chosen));
      (chosen.isEmpty() ? without : with).add(found);
      for (Symbol symbol : chosen) {
        places.add(location(found, symbol, chosen.size() > 1 || point.version() != null));
      }
    }
    if (places.isEmpty()) {
      throw missing(without);
    }
    for (InFile file : without) {
      if (!LibraryPattern.isPattern(point.library()) && !isProgram(file.file(), with)) {
        warnings.add(
            file.file().path()
                + " has no function \""
                + point.function()
                + "\", so nothing is counted there.");
      }
      libraries.close(file.file());
    }
    if (!suffix.isEmpty()) {
      warnings.add(
          point.function()
              + " was made by the compiler, so its parameters may be others than those of "
              + base
              + ".");
    }
    with.forEach(this::tellClones);
    if (tellsFirst) {
      tellFirst(with);
    }
    return new ResolvedProbe.UserFunction(
        places, point.atReturn() ? new Returns.Replaced(danger) : null);
  }

  /**
   * Returns whether a file is not a copy of a library but has its short name: java for libjava.so.
   */
  private boolean isProgram(MappedFile file, List<InFile> libraries) {
    return file.name().equals(point.library())
        && libraries.stream().noneMatch(other -> other.file().name().equals(file.name()));
  }

  /** A file that cannot be read is told if there are others of its name. */
  private List<InFile> look(List<MappedFile> files) throws SpecifierException, IOException {
    List<InFile> found = new ArrayList<>();
    IOException failure = null;
    List<String> unread = new ArrayList<>();
    for (MappedFile file : files) {
      try {
        ElfFile elf = libraries.openOnce(file);
        if (elf != null) {
          found.add(look(file, libraries.withSymbols(file)));
        }
      } catch (IOException e) {
        failure = e;
        unread.add(
            "Nothing is counted in a library of this name that cannot be read: "
                + IoFailure.sentence(e));
      }
    }
    if (found.isEmpty() && failure != null) {
      throw failure;
    }
    unread.forEach(warnings::add);
    return found;
  }

  private InFile look(MappedFile file, ElfFile elf) throws IOException, SpecifierException {
    List<Symbol> all = new ArrayList<>();
    if (ScopedNames.isScoped(base)) {
      for (String prefix : ScopedNames.prefixes(base)) {
        all.addAll(elf.functionsBeginning(prefix));
      }
    } else {
      all.addAll(elf.functions(point.function()));
      if (suffix.isEmpty()) {
        all.addAll(elf.functionsBeginning(base + "."));
        all.removeIf(symbol -> !CompilerClone.functionOf(symbol.name()).equals(base));
      }
    }
    all.removeIf(symbol -> CompilerClone.isPiece(symbol.name()));
    List<Symbol> functions =
        all.stream()
            .filter(symbol -> CompilerClone.suffixOf(symbol.name()).equals(suffix))
            .toList();
    Set<Long> addresses = functions.stream().map(Symbol::address).collect(Collectors.toSet());
    List<Symbol> clones =
        suffix.isEmpty()
            ? all.stream().filter(symbol -> !addresses.contains(symbol.address())).toList()
            : List.of();
    checkOverloads(functions, clones);
    return new InFile(file, elf, functions, clones);
  }

  private void checkOverloads(List<Symbol> functions, List<Symbol> clones)
      throws SpecifierException {
    Map<String, String> names = new LinkedHashMap<>();
    clones.forEach(clone -> names.put(CompilerClone.functionOf(clone.name()), clone.name()));
    functions.forEach(symbol -> names.put(CompilerClone.functionOf(symbol.name()), symbol.name()));
    if (names.size() > 1) {
      throw error(
          "there are " + names.size() + " functions of this name",
          "use one mangled name: " + sorted(names.values()));
    }
  }

  private static String sorted(Collection<String> names) {
    return names.stream().distinct().sorted().collect(Collectors.joining(", "));
  }

  /**
   * Returns one symbol for each place that calls may go to.
   *
   * @return empty if the file has no such function
   */
  private List<Symbol> choose(InFile found) throws SpecifierException, IOException {
    String version = point.version();
    List<Symbol> exported =
        found.functions().stream()
            .filter(Symbol::exported)
            .filter(symbol -> version == null || version.equals(symbol.version()))
            .toList();
    Map<Long, Symbol> places = new LinkedHashMap<>();
    for (Symbol symbol : exported) {
      places.merge(symbol.address(), symbol, (a, b) -> a.defaultVersion() ? a : b);
    }
    Set<Long> others = new TreeSet<>();
    if (version == null) {
      found.functions().forEach(symbol -> others.add(symbol.address()));
      others.removeAll(places.keySet());
    }
    if (places.isEmpty() && others.size() > 1) {
      throw error("this library has " + others.size() + " functions of this name", null);
    } else if (places.isEmpty()) {
      found.functions().stream()
          .filter(symbol -> others.contains(symbol.address()))
          .forEach(symbol -> places.putIfAbsent(symbol.address(), symbol));
    } else if (!others.isEmpty()) {
      warnings.add(
          found.file().path()
              + " also has "
              + others.size()
              + " of the name \""
              + point.function()
              + "\" that it does not export, and they are not counted.");
    }
    List<Symbol> chosen = withoutIndirect(found, List.copyOf(places.values()));
    chosen = withoutForwarders(found, chosen);
    return chosen;
  }

  private List<Symbol> withoutIndirect(InFile found, List<Symbol> symbols)
      throws SpecifierException, IOException {
    List<Symbol> plain = symbols.stream().filter(symbol -> !symbol.indirect()).toList();
    for (Symbol symbol : symbols) {
      if (symbol.indirect() && (symbol.defaultVersion() || plain.isEmpty())) {
        throw error(
            "it is an IFUNC: it only picks an implementation once, calls do not pass through it",
            implementations(found.elf()));
      } else if (symbol.indirect()) {
        warnings.add(
            symbol.versioned()
                + " is an IFUNC, which calls do not pass through, so it is not counted.");
      }
    }
    return plain;
  }

  private String implementations(ElfFile elf) throws IOException {
    Set<String> names = new TreeSet<>();
    for (Symbol symbol : elf.functionsBeginning("__" + base + "_")) {
      // __memcpy_chk is another function, which checks the size first.
      if (!symbol.indirect() && !symbol.name().matches("__\\w+_(chk(_\\w+)?|ifunc)")) {
        names.add(symbol.name());
      }
    }
    if (!names.isEmpty()) {
      return "probe the one that this processor's calls go to: " + String.join(", ", names);
    }
    String stripped = libraries.whyNoSymbols(elf);
    return "its implementations have no symbols here" + (stripped == null ? "" : ": " + stripped);
  }

  /**
   * An old version that calls the new one must not count its calls a second time. Calls that it
   * answers itself, mostly with an error, are not seen then.
   */
  private List<Symbol> withoutForwarders(InFile found, List<Symbol> symbols) throws IOException {
    List<Symbol> kept = new ArrayList<>();
    for (Symbol symbol : symbols) {
      Symbol next = null;
      for (Symbol other : symbols) {
        if (other.address() != symbol.address()
            && Branches.lead(found.elf(), symbol, other.address())
            && !Branches.lead(found.elf(), other, symbol.address())) {
          next = other;
        }
      }
      if (next == null) {
        kept.add(symbol);
      } else {
        warnings.add(
            symbol.versioned()
                + " passes its calls on to "
                + next.versioned()
                + ", which is probed in its place, so that no call counts twice. What it answers itself"
                + " is not counted: "
                + specifierOf(symbol.name() + "@" + symbol.version())
                + " counts that, too.");
      }
    }
    return kept;
  }

  private static @Nullable ReturnDanger danger(InFile found, List<Symbol> chosen)
      throws IOException {
    boolean hotSpot = isHotSpot(found.file(), found.elf());
    ReturnDanger danger = null;
    for (Symbol symbol : chosen) {
      if (hotSpot && !isSafeReturn(symbol.name(), symbol.exported())) {
        danger = ReturnDanger.HOTSPOT;
      } else if (!hotSpot && symbol.name().startsWith(MANGLED)) {
        danger = worst(danger, ReturnDanger.EXCEPTIONS);
      }
    }
    return danger;
  }

  private static @Nullable ReturnDanger worst(@Nullable ReturnDanger a, @Nullable ReturnDanger b) {
    return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
  }

  /** Whatever the file is called: a JVM can be a copy under another name. */
  static boolean isHotSpot(MappedFile library, ElfFile elf) throws IOException {
    return library.name().equals("libjvm.so") || !elf.functions("JNI_CreateJavaVM").isEmpty();
  }

  /** Returns whether replacing the return address of a function of HotSpot is harmless. */
  static boolean isSafeReturn(String function, boolean exported) {
    return exported && (function.startsWith("JVM_") || function.startsWith("JNI_"));
  }

  private void tellClones(InFile found) {
    Set<String> names = new TreeSet<>();
    found.clones().forEach(clone -> names.add(clone.name()));
    if (!names.isEmpty()) {
      warnings.add(
          "The compiler made other functions of "
              + base
              + " in "
              + found.file().path()
              + ", and the calls that they take are not counted: probe them, too, by "
              + clones(names)
              + ".");
    }
  }

  /** Says so if calls by other files go elsewhere, for instance to a preloaded allocator. */
  private void tellFirst(List<InFile> with) {
    List<MappedFile> files = with.stream().map(InFile::file).toList();
    Set<String> names = new TreeSet<>();
    for (InFile file : with) {
      file.functions().stream()
          .filter(Symbol::exported)
          .forEach(symbol -> names.add(symbol.name()));
    }
    for (String name : names) {
      LookupScope.First first = LookupScope.otherThan(files, name, libraries);
      if (first != null) {
        warnings.add(
            first.file().path()
                + " defines "
                + name
                + " before "
                + files.get(0).path()
                + " ("
                + first.why()
                + "), so calls from other libraries go there and are not counted: p:"
                + MappedLibraries.shortestName(first.file())
                + ":"
                + name
                + "() counts them.");
      }
    }
  }

  private String clones(Set<String> names) {
    String shown =
        names.stream().limit(SHOWN_CLONES).map(this::specifierOf).collect(Collectors.joining(", "));
    return names.size() > SHOWN_CLONES
        ? shown + " and " + (names.size() - SHOWN_CLONES) + " more"
        : shown;
  }

  /** Returns the beginning of a specifier for another function of the library. */
  private String specifierOf(String function) {
    return "p:" + point.library() + ":" + function + "()";
  }

  /** Returns where something is missing, with the verb: {@code "/a.so and /b.so have"}. */
  static String paths(List<MappedFile> files) {
    List<String> paths = files.stream().map(MappedFile::path).limit(SHOWN_PATHS).toList();
    int more = files.size() - paths.size();
    return more > 0
        ? String.join(", ", paths) + " and " + more + " more have"
        : String.join(" and ", paths) + (paths.size() == 1 ? " has" : " have");
  }

  private SpecifierException missing(List<InFile> files) throws IOException {
    String paths = paths(files.stream().map(InFile::file).toList());
    Set<String> clones = new TreeSet<>();
    Set<String> versions = new TreeSet<>();
    Set<String> near = new LinkedHashSet<>();
    List<String> stripped = new ArrayList<>();
    for (InFile file : files) {
      file.clones().forEach(clone -> clones.add(clone.name()));
      file.functions().forEach(symbol -> versions.add(symbol.versioned()));
      near.addAll(near(file.elf()));
      String why = libraries.whyNoSymbols(file.elf());
      if (why != null) {
        stripped.add(why);
      }
    }
    if (!versions.isEmpty()) {
      return error(
          paths + " no version \"" + point.version() + "\" of \"" + base + "\"",
          "there is " + String.join(", ", versions));
    } else if (!clones.isEmpty()) {
      return error(
          paths + " only what the compiler made of \"" + base + "\", perhaps with other parameters",
          "probe " + clones(clones));
    }
    List<String> hints = new ArrayList<>();
    if (!near.isEmpty()) {
      hints.add("did you mean " + String.join(", ", near) + "?");
    }
    hints.addAll(stripped);
    return error(
        paths + " no function \"" + point.function() + "\"",
        hints.isEmpty() ? null : String.join(" ", hints));
  }

  private List<String> near(ElfFile elf) throws IOException {
    boolean scoped = ScopedNames.isScoped(base);
    NearNames exported = new NearNames(point.function());
    NearNames others = new NearNames(point.function());
    elf.forEachFunction(
        symbol -> {
          String readable = scoped ? ScopedNames.readable(symbol.name()) : symbol.name();
          boolean alike = ScopedNames.isScoped(readable) == scoped;
          if (alike && !CompilerClone.isPiece(symbol.name())) {
            (symbol.exported() ? exported : others).add(readable);
          }
        });
    List<String> near = exported.nearest();
    return near.isEmpty() ? others.nearest() : near;
  }

  private CodeLocation location(InFile found, Symbol symbol, boolean versioned) throws IOException {
    String name = versioned ? symbol.versioned() : symbol.name();
    return found.elf().location(symbol.address(), found.file().path() + ":" + name);
  }

  private SpecifierException error(String reason, @Nullable String hint) {
    return new SpecifierException(
        specifier.text(), new Diagnostic("function", point.nameSpan(), reason, hint));
  }
}
