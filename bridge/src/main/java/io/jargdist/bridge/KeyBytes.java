/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.facts.CType;
import io.jargdist.snapshot.KeyText;
import io.jargdist.typing.KeyContent;
import io.jargdist.typing.KeyField;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads a field of a key from an element of a table, as an element of a key.
 *
 * @param at where the field begins
 */
record KeyBytes(ByteBuffer key, int at) implements KeyContent.Visitor<String, RuntimeException> {
  static String element(ByteBuffer key, int at, KeyField field) {
    return field.content().accept(new KeyBytes(key, at));
  }

  @Override
  public String text(KeyContent.TextContent content) {
    byte[] text = new byte[content.most()];
    key.get(at, text);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    boolean cut = length == text.length && key.get(at + text.length) != 0;
    return new KeyText(new String(text, 0, length, StandardCharsets.ISO_8859_1), cut).element();
  }

  @Override
  public String explained(KeyContent.ExplainedContent content) {
    return switch (content.explanation()) {
      case ADDRESS -> InternetAddress.of(key.slice(at, content.size())).text();
    };
  }

  @Override
  public String number(KeyContent.NumberContent content) {
    CType.Int type = content.type();
    return switch (type.size()) {
      case 1 -> Integer.toString(type.signed() ? key.get(at) : Byte.toUnsignedInt(key.get(at)));
      case 2 ->
          Integer.toString(
              type.signed() ? key.getShort(at) : Short.toUnsignedInt(key.getShort(at)));
      case 4 ->
          type.signed()
              ? Integer.toString(key.getInt(at))
              : Integer.toUnsignedString(key.getInt(at));
      default ->
          type.signed() ? Long.toString(key.getLong(at)) : Long.toUnsignedString(key.getLong(at));
    };
  }
}
