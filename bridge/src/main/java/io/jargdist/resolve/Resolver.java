/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.ResolvedProbe.UsdtSite;
import io.jargdist.facts.Returns;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds what a specifier names in one process and in the running kernel. */
public final class Resolver {
  /** HotSpot has not more than 20 of any. */
  private static final int MOST_SITES = 1000;

  private static final int SHOWN_UNREAD = 3;

  private static final String WHEN = " (a library must be mapped when the probe is attached)";

  /** The kernel's perf events have 32 bits for the offset of a counter. */
  private static final long MOST_SEMAPHORE = 0xffff_ffffL;

  private final TargetProcess target;
  private final TargetLibraries libraries;
  private final KernelTypes types;
  private final Warnings warnings;
  private final LibraryCopies copies;

  /**
   * @param libraries of the target, which own the files that this opens
   * @param types the running kernel's
   * @param warnings takes what the probes cannot see
   */
  public Resolver(TargetLibraries libraries, KernelTypes types, Warnings warnings) {
    this(libraries, types, warnings, LibraryCopies.refusing());
  }

  /**
   * @param copies decides whether a library must be mapped, and takes the files that are found
   */
  public Resolver(
      TargetLibraries libraries, KernelTypes types, Warnings warnings, LibraryCopies copies) {
    this.copies = copies;
    this.target = libraries.target();
    this.libraries = libraries;
    this.types = types;
    this.warnings = warnings;
  }

  /**
   * Places that it finds in files are valid until the libraries are closed.
   *
   * @return what was found for each of the specifier's events, in their order
   * @throws SpecifierException if there is no such thing, or it must not be probed
   * @throws MachineException if the machine cannot tell
   */
  public List<ResolvedProbe> resolve(Specifier specifier)
      throws SpecifierException, MachineException {
    List<ResolvedProbe> found = new ArrayList<>();
    for (Event each : specifier.events()) {
      found.add(resolve(specifier, each.point(), found.size()));
    }
    return found;
  }

  /**
   * Finds further places in files that have come to be meant since {@linkplain
   * LibraryCopies#lookAgain the last look}.
   *
   * @param before what was found then
   * @return for each event the places of before, awaited, and then the new ones
   */
  public List<ResolvedProbe> resolveFurther(Specifier specifier, List<ResolvedProbe> before) {
    List<ResolvedProbe> found = new ArrayList<>();
    for (Event each : specifier.events()) {
      int event = found.size();
      found.add(
          switch (each.point().kind()) {
            case USER_FUNCTION ->
                further(
                    specifier,
                    (ProbePoint.UserFunction) each.point(),
                    event,
                    (ResolvedProbe.UserFunction) before.get(event));
            case USDT ->
                further(
                    specifier,
                    (ProbePoint.Usdt) each.point(),
                    event,
                    (ResolvedProbe.Usdt) before.get(event));
            case KERNEL_FUNCTION, TRACEPOINT -> before.get(event);
          });
    }
    return found;
  }

  private ResolvedProbe further(
      Specifier specifier,
      ProbePoint.UserFunction point,
      int event,
      ResolvedProbe.UserFunction before) {
    List<MappedFile> files = copies.fresh(event, point.library(), libraries);
    return furtherIn(
        files,
        event,
        () -> {
          ResolvedProbe.UserFunction found =
              UserFunctions.resolve(specifier, point, files, libraries, warnings, false);
          return before.with(found);
        },
        before.with(new ResolvedProbe.UserFunction(List.of(), returns(point))));
  }

  private ResolvedProbe further(
      Specifier specifier, ProbePoint.Usdt point, int event, ResolvedProbe.Usdt before) {
    List<MappedFile> files =
        point.library() == null ? List.of() : copies.fresh(event, point.library(), libraries);
    return furtherIn(
        files,
        event,
        () -> before.with(usdt(specifier, point, files).sites()),
        before.with(List.of()));
  }

  private interface Search {
    ResolvedProbe run() throws SpecifierException, IOException;
  }

  private ResolvedProbe furtherIn(
      List<MappedFile> files, int event, Search search, ResolvedProbe nothing) {
    try {
      return files.isEmpty() ? nothing : search.run();
    } catch (SpecifierException e) {
      copies.useless(event, files, e.diagnostic().reason(), /* isFinal= */ true);
    } catch (IOException e) {
      copies.useless(event, files, IoFailure.sentence(e), /* isFinal= */ false);
    }
    return nothing;
  }

