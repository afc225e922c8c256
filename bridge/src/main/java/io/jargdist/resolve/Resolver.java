/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.Architecture;
import io.jargdist.codegen.CodeLocation;
import io.jargdist.codegen.ResolvedProbe;
import io.jargdist.codegen.ResolvedProbe.UsdtSite;
import io.jargdist.os.MachineException;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds what a specifier names in one process and in the running kernel. */
public final class Resolver {
  private static final Pattern NESTED = Pattern.compile("_ZNK?(?=\\d)");
  private static final Pattern LENGTH = Pattern.compile("[1-9]\\d{0,3}");

  /** HotSpot has not more than 20 of any. */
  private static final int MOST_SITES = 1000;

  private static final int SHOWN_UNREAD = 3;

  /** The kernel's perf events have 32 bits for the offset of a counter. */
  private static final long MOST_SEMAPHORE = 0xffff_ffffL;

  private final TargetProcess target;
  private final TargetLibraries libraries;
  private final KernelTypes types;
  private final Warnings warnings;

  /**
   * @param libraries of the target, which own the files that this opens
   * @param types the running kernel's
   * @param warnings takes what the probes cannot see
   */
  public Resolver(TargetLibraries libraries, KernelTypes types, Warnings warnings) {
    this.target = libraries.target();
    this.libraries = libraries;
    this.types = types;
    this.warnings = warnings;
  }

  /**
   * Places that it finds in files are valid until the libraries are closed.
   *
   * @throws SpecifierException if there is no such thing, or it must not be probed
   * @throws MachineException if the machine cannot tell
   */
  public ResolvedProbe resolve(Specifier specifier) throws SpecifierException, MachineException {
    ProbePoint point = specifier.point();
    try {
      if (point instanceof ProbePoint.UserFunction function) {
        return function(specifier, function);
      } else if (point instanceof ProbePoint.Usdt usdt) {
        return usdt(specifier, usdt);
      } else if (point instanceof ProbePoint.Tracepoint tracepoint) {
        return Tracepoints.resolve(specifier, tracepoint);
      }
      return KernelFunctions.resolve(specifier, (ProbePoint.KernelFunction) point, types);
    } catch (IOException e) {
      throw new MachineException("reading a library of the target: " + IoFailure.sentence(e), e);
    }
  }

  private ResolvedProbe function(Specifier specifier, ProbePoint.UserFunction point)
      throws SpecifierException, IOException {
    MappedFile library = library(specifier, point.library(), point.librarySpan());
    ElfFile elf = libraries.open(library);
    List<ElfFile.Symbol> found =
        point.function().contains("::")
            ? demangled(specifier, point, elf)
            : elf.functions(point.function());
    if (found.isEmpty()) {
      List<String> near = near(point.function(), elf);
      throw error(
          specifier,
          "function",
          point.nameSpan(),
          library.path() + " has no function \"" + point.function() + "\"",
          near.isEmpty() ? null : "did you mean " + String.join(", ", near) + "?");
    }
    ElfFile.Symbol symbol = choose(specifier, point, found);
    if (symbol.indirect()) {
      Set<String> near = new TreeSet<>();
      elf.functionsBeginning("__" + point.function() + "_").forEach(s -> near.add(s.name()));
      throw error(
          specifier,
          "function",
          point.nameSpan(),
          "it is an IFUNC: it only picks an implementation once, calls do not pass through it",
          near.isEmpty()
              ? "its implementations have no symbols in this library"
              : "probe one of " + String.join(", ", near));
    }
    boolean exported = elf.functions(symbol.name()).stream().anyMatch(ElfFile.Symbol::exported);
    if (point.atReturn() && isHotSpot(library, elf)) {
      if (!isSafeReturn(symbol.name(), exported)) {
        throw error(
            specifier,
            "probe type",
            new Span(0, 1),
            "a return probe on this function can crash the JVM: HotSpot walks stacks by return"
                + " addresses, which return probes replace",
            "use p: for its entry, or an exported JVM_* or JNI_* function");
      }
    }
    return new ResolvedProbe.UserFunction(
        location(library, elf, symbol.address(), symbol.name()), point.atReturn());
  }

  private static List<String> near(String function, ElfFile elf) throws IOException {
    boolean scoped = function.contains("::");
    NearNames near = new NearNames(function);
    elf.functionNames(
        name -> {
          String readable = scoped ? demangled(name) : name;
          if (!scoped || readable.contains("::")) {
            near.add(readable);
          }
        });
    return near.nearest();
  }

