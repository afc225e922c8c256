/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Specifier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that the libraries of one probe mean, as far as they are known: those that are mapped,
 * those that were, and what is at a path that is not mapped yet. A process can map further ones at
 * any time. Each look at the process finds the files that are new. Not thread-safe.
 */
public final class LibraryCopies {
  private final Map<Integer, String> names = new LinkedHashMap<>();
  private final boolean waits;
  private Set<String> unfinished = Set.of();
  private final List<Copy> known = new ArrayList<>();
  private final List<Copy> found = new ArrayList<>();
  private final Map<Integer, Set<List<Object>>> seen = new HashMap<>();
  private final Map<Integer, String> hints = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();

  private LibraryCopies(boolean waits) {
    this.waits = waits;
  }

  /** Returns one that refuses a library that is not mapped. */
  public static LibraryCopies refusing() {
    return new LibraryCopies(false);
  }

  /** Returns one that waits for libraries that are not mapped. */
  public static LibraryCopies of(Specifier specifier) {
    LibraryCopies copies = new LibraryCopies(true);
    for (int i = 0; i < specifier.events().size(); i++) {
      Event event = specifier.events().get(i);
      if (event.point() instanceof ProbePoint.UserFunction function) {
        copies.names.put(i, function.library());
      } else if (event.point() instanceof ProbePoint.Usdt usdt && usdt.library() != null) {
        copies.names.put(i, usdt.library());
      }
    }
    return copies;
  }

  /** A file of one of the probe's events. It is known by its identity. */
  public static final class Copy {
    private final int event;
    private final MappedFile file;
    private final FileStatus status;
    private final String openPath;
    private final Set<List<Object>> mappings = new HashSet<>();
    private boolean mapped;
    private boolean hasPlaces = true;

    private Copy(int event, MappedFile file, ElfFile elf) throws IOException {
      this.event = event;
      this.file = file;
      this.status = elf.status();
      this.openPath = elf.openPath();
      note(file);
    }

    private void note(MappedFile mapping) {
      if (!mapping.range().isEmpty()) {
        mappings.add(mapping.key());
        mapped = true;
      }
    }

    /** Returns the path as the target sees it. */
    public String path() {
      return file.path();
    }

    /** Returns our path to the open file, valid as long as the look's libraries are open. */
    public String openPath() {
      return openPath;
    }

    /** Returns whether it was mapped at the last look. */
    public boolean isMapped() {
      return mapped;
    }
  }

  /**
   * Why a file that was found has nothing to probe.
   *
   * @param isFinal whether no other file can be meant, and waiting is of no use
   */
  public record Problem(String reason, boolean isFinal) {}

  boolean waits() {
    return waits;
  }

  /** Returns whether further files can come to be meant. */
  public boolean canGrow() {
    return !names.isEmpty();
  }

  /**
   * Begins a look at the process, which is not the first one. Forgets files that are not mapped any
   * more and that nobody can map again by their path, and those that are not mapped and have
   * changed: what was found in them need not be there any more.
   *
   * @param written the paths of files that are being written
   * @return what is forgotten
   */
  public List<Copy> lookAgain(TargetProcess target, Set<String> written) {
    found.clear();
    problems.clear();
    unfinished = Set.copyOf(written);
    Set<List<Object>> now =
        target.files().stream().map(MappedFile::key).collect(Collectors.toSet());
    seen.values().forEach(keys -> keys.retainAll(now));
    List<Copy> gone = new ArrayList<>();
    for (Copy copy : known) {
      copy.mapped = copy.mappings.stream().anyMatch(now::contains);
      if (!copy.mapped
          && (written.contains(copy.file.bytes()) || !isUnchanged(copy, target.pid()))) {
        gone.add(copy);
      }
    }
    known.removeAll(gone);
    return gone;
  }

