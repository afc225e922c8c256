/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.FileStatus;
import io.jargdist.os.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ELF file, 64-bit and little-endian. Its symbols are looked at where they lie; no object is
 * made for those that are not asked for. Owns the file, which whoever asks for places in it can
 * show to the kernel as {@link #openPath}. Not thread-safe.
 *
 * <p>The file may be made by somebody hostile: whatever is wrong with it is a {@link
 * MalformedFileException}, and what it can make of memory and time is limited.
 */
final class ElfFile implements AutoCloseable {
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;
  private static final int SHT_GNU_VERSYM = 0x6fffffff;
  private static final int PT_LOAD = 1;
  private static final int PF_X = 1;
  private static final int STT_NOTYPE = 0;
  private static final int STT_OBJECT = 1;
  private static final int STT_FUNC = 2;
  private static final int STT_GNU_IFUNC = 10;
  private static final int HEADER_SIZE = 64;
  private static final int SECTION_SIZE = 64;
  private static final int SEGMENT_SIZE = 56;
  private static final int SYMBOL_SIZE = 24;
  private static final int HIDDEN_VERSION = 0x8000;

  /** More than any function has that can be chosen by its name. */
  private static final int MOST_OF_A_NAME = 1000;

  /** The largest libraries that we know have about a million functions. */
  private static final int MOST_FUNCTIONS = 2_000_000;

  private static final long MOST_NAME_BYTES = 256L << 20;

  // In ns: see WorkBudget.
  private static final long LOOKING_AT_A_SYMBOL = 50;
  private static final long LOOKING_AT_A_HEADER = 100;

  private final RegularFile file;
  private final FileContent content;
  private final List<Section> sections = new ArrayList<>();
  private final List<Segment> segments = new ArrayList<>();
  private long sectionNames;

  private ElfFile(RegularFile file, FileContent content) {
    this.file = file;
    this.content = content;
  }

  /**
   * @param nameOffset of its name, in the names of sections
   * @param link another section's number
   */
  record Section(int nameOffset, int type, long address, long offset, long size, int link) {}

  /**
   * A part of the file that is loaded.
   *
   * @param size in the file; in memory it may be larger
   * @param code whether it is loaded to be run
   */
  private record Segment(long offset, long address, long size, boolean code) {}

  /**
   * @param indirect whether it is an IFUNC: code that picks an implementation once
   * @param exported whether it is in the dynamic symbol table
   * @param defaultVersion false for an old version that only old binaries are linked to
   */
  record Symbol(
      String name, long address, boolean indirect, boolean exported, boolean defaultVersion) {}

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

  /** What is called for each place that has a name. */
  interface Place {
    /**
     * @param size in bytes; 0 if it is not known
     */
    void at(long address, long size) throws IOException;
  }

  /** What is called for each name. */
  interface Name {
    void is(String name) throws IOException;
  }

  /**
   * @param file taken over, also if it is none
   * @param budget of work
   * @throws MalformedFileException if it is no such file, or not a whole one
   * @throws IOException if it cannot be read
   */
  static ElfFile open(RegularFile file, WorkBudget budget) throws IOException {
    try {
      FileContent content = new FileContent(file, budget);
      if (!content.has(0, HEADER_SIZE)
          || content.getInt(0) != 0x464c457f
          || content.getShort(4) != 0x0102) {
        throw new NotElfException(file.name());
      }
      ElfFile elf = new ElfFile(file, content);
      elf.readSections();
      elf.readSegments();
      return elf;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void readSections() throws IOException {
    long table = content.getLong(0x28);
    int size = Short.toUnsignedInt(content.getShort(0x3a));
    int count = Short.toUnsignedInt(content.getShort(0x3c));
    int names = Short.toUnsignedInt(content.getShort(0x3e));
    if (table == 0 || count == 0) {
      return;
    }
    checkTable(table, count, size, SECTION_SIZE, "the table of sections");
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * SECTION_SIZE;
      sections.add(
          new Section(
              content.getInt(at),
              content.getInt(at + 4),
              content.getLong(at + 0x10),
              content.getLong(at + 0x18),
              content.getLong(at + 0x20),
              content.getInt(at + 0x28)));
    }
    sectionNames = linked(names).offset();
  }

  private void readSegments() throws IOException {
    long table = content.getLong(0x20);
    int size = Short.toUnsignedInt(content.getShort(0x36));
    int count = Short.toUnsignedInt(content.getShort(0x38));
    if (table == 0 || count == 0) {
      return;
    }
    checkTable(table, count, size, SEGMENT_SIZE, "the table of segments");
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * SEGMENT_SIZE;
      if (content.getInt(at) == PT_LOAD) {
        Segment segment =
            new Segment(
                content.getLong(at + 0x08),
                content.getLong(at + 0x10),
                content.getLong(at + 0x20),
                (content.getInt(at + 4) & PF_X) != 0);
        content.check(segment.offset(), segment.size(), "a segment");
        if (segment.address() < 0 || segment.address() > Long.MAX_VALUE - segment.size()) {
          throw content.malformed("a segment has no such address");
        }
        segments.add(segment);
      }
    }
  }

  private void checkTable(long table, int count, int entry, int expected, String what)
      throws IOException {
    if (entry != expected) {
      throw content.malformed(what + " has entries of " + entry + " bytes");
    }
    content.check(table, (long) count * expected, what);
    content.budget().spend(count * LOOKING_AT_A_HEADER, content);
  }

  private Section linked(int number) throws MalformedFileException {
    if (number < 0 || number >= sections.size()) {
      throw content.malformed("it has no section " + number);
    }
    return sections.get(number);
  }

  FileContent content() {
    return content;
  }

  /** As the target sees it, for people. */
  String path() {
    return file.name();
  }

  /** A path of ours to this very file, as long as this object is open. */
  String openPath() {
    return file.path();
  }

  FileStatus status() throws IOException {
    return file.status();
  }

  /**
   * @return null if there is none; one that has its content in the file is checked to lie in it
   */
  @Nullable Section section(String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    content.budget().spend(sections.size() * LOOKING_AT_A_HEADER, content);
    for (Section section : sections) {
      if (content.isString(offset(sectionNames, section.nameOffset()), wanted)) {
        return section;
      }
    }
    return null;
  }

  /** An offset in a table of names is unsigned. */
  private static long offset(long names, int nameOffset) {
    return names + Integer.toUnsignedLong(nameOffset);
  }

  /**
   * Where an address of the image is in the file.
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

  /** The same, of an address at which there must be code. */
  long codeOffset(long address) throws MalformedFileException {
    for (Code part : code()) {
      if (part.contains(address)) {
        return part.offset() + (address - part.address());
      }
    }
    throw content.malformed("it has no code at address 0x" + Long.toHexString(address));
  }

  /**
   * The address in the image of an offset in the file; the opposite of {@link #codeOffset}.
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

  /** All parts that are loaded to be run. */
  List<Code> code() {
    List<Code> parts = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.code()) {
        parts.add(new Code(segment.address(), segment.offset(), segment.size()));
      }
    }
    return parts;
  }

  /** All symbols that may be places in code, of both symbol tables, some of them twice. */
  void places(Place found) throws IOException {
    for (Section table : sections) {
      if (table.type() != SHT_DYNSYM && table.type() != SHT_SYMTAB) {
        continue;
      }
      long count = symbols(table);
      for (long i = 1; i < count; i++) {
        content.budget().spend(LOOKING_AT_A_SYMBOL, content);
        long at = table.offset() + i * SYMBOL_SIZE;
        int type = content.get(at + 4) & 0xf;
        boolean defined = content.getShort(at + 6) != 0;
        if (defined && (type == STT_NOTYPE || type == STT_FUNC || type == STT_GNU_IFUNC)) {
          found.at(content.getLong(at + 8), content.getLong(at + 16));
        }
      }
    }
  }

  private long symbols(Section table) throws MalformedFileException {
    content.check(table.offset(), table.size(), "a symbol table");
    return table.size() / SYMBOL_SIZE;
  }

  /** All functions of a name: of both symbol tables, all versions. */
  List<Symbol> functions(String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    return few(nameOffset -> content.isString(nameOffset, wanted));
  }

  /** All functions whose names begin so. */
  List<Symbol> functionsBeginning(String prefix) throws IOException {
    byte[] wanted = prefix.getBytes(StandardCharsets.UTF_8);
    return few(nameOffset -> content.startsWith(nameOffset, wanted));
  }

  private List<Symbol> few(NameTest wanted) throws IOException {
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

  /** All functions of the dynamic symbol table, or of both. */
  List<Symbol> functions(boolean exportedOnly) throws IOException {
    List<Symbol> found = new ArrayList<>();
    long[] nameBytes = new long[1];
    scan(
        nameOffset -> true,
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

  /** The names of all functions, in no order, some of them twice. */
  void functionNames(Name found) throws IOException {
    scan(nameOffset -> true, symbol -> found.is(symbol.name()));
  }

  private interface NameTest {
    boolean test(long nameOffset) throws IOException;
  }

  private interface Found {
    void accept(Symbol symbol) throws IOException;
  }

  private void scan(NameTest wanted, Found found) throws IOException {
    for (Section table : sections) {
      boolean dynamic = table.type() == SHT_DYNSYM;
      if (!dynamic && table.type() != SHT_SYMTAB) {
        continue;
      }
      long names = linked(table.link()).offset();
      Section versions = dynamic ? versions() : null;
      long count = symbols(table);
      for (long i = 1; i < count; i++) {
        content.budget().spend(LOOKING_AT_A_SYMBOL, content);
        long at = table.offset() + i * SYMBOL_SIZE;
        int type = content.get(at + 4) & 0xf;
        if (type != STT_FUNC && type != STT_GNU_IFUNC) {
          continue;
        }
        long address = content.getLong(at + 8);
        long nameOffset = offset(names, content.getInt(at));
        if (address == 0 || !wanted.test(nameOffset)) {
          continue;
        }
        boolean hidden =
            versions != null && (content.getShort(versions.offset() + 2 * i) & HIDDEN_VERSION) != 0;
        found.accept(
            new Symbol(
                content.string(nameOffset), address, type == STT_GNU_IFUNC, dynamic, !hidden));
      }
    }
  }

  /** Exported variables whose names begin so, with their addresses in the image. */
  Map<String, Long> exportedVariables(String prefix) throws IOException {
    byte[] wanted = prefix.getBytes(StandardCharsets.UTF_8);
    Map<String, Long> found = new HashMap<>();
    for (Section table : sections) {
      if (table.type() != SHT_DYNSYM) {
        continue;
      }
      long names = linked(table.link()).offset();
      long count = symbols(table);
      for (long i = 1; i < count; i++) {
        content.budget().spend(LOOKING_AT_A_SYMBOL, content);
        long at = table.offset() + i * SYMBOL_SIZE;
        long nameOffset = offset(names, content.getInt(at));
        boolean variable =
            (content.get(at + 4) & 0xf) == STT_OBJECT && content.getShort(at + 6) != 0;
        if (variable && found.size() < MOST_OF_A_NAME && content.startsWith(nameOffset, wanted)) {
          found.put(content.string(nameOffset), content.getLong(at + 8));
        }
      }
    }
    return found;
  }

  private @Nullable Section versions() {
    for (Section section : sections) {
      if (section.type() == SHT_GNU_VERSYM) {
        return section;
      }
    }
    return null;
  }

  @Override
  public void close() {
    file.close();
  }
}
