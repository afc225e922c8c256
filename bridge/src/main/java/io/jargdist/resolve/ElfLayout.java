/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;

/** The structures of an ELF file of 64 bits. */
final class ElfLayout {
  static final Layout FILE = elf("Elf64_Ehdr", 64);
  static final Field IDENTITY = FILE.field("e_ident", 0, 16);
  static final Field SEGMENT_TABLE = FILE.field("e_phoff", 0x20, 8);
  static final Field SECTION_TABLE = FILE.field("e_shoff", 0x28, 8);
  static final Field SEGMENT_SIZE = FILE.field("e_phentsize", 0x36, 2);
  static final Field SEGMENT_COUNT = FILE.field("e_phnum", 0x38, 2);
  static final Field SECTION_SIZE = FILE.field("e_shentsize", 0x3a, 2);
  static final Field SECTION_COUNT = FILE.field("e_shnum", 0x3c, 2);
  static final Field SECTION_NAMES = FILE.field("e_shstrndx", 0x3e, 2);

  static final Layout SEGMENT = elf("Elf64_Phdr", 56);
  static final Field SEGMENT_TYPE = SEGMENT.field("p_type", 0, 4);
  static final Field SEGMENT_FLAGS = SEGMENT.field("p_flags", 4, 4);
  static final Field SEGMENT_OFFSET = SEGMENT.field("p_offset", 8, 8);
  static final Field SEGMENT_ADDRESS = SEGMENT.field("p_vaddr", 0x10, 8);
  static final Field SEGMENT_BYTES = SEGMENT.field("p_filesz", 0x20, 8);

  static final Layout SECTION = elf("Elf64_Shdr", 64);
  static final Field SECTION_NAME = SECTION.field("sh_name", 0, 4);
  static final Field SECTION_TYPE = SECTION.field("sh_type", 4, 4);
  static final Field SECTION_ADDRESS = SECTION.field("sh_addr", 0x10, 8);
  static final Field SECTION_OFFSET = SECTION.field("sh_offset", 0x18, 8);
  static final Field SECTION_BYTES = SECTION.field("sh_size", 0x20, 8);
  static final Field SECTION_LINK = SECTION.field("sh_link", 0x28, 4);

  static final Layout SYMBOL = elf("Elf64_Sym", 24);
  static final Field SYMBOL_NAME = SYMBOL.field("st_name", 0, 4);

  /** The type is in the lower four bits. */
  static final Field SYMBOL_INFO = SYMBOL.field("st_info", 4, 1);

  /** The section of a symbol, or 0 if the symbol is not defined here. */
  static final Field SYMBOL_SECTION = SYMBOL.field("st_shndx", 6, 2);

  static final Field SYMBOL_VALUE = SYMBOL.field("st_value", 8, 8);
  static final Field SYMBOL_SIZE = SYMBOL.field("st_size", 16, 8);

  static final Layout DYNAMIC = elf("Elf64_Dyn", 16);
  static final Field DYNAMIC_TAG = DYNAMIC.field("d_tag", 0, 8);
  static final Field DYNAMIC_VALUE = DYNAMIC.field("d_un.d_val", 8, 8);

  /** A note's name and description follow its header. */
  static final Layout NOTE = elf("Elf64_Nhdr", 12);

  static final Field NOTE_NAME_BYTES = NOTE.field("n_namesz", 0, 4);
  static final Field NOTE_BYTES = NOTE.field("n_descsz", 4, 4);
  static final Field NOTE_TYPE = NOTE.field("n_type", 8, 4);

  static final Layout VERSION = elf("Elf64_Verdef", 20);
  static final Field VERSION_FLAGS = VERSION.field("vd_flags", 2, 2);
  static final Field VERSION_NUMBER = VERSION.field("vd_ndx", 4, 2);
  static final Field VERSION_NAMES = VERSION.field("vd_aux", 12, 4);
  static final Field VERSION_NEXT = VERSION.field("vd_next", 16, 4);
  static final Field VERSION_NAME = elf("Elf64_Verdaux", 8).field("vda_name", 0, 4);

  private ElfLayout() {}

  private static Layout elf(String type, int size) {
    return new Layout(type, "elf.h", size);
  }

  /** Returns the type of a symbol. */
  static int symbolType(long info) {
    return (int) info & 0xf;
  }
}