  /** Whatever the file is called: a JVM can be a copy under another name. */
  static boolean isHotSpot(MappedFile library, ElfFile elf) throws IOException {
    return library.name().equals("libjvm.so") || !elf.functions("JNI_CreateJavaVM").isEmpty();
  }

  /** Whether a return probe on a function of HotSpot is known to be harmless. */
  static boolean isSafeReturn(String function, boolean exported) {
    return exported && (function.startsWith("JVM_") || function.startsWith("JNI_"));
  }

  /** {@code Class::method} by the beginning of its mangled name (Itanium C++ ABI, nested names). */
  private List<ElfFile.Symbol> demangled(
      Specifier specifier, ProbePoint.UserFunction point, ElfFile elf)
      throws SpecifierException, IOException {
    StringBuilder mangled = new StringBuilder();
    for (String part : point.function().split("::")) {
      mangled.append(part.length()).append(part);
    }
    List<ElfFile.Symbol> found = new ArrayList<>();
    for (String prefix : List.of("_ZN", "_ZNK")) {
      found.addAll(elf.functionsBeginning(prefix + mangled + "E"));
    }
    Set<String> names =
        found.stream().map(ElfFile.Symbol::name).collect(Collectors.toCollection(TreeSet::new));
    if (names.size() > 1) {
      throw error(
          specifier,
          "function",
          point.nameSpan(),
          "there are " + names.size() + " functions of this name",
          "use one mangled name: " + String.join(", ", names));
    }
    return found;
  }

  /** The way back: {@code Class::method} for a mangled name, and any other as it is. */
  private static String demangled(String name) {
    Matcher start = NESTED.matcher(name);
    StringBuilder result = new StringBuilder();
    for (int at = start.lookingAt() ? start.end() : name.length(); at < name.length(); ) {
      Matcher digits = LENGTH.matcher(name).region(at, name.length());
      if (!digits.lookingAt()) {
        return name.charAt(at) == 'E' ? result.toString() : name;
      }
      int length = Integer.parseInt(digits.group());
      at = digits.end() + length;
      if (at > name.length()) {
        return name;
      }
      result.append(result.isEmpty() ? "" : "::").append(name, digits.end(), at);
    }
    return name;
  }

  private static ElfFile.Symbol choose(
      Specifier specifier, ProbePoint.UserFunction point, List<ElfFile.Symbol> found)
      throws SpecifierException {
    List<ElfFile.Symbol> current = found.stream().filter(ElfFile.Symbol::defaultVersion).toList();
    List<ElfFile.Symbol> candidates = current.isEmpty() ? found : current;
    Set<Long> addresses = new LinkedHashSet<>();
    candidates.forEach(symbol -> addresses.add(symbol.address()));
    if (addresses.size() > 1) {
      throw error(
          specifier,
          "function",
          point.nameSpan(),
          "this library has " + addresses.size() + " functions of this name",
          null);
    }
    return candidates.get(0);
  }

  private ResolvedProbe usdt(Specifier specifier, ProbePoint.Usdt point)
      throws SpecifierException, IOException {
    List<MappedFile> files =
        point.library() == null
            ? target.files()
            : List.of(library(specifier, point.library(), point.librarySpan()));
    Map<String, List<UsdtSite>> sites = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>();
    Set<String> providers = new TreeSet<>();
    List<String> unread = new ArrayList<>();
    for (MappedFile file : files) {
      List<UsdtNotes.Note> notes = notes(file, point.library() == null ? unread : null);
      boolean any = false;
      for (UsdtNotes.Note note : notes) {
        names.add(note.probe());
        if (note.probe().equals(point.probe())) {
          providers.add(note.provider());
        }
        boolean wanted =
            note.probe().equals(point.probe())
                && (point.provider() == null || point.provider().equals(note.provider()));
        if (wanted) {
          any = true;
          sites
              .computeIfAbsent(note.provider(), provider -> new ArrayList<>())
              .add(site(file, libraries.open(file), note));
        }
      }
      if (!any) {
        libraries.close(file);
      }
    }
    if (sites.isEmpty() && !providers.isEmpty()) {
      throw error(
          specifier,
          "probe",
          point.nameSpan(),
          "provider \"" + point.provider() + "\" has no USDT probe \"" + point.probe() + "\"",
          "its provider is " + String.join(", or ", providers));
    }
    if (sites.isEmpty()) {
      List<String> near = Similar.nearest(point.probe(), names, 3);
      throw error(
          specifier,
          "probe",
          point.nameSpan(),
          "there is no USDT probe \"" + point.probe() + "\" here",
          near.isEmpty()
              ? unread.isEmpty() ? null : "not read: " + String.join(", ", unread)
              : "did you mean " + String.join(", ", near) + "?");
    }
    if (sites.size() > 1) {
      throw error(
          specifier,
          "probe",
          point.nameSpan(),
          "several providers have this probe",
          "write one of "
              + sites.keySet().stream()
                  .map(provider -> provider + "." + point.probe())
                  .collect(Collectors.joining(", ")));
    }
    Map.Entry<String, List<UsdtSite>> only = sites.entrySet().iterator().next();
    List<UsdtSite> places = only.getValue().stream().distinct().toList();
    if (places.size() > MOST_SITES) {
      throw error(
          specifier,
          "probe",
          point.nameSpan(),
          "it was compiled in at " + places.size() + " places, more than " + MOST_SITES,
          null);
    }
    if (!unread.isEmpty()) {
      warnings.add(
          "Places of the USDT probe "
              + point.probe()
              + " in files that cannot be read are not counted: "
              + String.join(", ", unread));
    }
    return new ResolvedProbe.Usdt(only.getKey(), point.probe(), places);
  }

