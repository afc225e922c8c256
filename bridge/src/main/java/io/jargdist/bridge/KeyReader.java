/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.codegen.ProbePlan;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.os.KernelException;
import io.jargdist.snapshot.KeyText;
import io.jargdist.typing.KeyContent;
import io.jargdist.typing.KeyField;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the keys of a probe from elements of its tables. Not thread-safe. */
final class KeyReader {
  /** The text of a key that cannot be known. */
  static final String UNKNOWN = "?";

  private final List<KeyField> fields;
  private final FileNames files;

  KeyReader(ProbePlan plan, LoadedProbe loaded) {
    this.fields = plan.key();
    this.files = new FileNames(loaded);
  }

  /**
   * @param at where the key begins
   */
  List<String> key(ByteBuffer bytes, int at) throws KernelException {
    List<Integer> offsets = new ArrayList<>(fields.size());
    for (KeyField field : fields) {
      offsets.add(at + field.offset());
    }
    return key(bytes, offsets);
  }

  /**
   * @param offsets where each field of the key begins
   */
  List<String> key(ByteBuffer bytes, List<Integer> offsets) throws KernelException {
    List<String> key = new ArrayList<>(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      key.add(fields.get(i).content().accept(new Element(bytes, offsets.get(i))));
    }
    return List.copyOf(key);
  }

  /** Makes an element of a key from the bytes of a field. */
  private final class Element implements KeyContent.Visitor<String, KernelException> {
    private final ByteBuffer bytes;
    private final int at;

    /**
     * @param at where the field begins
     */
    Element(ByteBuffer bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    @Override
    public String number(KeyContent.NumberContent content) {
      boolean signed = content.type().signed();
      return switch (content.type().size()) {
        case 1 -> Integer.toString(signed ? bytes.get(at) : Byte.toUnsignedInt(bytes.get(at)));
        case 2 ->
            Integer.toString(signed ? bytes.getShort(at) : Short.toUnsignedInt(bytes.getShort(at)));
        case 4 ->
            signed
                ? Integer.toString(bytes.getInt(at))
                : Integer.toUnsignedString(bytes.getInt(at));
        default ->
            signed ? Long.toString(bytes.getLong(at)) : Long.toUnsignedString(bytes.getLong(at));
      };
    }

    @Override
    public String text(KeyContent.TextContent content) {
      byte[] text = new byte[content.most()];
      bytes.get(at, text);
      int length = 0;
      while (length < text.length && text[length] != 0) {
        length++;
      }
      boolean cut = length == text.length && bytes.get(at + text.length) != 0;
      return new KeyText(new String(text, 0, length, StandardCharsets.ISO_8859_1), cut).element();
    }

    @Override
    public String explained(KeyContent.ExplainedContent content) throws KernelException {
      return switch (content.explanation()) {
        case ADDRESS -> InternetAddress.of(bytes.slice(at, content.size())).text();
        case FILE -> files.text(bytes.getLong(at));
      };
    }
  }
}
