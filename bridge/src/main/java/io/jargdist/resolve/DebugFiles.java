/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the symbols that were stripped off a mapped file: where gdb looks ("Debugging
 * Information in Separate Files" in its manual), in the root of the target, then in our own. A file
 * of ours is taken only if its build id is that of the mapped file.
 *
 * <p>The target decides what its file says of debug files, and what is in them: no path leads out
 * of its root, and all reading is limited.
 */
final class DebugFiles {
  private static final String FOLDER = "/usr/lib/debug";
  private static final int NT_GNU_BUILD_ID = 3;
  private static final String GNU = "GNU\0";
  private static final int LONGEST_BUILD_ID = 64;
  private static final int LONGEST_NAME = 255;
  private static final int CHUNK = 1 << 16;

  // These costs are in nanoseconds: see WorkBudget.
  private static final long SUMMING_UP_A_BYTE = 1;

  private final long pid;
  private final MappedFile file;
  private final ElfFile elf;
  private final WorkBudget budget;
  private final List<String> refused = new ArrayList<>();
  private final @Nullable String buildId;
  private final @Nullable Link link;

  /**
   * The name and checksum that a file has of its debug file.
   *
   * @param name without a folder, as {@link KernelFile} reads one
   */
  private record Link(String name, int checksum) {}

  private DebugFiles(long pid, MappedFile file, ElfFile elf, WorkBudget budget) throws IOException {
    this.pid = pid;
    this.file = file;
    this.elf = elf;
    this.budget = budget;
    this.buildId = buildId(elf.sections());
    this.link = link(elf.sections());
  }

  /**
   * Gives a file the symbols that were stripped off it, if they can be found.
   *
   * @param pid of the target
   * @param budget for work on debug files
   * @return null if it has all symbols; else why not, and what to do about it, for people
   */
  static @Nullable String addTo(ElfFile elf, MappedFile file, long pid, WorkBudget budget)
      throws IOException {
    if (elf.sections().hasFullSymbols() || elf.debugFile() != null) {
      return null;
    }
    DebugFiles search = new DebugFiles(pid, file, elf, budget);
    DebugFile found = search.find();
    if (found == null) {
      return search.whyNot();
    }
    elf.add(found);
    return null;
  }

  private String whyNot() {
    return file.path()
        + " is stripped, so only what it exports has a name: install its debug symbols (a package"
        + " named -dbg, -dbgsym or -debuginfo)"
        + (buildId == null ? "" : " as " + byBuildId(buildId))
        + (refused.isEmpty() ? "" : "; not taken: " + String.join("; ", refused));
  }

  private static String byBuildId(String id) {
    return FOLDER + "/.build-id/" + id.substring(0, 2) + "/" + id.substring(2) + ".debug";
  }

  private @Nullable DebugFile find() {
    String folder = file.bytes().substring(0, file.bytes().lastIndexOf('/'));
    List<DebugFile.Place> candidates = new ArrayList<>();
    long self = ProcessHandle.current().pid();
    for (long root : new long[] {pid, self}) {
      if (buildId != null) {
        candidates.add(new DebugFile.Place(root, byBuildId(buildId)));
      }
      if (link != null && root == pid) {
        candidates.add(new DebugFile.Place(root, folder + "/" + link.name()));
        candidates.add(new DebugFile.Place(root, folder + "/.debug/" + link.name()));
      }
      if (link != null) {
        candidates.add(new DebugFile.Place(root, FOLDER + folder + "/" + link.name()));
      }
    }
    for (DebugFile.Place place : candidates) {
      DebugFile found = open(place);
      if (found != null) {
        return found;
      }
    }
    return inItself();
  }

  /**
   * @return null if there is no such file, or it is not the right one
   */
  private @Nullable DebugFile open(DebugFile.Place place) {
    String path = KernelFile.readable(place.bytes());
    try (Opened opened = Opened.of(place, path)) {
      if (opened.file == null || opened.file.status().isSameFile(elf.status())) {
        return null;
      }
      ElfSections sections = new ElfSections(new FileContent(opened.file, budget));
      String why = why(sections, opened.file, place);
      if (why == null) {
        return new DebugFile(opened.take(), sections, place);
      }
      refused.add(path + " (" + why + ")");
    } catch (IOException e) {
      refused.add(IoFailure.sentence(e));
    }
    return null;
  }

  /** A file that is closed unless it is taken. */
  private static final class Opened implements AutoCloseable {
    private @Nullable RegularFile file;

    static Opened of(DebugFile.Place place, String path) throws IOException {
      Opened opened = new Opened();
      opened.file = RegularFile.openInRootIfThere(place.pid(), place.bytes(), path);
      return opened;
    }

    RegularFile take() {
      RegularFile taken = Objects.requireNonNull(file);
      file = null;
      return taken;
    }

    @Override
    public void close() {
      if (file != null) {
        file.close();
      }
    }
  }

  /**
   * @return why it is not taken; null if it is
   */
  private @Nullable String why(ElfSections sections, RegularFile candidate, DebugFile.Place place)
      throws IOException {
    String other = buildId(sections);
    boolean named = place.bytes().startsWith(FOLDER + "/.build-id/");
    boolean known = buildId != null && other != null;
    if (known && !Objects.equals(buildId, other)) {
      return "it belongs to another build";
    } else if (!known && (named || place.pid() != pid)) {
      return "no build id says that it belongs to " + file.path();
    } else if (!named && link != null && checksum(candidate, sections) != link.checksum()) {
      return "its checksum is another one";
    } else if (!sections.hasFullSymbols()) {
      return "it has no symbols";
    }
    sections.check();
    return null;
  }

  private @Nullable DebugFile inItself() {
    try {
      FileContent unpacked = DebugData.read(elf, budget);
      if (unpacked == null) {
        return null;
      }
      ElfSections sections = new ElfSections(unpacked);
      sections.check();
      return new DebugFile(sections);
    } catch (IOException e) {
      refused.add(IoFailure.sentence(e));
      return null;
    }
  }

  /** Returns the checksum that .gnu_debuglink has. */
  private int checksum(RegularFile candidate, ElfSections sections) throws IOException {
    CRC32 checksum = new CRC32();
    byte[] chunk = new byte[CHUNK];
    long at = 0;
    for (int read = CHUNK; read == CHUNK; at += read) {
      budget.spend(CHUNK * SUMMING_UP_A_BYTE, sections.content());
      read = candidate.read(at, chunk);
      checksum.update(chunk, 0, read);
    }
    return (int) checksum.getValue();
  }

  private static @Nullable Link link(ElfSections sections) throws IOException {
    ElfSections.Section section = sections.section(".gnu_debuglink");
    if (section == null || !section.isInFile() || section.size() < 2 * Integer.BYTES) {
      return null;
    }
    FileContent content = sections.content();
    content.check(section.offset(), section.size(), "the section of its debug file");
    byte[] bytes =
        content.bytes(section.offset(), (int) Math.min(LONGEST_NAME + 1, section.size()));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    if (end <= 0) {
      return null;
    }
    String name = text.substring(0, end);
    if (name.contains("/") || name.equals(".") || name.equals("..")) {
      return null;
    }
    long checksum = section.offset() + section.size() - Integer.BYTES;
    return new Link(name, (int) content.number(checksum, Integer.BYTES));
  }

  /** Returns the build id in hexadecimal; null if there is none. */
  static @Nullable String buildId(ElfSections sections) throws IOException {
    ElfSections.Section section = sections.section(".note.gnu.build-id");
    if (section == null || !section.isInFile()) {
      return null;
    }
    FileContent content = sections.content();
    long at = section.offset();
    long size = content.get(at, ElfLayout.NOTE_BYTES);
    boolean known =
        content.get(at, ElfLayout.NOTE_NAME_BYTES) == GNU.length()
            && content.get(at, ElfLayout.NOTE_TYPE) == NT_GNU_BUILD_ID;
    if (!known || size < 2 || size > LONGEST_BUILD_ID) {
      return null;
    }
    long description = at + ElfLayout.NOTE.size() + GNU.length();
    return HexFormat.of().formatHex(content.bytes(description, (int) size));
  }
}
