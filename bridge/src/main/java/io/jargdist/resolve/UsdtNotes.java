/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The USDT probes of an ELF file, from its {@code .note.stapsdt} section
 * (https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation).
 */
final class UsdtNotes {
  private static final int NOTE_TYPE = 3;
  private static final int HEADER = 12;
  private static final int ADDRESSES = 24;

  /** HotSpot has 600. */
  private static final int MOST = 20_000;

  /** Twelve arguments, each in 100 bytes. */
  private static final int LONGEST_TEXT = 1200;

  private static final long LOOKING_AT_A_NOTE = 1000;

  private UsdtNotes() {}

  /**
   * One place of a probe.
   *
   * @param address of the probed instruction in the image
   * @param semaphore address of the probe's counter; 0 if it has none
   * @param arguments as the assembler wrote them, blank-separated
   */
  record Note(String provider, String probe, long address, long semaphore, String arguments) {}

  /**
   * @throws MalformedFileException if the section is not whole
   */
  static List<Note> read(ElfFile file) throws IOException {
    ElfSections.Section section = file.section(".note.stapsdt");
    if (section == null) {
      return List.of();
    }
    List<Note> notes = new ArrayList<>();
    ElfSections.Section base = file.section(".stapsdt.base");
    FileContent content = file.content();
    content.check(section.offset(), section.size(), "the section of USDT notes");
    long end = section.offset() + section.size();
    for (long at = section.offset(); end - at >= HEADER; ) {
      content.budget().spend(LOOKING_AT_A_NOTE, content);
      long description = at + HEADER + aligned(content.getInt(at));
      long next = description + aligned(content.getInt(at + 4));
      if (next > end) {
        throw content.malformed("a USDT note is longer than its section");
      }
      if (content.getInt(at + 8) == NOTE_TYPE) {
        notes.add(note(content, description, next, base));
      }
      if (notes.size() > MOST) {
        throw content.malformed("it has more than " + MOST + " USDT notes");
      }
      at = next;
    }
    return notes;
  }

  private static Note note(
      FileContent content, long at, long end, ElfSections.@Nullable Section base)
      throws IOException {
    long address = content.getLong(at);
    long linkedBase = content.getLong(at + 8);
    long semaphore = content.getLong(at + 16);
    // What prelink moved: the base section tells by how much.
    long moved = base == null ? 0 : base.address() - linkedBase;
    String[] texts = new String[3];
    long text = at + ADDRESSES;
    for (int i = 0; i < texts.length; i++) {
      long textEnd = text;
      while (textEnd < end && textEnd - text <= LONGEST_TEXT && content.get(textEnd) != 0) {
        textEnd++;
      }
      if (textEnd >= end || textEnd - text > LONGEST_TEXT) {
        throw content.malformed("a USDT note has no end, or a text that is too long");
      }
      texts[i] = content.string(text);
      text = textEnd + 1;
    }
    return new Note(
        texts[0], texts[1], address + moved, semaphore == 0 ? 0 : semaphore + moved, texts[2]);
  }

  /** A size is unsigned, and what follows is aligned to four bytes. */
  private static long aligned(int size) {
    return (Integer.toUnsignedLong(size) + 3) & ~3L;
  }
}
