/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

/**
 * An instruction in a file, as the kernel wants to be told it.
 *
 * @param path of the open file that it is in, {@code /proc/self/fd/NUMBER}: valid in this process,
 *     as long as whoever has found the location keeps that file open
 * @param offset in the file, in bytes
 * @param display for people: {@code "/usr/lib/libc.so.6:read"}
 */
public record CodeLocation(String path, long offset, String display) {
  /** An instruction that many bytes behind this one, with a remark for people. */
  public CodeLocation behind(int distance, String remark) {
    String place = distance == 0 ? display : display + "+" + distance;
    return new CodeLocation(path, offset + distance, place + " (" + remark + ")");
  }
}