  /**
   * The notes of a file, which stays open.
   *
   * @param unread takes why the file cannot be read; null if that is a failure. Java maps files
   *     that are no libraries at all, which nobody needs to be told.
   */
  private List<UsdtNotes.Note> notes(MappedFile file, @Nullable List<String> unread)
      throws IOException {
    try {
      return UsdtNotes.read(libraries.open(file));
    } catch (IOException e) {
      if (unread == null) {
        throw e;
      } else if (!(e instanceof NotElfException) && unread.size() < SHOWN_UNREAD) {
        unread.add(IoFailure.sentence(e));
      }
      return List.of();
    }
  }

  private static UsdtSite site(MappedFile file, ElfFile elf, UsdtNotes.Note note)
      throws IOException {
    Long semaphore = note.semaphore() == 0 ? null : (Long) elf.fileOffset(note.semaphore());
    if (semaphore != null && semaphore > MOST_SEMAPHORE) {
      throw elf.content().malformed("the counter of a USDT probe lies too far behind");
    }
    return new UsdtSite(
        location(file, elf, note.address(), note.provider() + ":" + note.probe()),
        UsdtOperandParser.parse(note.arguments(), Architecture.current()),
        semaphore);
  }

  private MappedFile library(Specifier specifier, String name, Span span)
      throws SpecifierException {
    MappedFile found = mapped(name);
    if (found != null) {
      return found;
    }
    throw error(
        specifier,
        "library",
        span,
        "the process has not mapped a library \"" + name + "\"",
        LibraryHint.of(name, target.files().stream().map(MappedFile::name).toList()));
  }

  /**
   * As a specifier calls a file: {@code jvm} for {@code libjvm.so}, {@code c} for {@code
   * libc-2.31.so}.
   */
  static String shortName(String file) {
    return file.replaceFirst("^lib", "").replaceFirst("(-[0-9.]+)?\\.so.*$", "");
  }

  private @Nullable MappedFile mapped(String name) {
    for (MappedFile file : target.files()) {
      if (name.startsWith("/") ? isAt(file, name) : isNamed(file.name(), name)) {
        return file;
      }
    }
    return null;
  }

  /**
   * Whether a path leads to a file, perhaps by links, as {@code /lib} leads to {@code /usr/lib}.
   */
  private boolean isAt(MappedFile file, String path) {
    if (file.path().equals(path)) {
      return true;
    }
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    String asked = new String(bytes, StandardCharsets.ISO_8859_1);
    try (RegularFile mapped = target.open(file)) {
      return RegularFile.statusInRoot(target.pid(), asked, true).isSameFile(mapped.status());
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a file is the library that a specifier calls by a short name. */
  static boolean isNamed(String file, String name) {
    if (name.equals("c") && (file.startsWith("ld-musl-") || file.startsWith("libc.musl-"))) {
      return true;
    }
    String library = "lib" + name;
    return file.equals(name)
        || file.equals(library)
        || file.startsWith(library + ".so")
        || file.matches(Pattern.quote(library) + "-[0-9.]+\\.so.*");
  }

  private static CodeLocation location(MappedFile file, ElfFile elf, long address, String name)
      throws IOException {
    return new CodeLocation(elf.openPath(), elf.codeOffset(address), file.path() + ":" + name);
  }

  private static SpecifierException error(
      Specifier specifier, String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
