/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a file tells of its code and its data, by addresses of its image. */
public interface CodeSource {
  /**
   * Code that has a name.
   *
   * @param name one of its names
   * @param begin its first address
   * @param piece whether it is a piece that a compiler has cut off a function: nothing calls it
   * @param code all of its bytes
   */
  record Part(String name, long begin, boolean piece, ByteBuffer code) {
    public Part {
      code = code.asReadOnlyBuffer();
    }

    int size() {
      return code.limit();
    }

    boolean contains(long address) {
      return address >= begin && address - begin < size();
    }

    byte[] bytes(Instruction instruction) {
      byte[] found = new byte[instruction.length()];
      code.get(instruction.offset(), found);
      return found;
    }

    String at(int offset) {
      return offset == 0 ? name : name + "+" + offset;
    }
  }

  /**
   * Returns the code that an address is in.
   *
   * @return null if no symbol tells, or if it is larger than {@link FunctionCode#LARGEST}
   */
  @Nullable Part part(long address) throws IOException;

  /**
   * Returns what the file has at an address.
   *
   * @return null if it does not have so much there
   */
  @Nullable ByteBuffer data(long address, int size) throws IOException;
}
