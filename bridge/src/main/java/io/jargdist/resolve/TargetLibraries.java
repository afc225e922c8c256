/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of a target that a request has opened, each once. So probes are attached to the very
 * files that were read, whatever the target does to its mappings and to the names of its files
 * meanwhile. Owns the open files; a {@link CodeLocation} in one of them is valid until this is
 * closed. Not thread-safe.
 */
public final class TargetLibraries implements AutoCloseable {
  private final TargetProcess target;
  private final WorkBudget budget = WorkBudget.ofARequest();
  private final WorkBudget debugBudget = WorkBudget.ofDebugFiles();
  private final Map<MappedFile, ElfFile> open = new LinkedHashMap<>();
  private final Map<ElfFile, String> withoutSymbols = new HashMap<>();

  public TargetLibraries(TargetProcess target) {
    this.target = target;
  }

  public TargetProcess target() {
    return target;
  }

  /**
   * Opens a file, unless it is open.
   *
   * @throws MalformedFileException if it is an ELF file, and not a whole one
   * @throws IOException if it is none, or cannot be opened
   */
  ElfFile open(MappedFile file) throws IOException {
    ElfFile known = open.get(file);
    if (known == null) {
      known = ElfFile.open(target.open(file), budget);
      open.put(file, known);
    }
    return known;
  }

  /**
   * The same, but for a file that is open already under another of its paths: hard links, and
   * mounts of the same folder.
   *
   * @return null for such a file
   */
  @Nullable ElfFile openOnce(MappedFile file) throws IOException {
    ElfFile elf = open(file);
    for (ElfFile other : open.values()) {
      if (other != elf && other.status().isSameFile(elf.status())) {
        close(file);
        return null;
      }
    }
    return elf;
  }

  /** The same, with the symbols that were stripped off it, where they can be found. */
  ElfFile withSymbols(MappedFile file) throws IOException {
    ElfFile elf = open(file);
    if (!withoutSymbols.containsKey(elf)) {
      String why = DebugFiles.addTo(elf, file, target.pid(), debugBudget);
      if (why != null) {
        withoutSymbols.put(elf, why);
      }
    }
    return elf;
  }

  /**
   * Returns why a file lacks symbols, and what to do about it, for people.
   *
   * @return null if it has, or they were not looked for
   */
  @Nullable String whyNoSymbols(ElfFile elf) {
    return withoutSymbols.get(elf);
  }

  /** Looks at a file. */
  interface Look<T> {
    T at(ElfFile elf) throws IOException;
  }

  /** Looks at a file, which is open afterwards only if it was before. */
  <T> T lookedAt(MappedFile file, Look<T> look) throws IOException {
    boolean known = open.containsKey(file);
    try {
      return look.at(open(file));
    } finally {
      if (!known) {
        close(file);
      }
    }
  }

  /** Closes a file in which nothing was found. */
  void close(MappedFile file) {
    ElfFile elf = open.remove(file);
    if (elf != null) {
      elf.close();
    }
  }

  /** Returns the open file that a location is in. */
  ElfFile file(CodeLocation location) {
    return entry(location).getValue();
  }

  /** Returns the mapped file that a location is in; it is open. */
  MappedFile mapped(CodeLocation location) {
    return entry(location).getKey();
  }

  private Map.Entry<MappedFile, ElfFile> entry(CodeLocation location) {
    for (Map.Entry<MappedFile, ElfFile> entry : open.entrySet()) {
      if (entry.getValue().openPath().equals(location.path())) {
        return entry;
      }
    }
    throw new IllegalArgumentException(location.display() + " is in no file that is open here");
  }

  /**
   * Checks that the target's user cannot write the open files, unless that is root or our own user.
   * A user who can write a file decides what a probe in it stops, and in which processes. So probes
   * that see other processes need this check.
   *
   * @throws MachineException if it can write one of the open files, or replace it
   */
  public void checkThatTargetCannotWrite() throws MachineException {
    try {
      String pid = Long.toString(target.pid());
      ProcessStatus writer = ProcessStatus.of(pid);
      int self = ProcessStatus.of("self").effectiveUid();
      if (writer.effectiveUid() == 0 || writer.effectiveUid() == self) {
        return;
      }
      for (Map.Entry<MappedFile, ElfFile> entry : open.entrySet()) {
        MappedFile file = entry.getKey();
        check(new DebugFile.Place(target.pid(), file.bytes()), entry.getValue().status(), writer);
        DebugFile debugFile = entry.getValue().debugFile();
        DebugFile.Place place = debugFile == null ? null : debugFile.place();
        if (debugFile != null && place != null) {
          check(place, debugFile.status(), writer);
        }
      }
    } catch (IOException e) {
      throw new MachineException(
          "whether the target's user can write its libraries cannot be told: "
              + IoFailure.sentence(e),
          e);
    }
  }

  private static void check(DebugFile.Place place, FileStatus status, ProcessStatus writer)
      throws IOException, MachineException {
    String file = KernelFile.readable(place.bytes());
    if (canWrite(writer, status)) {
      throw refused(file, file, writer);
    }
    String path = place.bytes();
    FileStatus entry = status;
    while (path.length() > 1) {
      path = path.substring(0, Math.max(1, path.lastIndexOf('/')));
      FileStatus folder = RegularFile.statusInRoot(place.pid(), path, false);
      // Users cannot replace each other's files in /tmp and the like.
      boolean canReplace = !folder.isSticky() || entry.uid() == writer.effectiveUid();
      if (folder.uid() == writer.effectiveUid() || (canReplace && canWrite(writer, folder))) {
        throw refused(file, KernelFile.readable(path), writer);
      }
      entry = folder;
    }
  }

  private static boolean canWrite(ProcessStatus writer, FileStatus file) throws IOException {
    return file.uid() == writer.effectiveUid()
        || file.isWritableByOthers()
        || (file.isWritableByGroup() && writer.groups().contains(file.gid()));
  }

  private static MachineException refused(String file, String what, ProcessStatus writer)
      throws IOException {
    return new MachineException(
        "--scope system does not probe "
            + file
            + ": the target's user (uid "
            + writer.effectiveUid()
            + ") can write "
            + what
            + ". Count the events of this process only");
  }

  @Override
  public void close() {
    open.values().forEach(ElfFile::close);
    open.clear();
  }
}
