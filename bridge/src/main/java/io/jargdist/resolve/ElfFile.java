/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An ELF file, 64-bit and little-endian, mapped read-only. Its symbols are looked at where they
 * lie; no object is made for those that are not asked for.
 */
final class ElfFile {
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;
  private static final int SHT_GNU_VERSYM = 0x6fffffff;
  private static final int PT_LOAD = 1;
  private static final int PF_X = 1;
  private static final int STT_NOTYPE = 0;
  private static final int STT_FUNC = 2;
  private static final int STT_GNU_IFUNC = 10;
  private static final int SYMBOL_SIZE = 24;
  private static final int HIDDEN_VERSION = 0x8000;

  private final Path path;
  private final ByteBuffer bytes;
  private final List<Section> sections = new ArrayList<>();

  private ElfFile(Path path, ByteBuffer bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  record Section(String name, int type, long address, long offset, long size, int link) {}

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
   * @param content its bytes in the file
   */
  record Code(long address, long offset, ByteBuffer content) {
    boolean contains(long wanted) {
      return wanted >= address && wanted - address < content.limit();
    }
  }

  /** What is called for each place that has a name. */
  interface Place {
    /**
     * @param size in bytes; 0 if it is not known
     */
    void at(long address, long size);
  }

  static ElfFile open(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new IOException(path + " is larger than 2 GB");
      }
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      mapped.order(ByteOrder.LITTLE_ENDIAN);
      if (channel.size() < 64 || mapped.getInt(0) != 0x464c457f || mapped.getShort(4) != 0x0102) {
        throw new IOException(path + " is not a 64-bit little-endian ELF file");
      }
      ElfFile file = new ElfFile(path, mapped);
      file.readSections();
      return file;
    } catch (IndexOutOfBoundsException e) {
      throw new IOException(path + " is not a whole ELF file", e);
    }
  }

  private void readSections() {
    int table = Math.toIntExact(bytes.getLong(0x28));
    int count = Short.toUnsignedInt(bytes.getShort(0x3c));
    int names = Short.toUnsignedInt(bytes.getShort(0x3e));
    if (table == 0 || count == 0) {
      return;
    }
    int namesOffset = (int) bytes.getLong(table + names * 64 + 0x18);
    for (int i = 0; i < count; i++) {
      int at = table + i * 64;
      sections.add(
          new Section(
              string(namesOffset + bytes.getInt(at)),
              bytes.getInt(at + 4),
              bytes.getLong(at + 0x10),
              bytes.getLong(at + 0x18),
              bytes.getLong(at + 0x20),
              bytes.getInt(at + 0x28)));
    }
  }

  @Nullable Section section(String name) {
    for (Section section : sections) {
      if (section.name().equals(name)) {
        return section;
      }
    }
    return null;
  }

  /** A section's content. */
  ByteBuffer content(Section section) {
    return bytes.slice((int) section.offset(), (int) section.size()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Where an address of the image is in the file.
   *
   * @throws IOException if no part of the file is loaded there
   */
  long fileOffset(long address) throws IOException {
    int table = Math.toIntExact(bytes.getLong(0x20));
    int count = Short.toUnsignedInt(bytes.getShort(0x38));
    for (int i = 0; i < count; i++) {
      int at = table + i * 56;
      long start = bytes.getLong(at + 0x10);
      long size = bytes.getLong(at + 0x20);
      if (bytes.getInt(at) == PT_LOAD && address >= start && address - start < size) {
        return address - start + bytes.getLong(at + 0x08);
      }
    }
    throw new IOException(path + " has nothing at address 0x" + Long.toHexString(address));
  }

  /**
   * The address in the image of an offset in the file; the opposite of {@link #fileOffset}.
   *
   * @throws IOException if that part of the file is not loaded to be run
   */
  long codeAddress(long fileOffset) throws IOException {
    for (Code part : code()) {
      long address = part.address() + fileOffset - part.offset();
      if (part.contains(address)) {
        return address;
      }
    }
    throw new IOException(path + " has no code at offset 0x" + Long.toHexString(fileOffset));
  }

  /** All parts that are loaded to be run. */
  List<Code> code() {
    List<Code> parts = new ArrayList<>();
    int table = Math.toIntExact(bytes.getLong(0x20));
    int count = Short.toUnsignedInt(bytes.getShort(0x38));
    for (int i = 0; i < count; i++) {
      int at = table + i * 56;
      if (bytes.getInt(at) == PT_LOAD && (bytes.getInt(at + 4) & PF_X) != 0) {
        int offset = Math.toIntExact(bytes.getLong(at + 0x08));
        int size = Math.toIntExact(bytes.getLong(at + 0x20));
        ByteBuffer content = bytes.slice(offset, size).order(ByteOrder.LITTLE_ENDIAN);
        parts.add(new Code(bytes.getLong(at + 0x10), offset, content));
      }
    }
    return parts;
  }

  /** All symbols that may be places in code, of both symbol tables, some of them twice. */
  void places(Place found) {
    for (Section table : sections) {
      if (table.type() != SHT_DYNSYM && table.type() != SHT_SYMTAB) {
        continue;
      }
      int count = (int) (table.size() / SYMBOL_SIZE);
      for (int i = 1; i < count; i++) {
        int at = (int) table.offset() + i * SYMBOL_SIZE;
        int type = bytes.get(at + 4) & 0xf;
        boolean defined = bytes.getShort(at + 6) != 0;
        if (defined && (type == STT_NOTYPE || type == STT_FUNC || type == STT_GNU_IFUNC)) {
          found.at(bytes.getLong(at + 8), bytes.getLong(at + 16));
        }
      }
    }
  }

  /** All functions of a name: of both symbol tables, all versions. */
  List<Symbol> functions(String name) {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    List<Symbol> found = new ArrayList<>();
    scan((nameOffset) -> matches(nameOffset, wanted, true), found::add);
    return found;
  }

  /** All functions of the dynamic symbol table, or of both. */
  List<Symbol> functions(boolean exportedOnly) {
    List<Symbol> found = new ArrayList<>();
    scan(
        (nameOffset) -> true,
        symbol -> {
          if (symbol.exported() || !exportedOnly) {
            found.add(symbol);
          }
        });
    return found;
  }

  /** All functions whose names begin so. */
  List<Symbol> functionsBeginning(String prefix) {
    byte[] wanted = prefix.getBytes(StandardCharsets.UTF_8);
    List<Symbol> found = new ArrayList<>();
    scan((nameOffset) -> matches(nameOffset, wanted, false), found::add);
    return found;
  }

  /** The names of all functions, in no order, some of them twice. */
  List<String> functionNames() {
    List<String> names = new ArrayList<>();
    scan((nameOffset) -> true, symbol -> names.add(symbol.name()));
    return names;
  }

  private interface NameTest {
    boolean test(int nameOffset);
  }

  private void scan(NameTest wanted, Consumer<Symbol> found) {
    for (Section table : sections) {
      boolean dynamic = table.type() == SHT_DYNSYM;
      if (!dynamic && table.type() != SHT_SYMTAB) {
        continue;
      }
      int names = (int) sections.get(table.link()).offset();
      Section versions = dynamic ? versions() : null;
      int count = (int) (table.size() / SYMBOL_SIZE);
      for (int i = 1; i < count; i++) {
        int at = (int) table.offset() + i * SYMBOL_SIZE;
        int type = bytes.get(at + 4) & 0xf;
        long address = bytes.getLong(at + 8);
        boolean function = type == STT_FUNC || type == STT_GNU_IFUNC;
        if (!function || address == 0 || !wanted.test(names + bytes.getInt(at))) {
          continue;
        }
        boolean hidden =
            versions != null
                && (bytes.getShort((int) versions.offset() + 2 * i) & HIDDEN_VERSION) != 0;
        found.accept(
            new Symbol(
                string(names + bytes.getInt(at)),
                address,
                type == STT_GNU_IFUNC,
                dynamic,
                !hidden));
      }
    }
  }

  private @Nullable Section versions() {
    for (Section section : sections) {
      if (section.type() == SHT_GNU_VERSYM) {
        return section;
      }
    }
    return null;
  }

  private boolean matches(int offset, byte[] wanted, boolean whole) {
    for (int i = 0; i < wanted.length; i++) {
      if (bytes.get(offset + i) != wanted[i]) {
        return false;
      }
    }
    return !whole || bytes.get(offset + wanted.length) == 0;
  }

  private String string(int offset) {
    int end = offset;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - offset];
    bytes.get(offset, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