  private static boolean isUnchanged(Copy copy, long pid) {
    try {
      FileStatus now = RegularFile.statusInRoot(pid, copy.file.bytes(), true);
      return now.isSameFile(copy.status)
          && now.size() == copy.status.size()
          && now.modified().equals(copy.status.modified());
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns the files of a library that were not known before this look.
   *
   * @param event the number of the event that the library is of
   */
  List<MappedFile> fresh(int event, String name, TargetLibraries libraries) {
    TargetProcess target = libraries.target();
    if (!waits) {
      return MappedLibraries.named(target, name);
    }
    Set<List<Object>> before = seen.computeIfAbsent(event, first -> new HashSet<>());
    TargetProcess others =
        target.with(target.files().stream().filter(file -> before.add(file.key())).toList());
    List<MappedFile> fresh = new ArrayList<>();
    for (MappedFile file : MappedLibraries.named(others, name)) {
      note(event, file, libraries, fresh);
    }
    if (isPath(name) && !unfinished.contains(KernelFile.asRead(name))) {
      MappedFile there = target.fileAt(name);
      if (there != null) {
        note(event, there, libraries, fresh);
      }
    }
    if (fresh.isEmpty() && known.stream().noneMatch(copy -> copy.event == event)) {
      hints.put(event, MappedLibraries.hint(target, name));
    } else {
      hints.remove(event);
    }
    return fresh;
  }

  private void note(int event, MappedFile file, TargetLibraries libraries, List<MappedFile> fresh) {
    Copy mapped =
        known.stream()
            .filter(copy -> copy.event == event && copy.mappings.contains(file.key()))
            .findFirst()
            .orElse(null);
    if (mapped != null) {
      mapped.note(file);
      return;
    }
    try {
      // A file that is open already under another of its names would not be opened once more.
      FileStatus status = libraries.lookedAt(file, ElfFile::status);
      Copy same = copy(event, status);
      if (same != null) {
        same.note(file);
        return;
      } else if (isFull(event)) {
        problems.add(
            new Problem(
                file.path()
                    + " is not counted: "
                    + LibraryPattern.MOST
                    + " libraries that match are there already.",
                /* isFinal= */ false));
        return;
      }
      found.add(new Copy(event, file, libraries.open(file)));
    } catch (IOException e) {
      if (e.getCause() instanceof KernelException cause && cause.isMissing()) {
        // It is not mapped any more.
        return;
      }
      // Who reads it tells the reason.
    }
    fresh.add(file);
  }

  private @Nullable Copy copy(int event, FileStatus status) {
    List<Copy> all = new ArrayList<>(known);
    all.addAll(found);
    return all.stream()
        .filter(copy -> copy.event == event && copy.status.isSameFile(status))
        .findFirst()
        .orElse(null);
  }

  static boolean isPath(String name) {
    return name.startsWith("/") && !LibraryPattern.isPattern(name);
  }

  /**
   * What was found for an event is of no use. Nothing is wrong with a file that is not mapped: it
   * may be another one when it is.
   *
   * @param files what was found
   */
  void useless(int event, List<MappedFile> files, String reason, boolean isFinal) {
    found.removeIf(copy -> copy.event == event);
    if (files.stream().allMatch(file -> file.range().isEmpty())) {
      return;
    }
    boolean pattern = LibraryPattern.isPattern(names.getOrDefault(event, ""));
    boolean placed = placed(event).findAny().isPresent();
    // Of the files that a pattern means, many are other ones.
    if (!pattern || !placed) {
      problems.add(new Problem(reason, isFinal && !pattern && !placed));
    }
  }

  /** Returns the files that this look has found. */
  public List<Copy> found() {
    return List.copyOf(found);
  }

  /**
   * Takes note of a file that was found.
   *
   * @param hasPlaces whether there is something to probe in it
   */
  public void add(Copy copy, boolean hasPlaces) {
    copy.hasPlaces = hasPlaces;
    known.add(copy);
  }

  /** Returns what this look has found to be of no use. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** Returns whether an event has as many files as it may have. */
  private boolean isFull(int event) {
    return known.stream().filter(copy -> copy.event == event).count() >= LibraryPattern.MOST;
  }

  /**
   * Returns for people what is not mapped: {@code "libfoo.so is not mapped"}.
   *
   * @return null if there is nothing to wait for
   */
  public @Nullable String awaited() {
    Set<String> missing = new LinkedHashSet<>();
    names.forEach(
        (event, name) -> {
          if (placed(event).noneMatch(Copy::isMapped)) {
            missing.add(name);
          }
        });
    return missing.isEmpty()
        ? null
        : String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are") + " not mapped";
  }

  /** Returns whether each library has a file to probe at least, mapped or not. */
  public boolean isPlaced() {
    return names.keySet().stream().allMatch(event -> placed(event).findAny().isPresent());
  }

  private Stream<Copy> placed(int event) {
    return Stream.concat(known.stream(), found.stream())
        .filter(copy -> copy.event == event && copy.hasPlaces);
  }

  /** Returns for people, as sentences, what could be wrong with names of which nothing is there. */
  public List<String> hints() {
    List<String> sentences = new ArrayList<>();
    hints.forEach(
        (event, hint) -> {
          String name = names.getOrDefault(event, "");
          String what = LibraryPattern.isPattern(name) ? "that matches \"" : "\"";
          sentences.add("No library " + what + name + "\" is mapped yet: " + hint);
        });
    return sentences;
  }

  /** Returns the paths at which files can come to be, as {@link KernelFile} reads them. */
  public Set<String> paths() {
    return names.values().stream()
        .filter(LibraryCopies::isPath)
        .map(KernelFile::asRead)
        .collect(Collectors.toSet());
  }
}
