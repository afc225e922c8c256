/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a file's dynamic symbols: the sections {@code .gnu.version}, a number for each
 * symbol, and {@code .gnu.version_d}, their names (Linux Standard Base Core, "Symbol Versioning").
 */
final class SymbolVersions {
  static final int SHT_GNU_VERDEF = 0x6ffffffd;
  static final int SHT_GNU_VERSYM = 0x6fffffff;

  private static final int HIDDEN = 0x8000;

  /** The flag of the file itself, which names no version. */
  private static final int VER_FLG_BASE = 1;

  private static final int MOST = 0x7fff;
  private static final long LOOKING_AT_A_VERSION = 1000;

  private final FileContent content;
  private final ElfSections.Section numbers;
  private final Map<Integer, String> names = new HashMap<>();

  /**
   * @param numbers the section of numbers
   * @param definitions the section of names; null if there is none
   * @param texts what the latter's names are in; null if there is no such section
   * @throws MalformedFileException if a part of them lies outside of the file
   */
  SymbolVersions(
      FileContent content,
      ElfSections.Section numbers,
      ElfSections.@Nullable Section definitions,
      ElfSections.@Nullable Section texts)
      throws IOException {
    this.content = content;
    this.numbers = numbers;
    if (definitions != null && texts != null) {
      read(definitions, texts);
    }
  }

  private void read(ElfSections.Section definitions, ElfSections.Section texts) throws IOException {
    content.check(definitions.offset(), definitions.size(), "the section of versions");
    long end = definitions.offset() + definitions.size();
    long at = definitions.offset();
    for (int i = 0; i < MOST && end - at >= ElfLayout.VERSION.size(); i++) {
      content.budget().spend(LOOKING_AT_A_VERSION, content);
      boolean base = (content.get(at, ElfLayout.VERSION_FLAGS) & VER_FLG_BASE) != 0;
      int number = (int) content.get(at, ElfLayout.VERSION_NUMBER) & MOST;
      long name = at + content.get(at, ElfLayout.VERSION_NAMES);
      if (!base) {
        long text = texts.offset() + content.get(name, ElfLayout.VERSION_NAME);
        names.put(number, content.string(text));
      }
      long next = content.get(at, ElfLayout.VERSION_NEXT);
      if (next == 0) {
        return;
      }
      at += next;
    }
  }

  /**
   * Returns the version of a symbol.
   *
   * @param index in the dynamic symbol table
   * @return null if it has none
   */
  @Nullable String name(long index) throws IOException {
    return names.get(number(index) & MOST);
  }

  /** Returns whether it is an old version, which only old binaries are linked to. */
  boolean isOld(long index) throws IOException {
    return (number(index) & HIDDEN) != 0;
  }

  private int number(long index) throws IOException {
    return (int) content.number(numbers.offset() + Short.BYTES * index, Short.BYTES);
  }
}
