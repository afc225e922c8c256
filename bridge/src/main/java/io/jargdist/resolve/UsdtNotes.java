/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The USDT probes of an ELF file, from its {@code .note.stapsdt} section. */
final class UsdtNotes {
  private static final int NOTE_TYPE = 3;

  private static final Layout DESCRIPTION =
      new Layout(
          "three addresses",
          "https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation",
          24);
  private static final Field ADDRESS = DESCRIPTION.field("pc", 0, 8);
  private static final Field BASE = DESCRIPTION.field("base", 8, 8);
  private static final Field SEMAPHORE = DESCRIPTION.field("semaphore", 16, 8);

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
    int header = ElfLayout.NOTE.size();
    for (long at = section.offset(); end - at >= header; ) {
      content.budget().spend(LOOKING_AT_A_NOTE, content);
      long description = at + header + aligned(content.get(at, ElfLayout.NOTE_NAME_BYTES));
      long next = description + aligned(content.get(at, ElfLayout.NOTE_BYTES));
      if (next > end) {
        throw content.malformed("a USDT note is longer than its section");
      }
      if (content.get(at, ElfLayout.NOTE_TYPE) == NOTE_TYPE) {
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
    long address = content.get(at, ADDRESS);
    long linkedBase = content.get(at, BASE);
    long semaphore = content.get(at, SEMAPHORE);
    // The base section tells how far prelink has moved the file.
    long moved = base == null ? 0 : base.address() - linkedBase;
    String[] texts = new String[3];
    long text = at + DESCRIPTION.size();
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

  /** Rounds a size up, since parts of a note are aligned to four bytes. */
  private static long aligned(long size) {
    return (size + 3) & ~3L;
  }
}
