/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

/**
 * An instruction in a file, in the form that the kernel takes.
 *
 * @param path of the open file, {@code /proc/self/fd/NUMBER}; valid in this process as long as the
 *     file stays open
 * @param offset in the file, in bytes
 * @param display for people: {@code "/usr/lib/libc.so.6:read"}
 */
public record CodeLocation(String path, long offset, String display) {
  /**
   * Returns the place of an instruction in a file that is not there yet. Nothing can be attached to
   * it.
   */
  public static CodeLocation awaited(String display) {
    return new CodeLocation("", 0, display);
  }

  /** Returns whether its file is not there yet. */
  public boolean isAwaited() {
    return path.isEmpty();
  }

  /** Returns the instruction that is so many bytes behind this one, with a remark for people. */
  public CodeLocation behind(int distance, String remark) {
    String place = distance == 0 ? display : display + "+" + distance;
    return new CodeLocation(path, offset + distance, place + " (" + remark + ")");
  }
}