  private ResolvedProbe resolve(Specifier specifier, ProbePoint point, int event)
      throws SpecifierException, MachineException {
    try {
      return switch (point.kind()) {
        case USER_FUNCTION -> function(specifier, (ProbePoint.UserFunction) point, event);
        case KERNEL_FUNCTION ->
            KernelFunctions.resolve(specifier, (ProbePoint.KernelFunction) point, types);
        case TRACEPOINT -> Tracepoints.resolve(specifier, (ProbePoint.Tracepoint) point);
        case USDT -> usdt(specifier, (ProbePoint.Usdt) point, event);
      };
    } catch (IOException e) {
      throw new MachineException("reading a library of the target: " + IoFailure.sentence(e), e);
    }
  }

  private ResolvedProbe function(Specifier specifier, ProbePoint.UserFunction point, int event)
      throws SpecifierException, IOException {
    List<MappedFile> files = libraries(specifier, point.library(), point.librarySpan(), event);
    if (files.isEmpty()) {
      CodeLocation awaited =
          CodeLocation.awaited(point.library() + ":" + point.function() + " (not mapped yet)");
      return new ResolvedProbe.UserFunction(List.of(awaited), returns(point));
    }
    return UserFunctions.resolve(specifier, point, files, libraries, warnings, true);
  }

  /** Returns how returns are seen as long as no file tells that this could do harm. */
  private static @Nullable Returns returns(ProbePoint.UserFunction point) {
    return point.atReturn() ? new Returns.Replaced(null) : null;
  }

  private ResolvedProbe usdt(Specifier specifier, ProbePoint.Usdt point, int event)
      throws SpecifierException, IOException {
    List<MappedFile> files =
        point.library() == null
            ? target.files()
            : libraries(specifier, point.library(), point.librarySpan(), event);
    if (files.isEmpty() && point.library() != null) {
      throw unmapped(specifier, point.library(), point.librarySpan());
    }
    return usdt(specifier, point, files);
  }

  private ResolvedProbe.Usdt usdt(
      Specifier specifier, ProbePoint.Usdt point, List<MappedFile> files)
      throws SpecifierException, IOException {
    Map<String, List<UsdtSite>> sites = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>();
    Set<String> providers = new TreeSet<>();
    List<String> unread = new ArrayList<>();
    for (MappedFile file : files) {
      List<UsdtNotes.Note> notes =
          notes(file, point.library() == null || files.size() > 1 ? unread : null);
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
          without(point, files),
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
          "places of the USDT probe "
              + point.probe()
              + " in files that cannot be read are not counted: "
              + String.join(", ", unread));
    }
    return new ResolvedProbe.Usdt(only.getKey(), point.probe(), places);
  }

  /** Says that there is no such probe, and where. */
  private static String without(ProbePoint.Usdt point, List<MappedFile> files) {
    return point.library() != null && LibraryPattern.isPattern(point.library())
        ? UserFunctions.paths(files) + " no USDT probe \"" + point.probe() + "\""
        : "there is no USDT probe \"" + point.probe() + "\" here";
  }

  /**
   * Returns the notes of a file, which stays open. There are none if it is open under another of
   * its names.
   *
   * @param unread takes why the file cannot be read; null if that is a failure. Java maps files
   *     that are no libraries at all, of which users need no message.
   */
  private List<UsdtNotes.Note> notes(MappedFile file, @Nullable List<String> unread)
      throws IOException {
    try {
      ElfFile elf = libraries.openOnce(file);
      return elf == null ? List.of() : UsdtNotes.read(elf);
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
        elf.location(note.address(), file.path() + ":" + note.provider() + ":" + note.probe()),
        UsdtOperandParser.parse(note.arguments(), Architecture.current()),
        semaphore);
  }

  /** Returns all files of a name that are not known; none if it is waited for. */
  private List<MappedFile> libraries(Specifier specifier, String name, Span span, int event)
      throws SpecifierException {
    List<MappedFile> found = copies.fresh(event, name, libraries);
    if (found.isEmpty() && !copies.waits()) {
      throw unmapped(specifier, name, span);
    } else if (LibraryPattern.isPattern(name) && found.size() > LibraryPattern.MOST) {
      throw error(
          specifier,
          "library",
          span,
          found.size() + " libraries match, and " + LibraryPattern.MOST + " are allowed",
          "write more of the name");
    }
    return found;
  }

  private SpecifierException unmapped(Specifier specifier, String name, Span span) {
    return error(
        specifier,
        "library",
        span,
        LibraryPattern.isPattern(name)
            ? "the process has not mapped a library that matches \"" + name + "\""
            : "the process has not mapped a library \"" + name + "\"",
        MappedLibraries.hint(target, name) + WHEN);
  }

  private static SpecifierException error(
      Specifier specifier, String field, Span span, String reason, @Nullable String hint) {
    return new SpecifierException(specifier.text(), new Diagnostic(field, span, reason, hint));
  }
}
