/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.Layout;
import io.jargdist.resolve.ElfFile.Place;
import io.jargdist.resolve.ElfFile.Symbol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sections of an ELF file, 64-bit and little-endian, and the symbols in them, which are looked
 * at where they lie. Not thread-safe.
 *
 * <p>The maker of the file may be hostile: each fault of it is a {@link MalformedFileException},
 * and the memory and time that it can take are limited.
 */
final class ElfSections {
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNAMIC = 6;
  private static final int SHT_DYNSYM = 11;
  private static final int DT_NEEDED = 1;
  private static final int MOST_NEEDED = 1000;
  private static final int MOST_VARIABLES = 1000;
  private static final int SHT_NOBITS = 8;
  private static final int STT_NOTYPE = 0;
  private static final int STT_OBJECT = 1;
  private static final int STT_FUNC = 2;
  private static final int STT_GNU_IFUNC = 10;

  /** ELFMAG, ELFCLASS64 and ELFDATA2LSB of elf.h. */
  private static final byte[] ELF_64_LITTLE_ENDIAN = {0x7f, 'E', 'L', 'F', 2, 1};

  // These costs are in nanoseconds: see WorkBudget.
  private static final long LOOKING_AT_A_SYMBOL = 50;
  private static final long LOOKING_AT_A_HEADER = 100;

  private final FileContent content;
  private final List<Section> sections = new ArrayList<>();
  private long sectionNames;
  private @Nullable SymbolVersions versions;

  /**
   * @param nameOffset of its name, in the names of sections
   * @param link another section's number
   */
  record Section(long nameOffset, int type, long address, long offset, long size, int link) {
    boolean isInFile() {
      return type != SHT_NOBITS;
    }
  }

  /** Tests whether the name at an offset of the file is wanted. */
  interface NameTest {
    boolean test(long nameOffset) throws IOException;
  }

  /** Is called for each function. */
  interface Found {
    void accept(Symbol symbol) throws IOException;
  }

  /**
   * @throws NotElfException if it is no such file
   * @throws MalformedFileException if it is not a whole one
   */
  ElfSections(FileContent content) throws IOException {
    this.content = content;
    if (!content.has(0, ElfLayout.FILE.size())
        || !content.startsWith(ElfLayout.IDENTITY.offset(), ELF_64_LITTLE_ENDIAN)) {
      throw new NotElfException(content.path());
    }
    readSections();
  }

