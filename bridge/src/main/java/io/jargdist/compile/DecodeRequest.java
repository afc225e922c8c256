/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.nio.ByteBuffer;

/**
 * A request to {@link CompilerMain} to decode code. Its bytes are an integer and the code.
 *
 * @param everywhere how many bytes are to be decoded at every offset
 */
record DecodeRequest(int everywhere, ByteBuffer code) {
  byte[] encode() {
    ByteBuffer bytes = ByteBuffer.allocate(4 + code.remaining());
    return bytes.putInt(everywhere).put(code.duplicate()).array();
  }

  static DecodeRequest decode(ByteBuffer bytes) {
    return new DecodeRequest(bytes.getInt(), bytes.slice());
  }
}
