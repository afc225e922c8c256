/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The USDT probes of an ELF file, from its {@code .note.stapsdt} section
 * (https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation).
 */
final class UsdtNotes {
  private static final int NOTE_TYPE = 3;

  private UsdtNotes() {}

  /**
   * One place of a probe.
   *
   * @param address of the probed instruction in the image
   * @param semaphore address of the probe's counter; 0 if it has none
   * @param arguments as the assembler wrote them, blank-separated
   */
  record Note(String provider, String probe, long address, long semaphore, String arguments) {}

  static List<Note> read(ElfFile file) {
    List<Note> notes = new ArrayList<>();
    ElfFile.Section section = file.section(".note.stapsdt");
    if (section == null) {
      return notes;
    }
    ElfFile.Section base = file.section(".stapsdt.base");
    ByteBuffer content = file.content(section);
    while (content.remaining() >= 12) {
      int nameSize = content.getInt();
      int size = content.getInt();
      int type = content.getInt();
      content.position(content.position() + aligned(nameSize));
      int end = content.position() + aligned(size);
      if (type == NOTE_TYPE) {
        long address = content.getLong();
        long linkedBase = content.getLong();
        long semaphore = content.getLong();
        // What prelink moved: the base section tells by how much.
        long moved = base == null ? 0 : base.address() - linkedBase;
        notes.add(
            new Note(
                string(content),
                string(content),
                address + moved,
                semaphore == 0 ? 0 : semaphore + moved,
                string(content)));
      }
      content.position(end);
    }
    return notes;
  }

  private static int aligned(int size) {
    return (size + 3) & ~3;
  }

  private static String string(ByteBuffer content) {
    int start = content.position();
    while (content.get() != 0) {}
    byte[] text = new byte[content.position() - 1 - start];
    content.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