  private void readSections() throws IOException {
    long table = content.get(0, ElfLayout.SECTION_TABLE);
    int size = (int) content.get(0, ElfLayout.SECTION_SIZE);
    int count = (int) content.get(0, ElfLayout.SECTION_COUNT);
    int names = (int) content.get(0, ElfLayout.SECTION_NAMES);
    if (table == 0 || count == 0) {
      return;
    }
    checkTable(table, count, size, ElfLayout.SECTION, "the table of sections");
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      sections.add(
          new Section(
              content.get(at, ElfLayout.SECTION_NAME),
              (int) content.get(at, ElfLayout.SECTION_TYPE),
              content.get(at, ElfLayout.SECTION_ADDRESS),
              content.get(at, ElfLayout.SECTION_OFFSET),
              content.get(at, ElfLayout.SECTION_BYTES),
              (int) content.get(at, ElfLayout.SECTION_LINK)));
    }
    sectionNames = linked(names).offset();
  }

  /** Checks a table that the header tells of. */
  void checkTable(long table, int count, int size, Layout entry, String what) throws IOException {
    if (size != entry.size()) {
      throw content.malformed(what + " has entries of " + size + " bytes");
    }
    content.check(table, (long) count * size, what);
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

  /** Returns whether it has the full symbol table, which strip(1) takes away. */
  boolean hasFullSymbols() {
    return sections.stream().anyMatch(section -> section.type() == SHT_SYMTAB);
  }

  /**
   * @return null if there is none; one that has its content in the file is checked to lie in it
   */
  @Nullable Section section(String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    content.budget().spend(sections.size() * LOOKING_AT_A_HEADER, content);
    for (Section section : sections) {
      if (content.isString(sectionNames + section.nameOffset(), wanted)) {
        return section;
      }
    }
    return null;
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
        long at = table.offset() + i * ElfLayout.SYMBOL.size();
        int type = type(at);
        boolean defined = isDefined(at);
        if (defined && (type == STT_NOTYPE || type == STT_FUNC || type == STT_GNU_IFUNC)) {
          found.at(content.get(at, ElfLayout.SYMBOL_VALUE), content.get(at, ElfLayout.SYMBOL_SIZE));
        }
      }
    }
  }

  private int type(long symbol) throws IOException {
    return ElfLayout.symbolType(content.get(symbol, ElfLayout.SYMBOL_INFO));
  }

  private boolean isDefined(long symbol) throws IOException {
    return content.get(symbol, ElfLayout.SYMBOL_SECTION) != 0;
  }

  private long symbols(Section table) throws MalformedFileException {
    content.check(table.offset(), table.size(), "a symbol table");
    return table.size() / ElfLayout.SYMBOL.size();
  }

  /**
   * Looks through the symbols once.
   *
   * @throws MalformedFileException if one has no name in the file
   */
  void check() throws IOException {
    functions(
        nameOffset -> {
          content.get(nameOffset);
          return false;
        },
        symbol -> {});
  }

  /** All functions whose names pass a test, of both symbol tables, some of them twice. */
  void functions(NameTest wanted, Found found) throws IOException {
    for (Section table : sections) {
      boolean dynamic = table.type() == SHT_DYNSYM;
      if (!dynamic && table.type() != SHT_SYMTAB) {
        continue;
      }
      long names = linked(table.link()).offset();
      long count = symbols(table);
      for (long i = 1; i < count; i++) {
        content.budget().spend(LOOKING_AT_A_SYMBOL, content);
        long at = table.offset() + i * ElfLayout.SYMBOL.size();
        int type = type(at);
        if (type != STT_FUNC && type != STT_GNU_IFUNC) {
          continue;
        }
        long address = content.get(at, ElfLayout.SYMBOL_VALUE);
        long nameOffset = names + content.get(at, ElfLayout.SYMBOL_NAME);
        // A function that is defined elsewhere can have an address, too: that of its entry in the
        // PLT.
        boolean defined = isDefined(at);
        if (address == 0 || !defined || !wanted.test(nameOffset)) {
          continue;
        }
        SymbolVersions known = dynamic ? versions() : null;
        found.accept(
            new Symbol(
                withoutVersion(content.string(nameOffset)),
                known == null ? null : known.name(i),
                address,
                content.get(at, ElfLayout.SYMBOL_SIZE),
                type == STT_GNU_IFUNC,
                dynamic,
                known == null || !known.isOld(i)));
      }
    }
  }

  /** The linker writes {@code name@VERSION} into the full symbol table. */
  private static String withoutVersion(String name) {
    int version = name.indexOf('@');
    return version <= 0 ? name : name.substring(0, version);
  }

  /** Exported variables whose names begin so, with their addresses in the image. */
  Map<String, Long> exportedVariables(String prefix) throws IOException {
    Map<String, Long> found = new HashMap<>();
    Section table = ofType(SHT_DYNSYM);
    if (table == null) {
      return found;
    }
    byte[] wanted = prefix.getBytes(StandardCharsets.UTF_8);
    long names = linked(table.link()).offset();
    long count = symbols(table);
    for (long i = 1; i < count; i++) {
      content.budget().spend(LOOKING_AT_A_SYMBOL, content);
      long at = table.offset() + i * ElfLayout.SYMBOL.size();
      long nameOffset = names + content.get(at, ElfLayout.SYMBOL_NAME);
      boolean variable = type(at) == STT_OBJECT && isDefined(at);
      if (variable && found.size() < MOST_VARIABLES && content.startsWith(nameOffset, wanted)) {
        found.put(content.string(nameOffset), content.get(at, ElfLayout.SYMBOL_VALUE));
      }
    }
    return found;
  }

  /** Returns the names of the libraries that the file needs. */
  List<String> needed() throws IOException {
    List<String> names = new ArrayList<>();
    Section dynamic = ofType(SHT_DYNAMIC);
    if (dynamic == null) {
      return names;
    }
    content.check(dynamic.offset(), dynamic.size(), "the dynamic section");
    long texts = linked(dynamic.link()).offset();
    int entry = ElfLayout.DYNAMIC.size();
    for (long at = dynamic.offset();
        at + entry <= dynamic.offset() + dynamic.size() && names.size() < MOST_NEEDED;
        at += entry) {
      content.budget().spend(LOOKING_AT_A_SYMBOL, content);
      if (content.get(at, ElfLayout.DYNAMIC_TAG) == DT_NEEDED) {
        names.add(content.string(texts + content.get(at, ElfLayout.DYNAMIC_VALUE)));
      }
    }
    return names;
  }

  private @Nullable SymbolVersions versions() throws IOException {
    Section numbers = ofType(SymbolVersions.SHT_GNU_VERSYM);
    if (versions == null && numbers != null) {
      Section definitions = ofType(SymbolVersions.SHT_GNU_VERDEF);
      Section texts = definitions == null ? null : linked(definitions.link());
      versions = new SymbolVersions(content, numbers, definitions, texts);
    }
    return versions;
  }

  private @Nullable Section ofType(int type) {
    for (Section section : sections) {
      if (section.type() == type) {
        return section;
      }
    }
    return null;
  }
}
