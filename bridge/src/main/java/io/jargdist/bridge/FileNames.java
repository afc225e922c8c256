/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.ctext.OpenFileText;
import io.jargdist.ctext.ProgramTables;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.os.KernelException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Knows the texts of the files that a probe has seen. A number means the same file for good, so
 * each is read once. Not thread-safe.
 */
final class FileNames {
  private final LoadedProbe loaded;
  private final Map<Long, String> texts = new HashMap<>();

  FileNames(LoadedProbe loaded) {
    this.loaded = loaded;
  }

  /**
   * @param number that a key has
   */
  String text(long number) throws KernelException {
    if (number == OpenFileText.NOT_OPEN) {
      return "not open";
    } else if (number == OpenFileText.UNKNOWN) {
      return KeyReader.UNKNOWN;
    }
    String text = texts.get(number);
    if (text == null) {
      ByteBuffer name = loaded.table(ProgramTables.FILE_NAMES).get(number);
      text = name == null ? KeyReader.UNKNOWN : new OpenFile(name).text();
      texts.put(number, text);
    }
    return text;
  }
}
