/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes ELF files, also such as no linker makes: each size can be made to say something else than
 * what is there. One segment of code, one symbol table, and USDT notes.
 */
final class ElfImage {
  private static final int SHT_PROGBITS = 1;
  private static final int SHT_STRTAB = 3;
  private static final int SHT_NOTE = 7;
  private static final int SHT_DYNSYM = 11;
  private static final long CODE = 0x1000;

  private final ByteArrayOutputStream symbols = new ByteArrayOutputStream();
  private final ByteArrayOutputStream names = new ByteArrayOutputStream();
  private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
  private final List<Section> others = new ArrayList<>();
  private long codeSize = 0x1000;
  private long symbolBytes = -1;
  private long fileSize;

  private record Section(String name, int type, ByteArrayOutputStream content, int link) {}

  ElfImage() {
    names.write(0);
    symbols.writeBytes(new byte[24]);
  }

  private static ByteBuffer over(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A function of so many bytes. */
  ElfImage function(String name, long address, long size) {
    int at = names.size();
    names.writeBytes(name.getBytes(UTF_8));
    names.write(0);
    return symbol(at, address, size);
  }

  /** A function with a name that is at another place of the names. */
  ElfImage symbol(int nameOffset, long address, long size) {
    byte[] symbol = new byte[24];
    over(symbol).putInt(nameOffset).put((byte) 0x12).put((byte) 0).putShort((short) 1);
    over(symbol).position(8).putLong(address).putLong(size);
    symbols.writeBytes(symbol);
    return this;
  }

  ElfImage note(String provider, String probe, long address, String arguments) {
    byte[] texts = (provider + "\0" + probe + "\0" + arguments + "\0").getBytes(UTF_8);
    return note(8, 24 + texts.length, address, texts);
  }

  /** A note whose sizes say what they like. */
  ElfImage note(int nameSize, int size, long address, byte[] texts) {
    byte[] header = new byte[12];
    over(header).putInt(nameSize).putInt(size).putInt(3);
    notes.writeBytes(header);
    notes.writeBytes("stapsdt\0".getBytes(UTF_8));
    byte[] addresses = new byte[24];
    over(addresses).putLong(address);
    notes.writeBytes(addresses);
    notes.writeBytes(texts);
    notes.writeBytes(new byte[-notes.size() & 3]);
    return this;
  }

  /** A section of any content. */
  ElfImage section(String name, byte[] content) {
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    copy.writeBytes(content);
    others.add(new Section(name, SHT_PROGBITS, copy, 0));
    return this;
  }

  ElfImage codeSize(long size) {
    codeSize = size;
    return this;
  }

  /** Sets the size that the section of symbols claims, in bytes. */
  ElfImage symbolBytes(long size) {
    symbolBytes = size;
    return this;
  }

  /** Makes the file that large, with a hole at its end. */
  ElfImage fileSize(long size) {
    fileSize = size;
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream nothing = new ByteArrayOutputStream();
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("", 0, nothing, 0));
    sections.add(new Section(".text", SHT_PROGBITS, nothing, 0));
    sections.add(new Section(".dynsym", SHT_DYNSYM, symbols, 3));
    sections.add(new Section(".dynstr", SHT_STRTAB, names, 0));
    sections.add(new Section(".note.stapsdt", SHT_NOTE, notes, 0));
    sections.addAll(others);
    StringBuilder sectionNames = new StringBuilder();
    List<Integer> nameOffsets = new ArrayList<>();
    for (Section section : sections) {
      nameOffsets.add(sectionNames.length());
      sectionNames.append(section.name()).append('\0');
    }
    nameOffsets.add(sectionNames.length());
    sectionNames.append(".shstrtab\0");
    ByteArrayOutputStream ownNames = new ByteArrayOutputStream();
    ownNames.writeBytes(sectionNames.toString().getBytes(UTF_8));
    sections.add(new Section(".shstrtab", SHT_STRTAB, ownNames, 0));
    int headers = 64 + 56;
    int content = headers + sections.size() * 64;
    int size = content;
    for (Section section : sections) {
      size += (section.content().size() + 7) & ~7;
    }
    byte[] image = new byte[Math.max(size, 0x2000)];
    ByteBuffer file = over(image);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    file.putShort((short) 3).putShort((short) 62).putInt(1).putLong(0);
    file.putLong(64).putLong(headers).putInt(0);
    file.putShort((short) 64).putShort((short) 56).putShort((short) 1);
    file.putShort((short) 64).putShort((short) sections.size());
    file.putShort((short) (sections.size() - 1));
    file.putInt(1).putInt(5).putLong(CODE).putLong(CODE).putLong(CODE);
    file.putLong(codeSize).putLong(codeSize).putLong(0x1000);
    int at = content;
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      boolean isSymbols = section.type() == SHT_DYNSYM && symbolBytes >= 0;
      file.position(headers + i * 64);
      file.putInt(nameOffsets.get(i)).putInt(section.type()).putLong(2).putLong(0).putLong(at);
      file.putLong(isSymbols ? symbolBytes : section.content().size());
      file.putInt(section.link()).putInt(0).putLong(8).putLong(24);
      file.position(at).put(section.content().toByteArray());
      at += (section.content().size() + 7) & ~7;
    }
    return image;
  }

  Path write(Path file) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] bytes = bytes();
      out.write(bytes);
      out.setLength(Math.max(bytes.length, fileSize));
    }
    return file;
  }
}
