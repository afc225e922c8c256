/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.snapshot.KeyColumn;

/**
 * A column in the bytes of a key.
 *
 * @param offset in the key, in bytes
 */
public record KeyField(KeyColumn column, KeyContent content, int offset) {
  /**
   * Returns a column behind others.
   *
   * @param end where they end, in bytes
   */
  static KeyField behind(int end, KeyColumn column, KeyContent content) {
    int alignment = content.alignment();
    return new KeyField(column, content, (end + alignment - 1) / alignment * alignment);
  }

  /** Returns where it ends in the key, in bytes. */
  public int end() {
    return offset + content.size();
  }
}
