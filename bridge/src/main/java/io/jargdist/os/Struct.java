/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.os.Layout.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A structure for a system call, or an array of them. Its bytes are 0 at first. */
public final class Struct implements Native {
  private final Layout layout;
  private final Memory memory;
  private final ByteBuffer bytes;

  /** The memory that the structure points to lives as long as the structure. */
  private final List<Native> targets = new ArrayList<>();

  public Struct(Layout layout) {
    this(layout, 1);
  }

  Struct(Layout layout, int count) {
    this.layout = layout;
    this.memory = Memory.allocate(count * layout.size());
    this.bytes = memory.bytes();
  }

  public Struct set(Field field, long value) {
    return set(0, field, value);
  }

  /** Sets a field of an array's structure. */
  Struct set(int index, Field field, long value) {
    checked(field).put(bytes, index * layout.size(), value);
    return this;
  }

  /** Sets a field to the address of memory. */
  public Struct set(Field field, Native target) {
    targets.add(target);
    return set(field, target.address());
  }

  /** Sets a field to as much of an ASCII text as it holds together with a NUL. */
  public Struct set(Field field, String text) {
    String shown = text.substring(0, Math.min(checked(field).size() - 1, text.length()));
    bytes.put(field.offset(), shown.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** Returns the number in a field, unsigned. */
  public long get(Field field) {
    return checked(field).get(bytes, 0);
  }

  /** Returns the number in a field of 32 bits. */
  public int getInt(Field field) {
    return (int) get(field);
  }

  private Field checked(Field field) {
    if (!field.layout().equals(layout)) {
      throw new IllegalArgumentException(layout.type() + " has no " + field);
    }
    return field;
  }

  Layout layout() {
    return layout;
  }

  @Override
  public long address() {
    return memory.address();
  }
}
