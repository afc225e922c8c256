/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The symbols that a stripped file has in itself, as an ELF file that is compressed by xz: the
 * section {@code .gnu_debugdata} ("MiniDebugInfo" in gdb's manual). Unpacking them may take far
 * less memory than a bridge has.
 */
final class DebugData {
  private static final int LARGEST_COMPRESSED = 16 << 20;
  private static final int LARGEST = 24 << 20;

  /** The limit for the decoder. xz needs 9 MB at its default level. */
  private static final int DECODER_KILOBYTES = 20 << 10;

  // These costs are in nanoseconds: see WorkBudget.
  private static final long UNPACKING_A_BYTE = 20;

  private DebugData() {}

  /**
   * @return null if the file has no such section
   * @throws MalformedFileException if it cannot be unpacked, or is too large
   */
  static @Nullable FileContent read(ElfFile elf, WorkBudget budget) throws IOException {
    ElfSections.Section section = elf.section(".gnu_debugdata");
    if (section == null || !section.isInFile()) {
      return null;
    }
    FileContent content = elf.content();
    content.check(section.offset(), section.size(), "the section .gnu_debugdata");
    if (section.size() > LARGEST_COMPRESSED) {
      throw tooLarge(content);
    }
    byte[] packed = content.bytes(section.offset(), (int) section.size());
    List<byte[]> pages = new ArrayList<>();
    try (XZInputStream in =
        new XZInputStream(new ByteArrayInputStream(packed), DECODER_KILOBYTES)) {
      long size = 0;
      byte[] page;
      do {
        budget.spend(FileContent.PAGE * UNPACKING_A_BYTE, content);
        page = in.readNBytes(FileContent.PAGE);
        size += page.length;
        if (size > LARGEST) {
          throw tooLarge(content);
        }
        pages.add(page);
      } while (page.length == FileContent.PAGE);
      return new FileContent(pages, size, content.path() + "[.gnu_debugdata]", budget);
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw content.malformed(".gnu_debugdata cannot be unpacked: " + e);
    }
  }

  private static MalformedFileException tooLarge(FileContent content) {
    return content.malformed(".gnu_debugdata is larger than " + (LARGEST >> 20) + " MB");
  }
}
