/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.CType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BtfTest {
  private static final String STRINGS = "\0char\0user\0vector\0base\0kernel\0flag\0bool\0";
  private static final int HEADER = 24;

  /**
   * The types are those that clang makes of {@code struct vector { char __user *base; char *kernel;
   * bool flag; }}; gcc leaves the tag out.
   */
  @Test
  void membersThatAreTaggedLeadToUserMemory() {
    ByteBuffer types = ByteBuffer.allocate(200).order(ByteOrder.nativeOrder());
    type(types, "char", 1, 0, 1).putInt(1 << 24 | 8); // 1
    type(types, "user", 18, 0, 1); // 2
    type(types, "", 2, 0, 2); // 3: to 2
    type(types, "", 2, 0, 1); // 4: to 1
    type(types, "bool", 1, 0, 1).putInt(4 << 24 | 8); // 5
    type(types, "vector", 4, 3, 24); // 6
    member(types, "base", 3, 0);
    member(types, "kernel", 4, 64);
    member(types, "flag", 5, 128);
    Btf btf = Btf.parse(file(types));

    CType.Struct vector = (CType.Struct) Objects.requireNonNull(btf.named("struct vector"));
    assertThat(Objects.requireNonNull(btf.member(vector, "base")).type())
        .isEqualTo(new CType.Pointer(CType.S8, true));
    assertThat(Objects.requireNonNull(btf.member(vector, "kernel")).type())
        .isEqualTo(new CType.Pointer(CType.S8));
    assertThat(Objects.requireNonNull(btf.member(vector, "flag")).type()).isEqualTo(CType.BOOL);
    assertThat(btf.names()).containsExactly("struct vector");
  }

  private static ByteBuffer type(ByteBuffer to, String name, int kind, int members, int rest) {
    return to.putInt(offset(name)).putInt(kind << 24 | members).putInt(rest);
  }

  private static void member(ByteBuffer to, String name, int type, int bits) {
    to.putInt(offset(name)).putInt(type).putInt(bits);
  }

  private static int offset(String name) {
    return name.isEmpty() ? 0 : STRINGS.indexOf("\0" + name + "\0") + 1;
  }

  private static byte[] file(ByteBuffer types) {
    int size = types.position();
    byte[] strings = STRINGS.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(HEADER + size + strings.length)
        .order(ByteOrder.nativeOrder())
        .putShort((short) 0xeb9f)
        .put((byte) 1)
        .put((byte) 0)
        .putInt(HEADER)
        .putInt(0)
        .putInt(size)
        .putInt(size)
        .putInt(strings.length)
        .put(types.flip())
        .put(strings)
        .array();
  }
}
