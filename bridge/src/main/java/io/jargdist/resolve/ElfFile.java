/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.os.FileStatus;
import io.jargdist.os.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ELF file, 64-bit and little-endian. Its symbols include those of its debug file, if it was
 * given one. Only symbols that are asked for become objects. Owns both files; {@link #openPath}
 * shows this one to the kernel. Not thread-safe.
 *
 * <p>The maker of the file may be hostile: each fault of it is a {@link MalformedFileException},
 * and the memory and time that it can take are limited.
 */
final class ElfFile implements AutoCloseable {
  private static final int PT_LOAD = 1;
  private static final int PF_X = 1;

  /** The most functions of one name. Names that specifiers can use have fewer. */
  private static final int MOST_OF_A_NAME = 1000;

  /** The largest libraries that we know have about a million functions. */
  private static final int MOST_FUNCTIONS = 2_000_000;

  private static final long MOST_NAME_BYTES = 256L << 20;

  private final RegularFile file;
  private final FileContent content;
  private final ElfSections sections;
  private final List<Segment> segments = new ArrayList<>();
  private @Nullable DebugFile debugFile;

  private ElfFile(RegularFile file, FileContent content) throws IOException {
    this.file = file;
    this.content = content;
    this.sections = new ElfSections(content);
    readSegments();
  }

  /**
   * A part of the file that is loaded.
   *
   * @param size in the file; in memory it may be larger
   * @param code whether it is loaded to be run
   */
  private record Segment(long offset, long address, long size, boolean code) {}

  /**
   * @param name without its version
   * @param version null if it has none, or is not exported
   * @param size in bytes; 0 if it is not known
   * @param indirect whether it is an IFUNC: code that picks an implementation once
   * @param exported whether it is in the dynamic symbol table
   * @param defaultVersion false for an old version that only old binaries are linked to
   */
  record Symbol(
      String name,
      @Nullable String version,
      long address,
      long size,
      boolean indirect,
      boolean exported,
      boolean defaultVersion) {
    /** Returns the name as nm(1) has it: {@code name@@VERSION} for the default version. */
    String versioned() {
      return version == null ? name : name + (defaultVersion ? "@@" : "@") + version;
    }
  }

  /**
   * A part of the file that is loaded to be run.
   *
   * @param offset in the file
   * @param size in the file, in bytes
   */
  record Code(long address, long offset, long size) {
    boolean contains(long wanted) {
      return wanted >= address && wanted - address < size;
    }
  }

  /** Is called for each place that has a name. */
  interface Place {
    /**
     * @param size in bytes; 0 if it is not known
     */
    void at(long address, long size) throws IOException;
  }

  /**
   * @param file taken over, also if it is none
   * @param budget of work
   * @throws MalformedFileException if it is no such file, or not a whole one
   * @throws IOException if it cannot be read
   */
  static ElfFile open(RegularFile file, WorkBudget budget) throws IOException {
    try {
      return new ElfFile(file, new FileContent(file, budget));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void readSegments() throws IOException {
    long table = content.get(0, ElfLayout.SEGMENT_TABLE);
    int size = (int) content.get(0, ElfLayout.SEGMENT_SIZE);
    int count = (int) content.get(0, ElfLayout.SEGMENT_COUNT);
    if (table == 0 || count == 0) {
      return;
    }
    sections.checkTable(table, count, size, ElfLayout.SEGMENT, "the table of segments");
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      if (content.get(at, ElfLayout.SEGMENT_TYPE) == PT_LOAD) {
        Segment segment =
            new Segment(
                content.get(at, ElfLayout.SEGMENT_OFFSET),
                content.get(at, ElfLayout.SEGMENT_ADDRESS),
                content.get(at, ElfLayout.SEGMENT_BYTES),
                (content.get(at, ElfLayout.SEGMENT_FLAGS) & PF_X) != 0);
        content.check(segment.offset(), segment.size(), "a segment");
        if (segment.address() < 0 || segment.address() > Long.MAX_VALUE - segment.size()) {
          throw content.malformed("a segment has no such address");
        }
        segments.add(segment);
      }
    }
  }

  FileContent content() {
    return content;
  }

  ElfSections sections() {
    return sections;
  }

  /**
   * Adds the symbols of a file that has them in its place.
   *
   * @param debugFile taken over
   */
  void add(DebugFile debugFile) {
    this.debugFile = debugFile;
  }

  /** Returns the file that has the full symbol table in its place; null if it was given none. */
  @Nullable DebugFile debugFile() {
    return debugFile;
  }

  /** Returns the path as the target sees it, for people. */
  String path() {
    return file.name();
  }

  /** Returns a path of ours to this very file, as long as this object is open. */
  String openPath() {
    return file.path();
  }

  FileStatus status() throws IOException {
    return file.status();
  }

  /** Calls {@link ElfSections#section}. */
  ElfSections.@Nullable Section section(String name) throws IOException {
    return sections.section(name);
  }

  /**
   * Returns where an address of the image is in the file.
   *
   * @throws MalformedFileException if no part of the file is loaded there
   */
  long fileOffset(long address) throws MalformedFileException {
    for (Segment segment : segments) {
      long distance = address - segment.address();
      if (address >= segment.address() && distance < segment.size()) {
        return segment.offset() + distance;
      }
    }
    throw content.malformed("it has nothing at address 0x" + Long.toHexString(address));
  }

  /** Does the same for an address at which there must be code. */
  long codeOffset(long address) throws MalformedFileException {
    for (Code part : code()) {
      if (part.contains(address)) {
        return part.offset() + (address - part.address());
      }
    }
    throw content.malformed("it has no code at address 0x" + Long.toHexString(address));
  }

  /**
   * Code at an address of the image, as the kernel wants to be told of it.
   *
   * @param display see {@link CodeLocation}
   */
  CodeLocation location(long address, String display) throws MalformedFileException {
    return new CodeLocation(openPath(), codeOffset(address), display);
  }

  /**
   * Returns the address in the image of an offset in the file; the opposite of {@link #codeOffset}.
   *
   * @throws MalformedFileException if that part of the file is not loaded to be run
   */
  long codeAddress(long fileOffset) throws MalformedFileException {
    for (Code part : code()) {
      if (fileOffset >= part.offset() && fileOffset - part.offset() < part.size()) {
        return part.address() + (fileOffset - part.offset());
      }
    }
    throw content.malformed("it has no code at offset 0x" + Long.toHexString(fileOffset));
  }

  /** Returns all parts that are loaded to be run. */
  List<Code> code() {
    List<Code> parts = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.code()) {
        parts.add(new Code(segment.address(), segment.offset(), segment.size()));
      }
    }
    return parts;
  }

  /** All symbols that may be places in code, of all symbol tables, some of them twice. */
  void places(Place found) throws IOException {
    sections.places(found);
    if (debugFile != null) {
      debugFile.sections().places(found);
    }
  }

  /** Returns all functions of a name: of all symbol tables, all versions, some of them twice. */
  List<Symbol> functions(String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    return few(content -> nameOffset -> content.isString(nameOffset, wanted));
  }

  /** Returns all functions whose names begin so. */
  List<Symbol> functionsBeginning(String prefix) throws IOException {
    byte[] wanted = prefix.getBytes(StandardCharsets.UTF_8);
    return few(content -> nameOffset -> content.startsWith(nameOffset, wanted));
  }

  private List<Symbol> few(Wanted wanted) throws IOException {
    List<Symbol> found = new ArrayList<>();
    scan(
        wanted,
        symbol -> {
          found.add(symbol);
          if (found.size() > MOST_OF_A_NAME) {
            throw content.malformed("more than " + MOST_OF_A_NAME + " functions have one name");
          }
        });
    return found;
  }

  /** Returns all functions of the dynamic symbol table, or of all. */
  List<Symbol> functions(boolean exportedOnly) throws IOException {
    List<Symbol> found = new ArrayList<>();
    long[] nameBytes = new long[1];
    scan(
        content -> nameOffset -> true,
        symbol -> {
          if (symbol.exported() || !exportedOnly) {
            found.add(symbol);
            nameBytes[0] += symbol.name().length();
          }
          if (found.size() > MOST_FUNCTIONS || nameBytes[0] > MOST_NAME_BYTES) {
            throw content.malformed("it has more functions than can be listed");
          }
        });
    return found;
  }

  /** All functions of all symbol tables, one after the other, in no order, some of them twice. */
  void forEachFunction(ElfSections.Found found) throws IOException {
    scan(content -> nameOffset -> true, found);
  }

  private interface Wanted {
    ElfSections.NameTest in(FileContent content);
  }

  private void scan(Wanted wanted, ElfSections.Found found) throws IOException {
    sections.functions(wanted.in(content), found);
    if (debugFile != null) {
      ElfSections other = debugFile.sections();
      // The file itself tells which functions are exported.
      other.functions(
          wanted.in(other.content()),
          symbol -> {
            if (!symbol.exported()) {
              found.accept(symbol);
            }
          });
    }
  }

  /** Exported variables whose names begin so, with their addresses in the image. */
  Map<String, Long> exportedVariables(String prefix) throws IOException {
    return sections.exportedVariables(prefix);
  }

  @Override
  public void close() {
    file.close();
    if (debugFile != null) {
      debugFile.close();
    }
  }
}
