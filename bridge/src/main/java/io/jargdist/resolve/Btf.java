/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.CType;
import io.jargdist.codegen.TypeSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Types in the BPF Type Format (Documentation/bpf/btf.rst of the kernel). Immutable after parsing.
 */
final class Btf implements TypeSource {
  private static final int MAGIC = 0xeb9f;
  private static final int INT = 1;
  private static final int POINTER = 2;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int TYPEDEF = 8;
  private static final int VOLATILE = 9;
  private static final int CONST = 10;
  private static final int RESTRICT = 11;
  private static final int FUNCTION_PROTOTYPE = 13;
  private static final int VARIABLE = 14;
  private static final int SECTION = 15;
  private static final int DECLARATION_TAG = 17;
  private static final int TYPE_TAG = 18;
  private static final int ENUM64 = 19;
  private static final int HEADER = 12;

  private final ByteBuffer bytes;
  private final int strings;
  private final int[] positions;
  private final Map<String, Integer> names = new HashMap<>();
  private @Nullable Map<String, Long> constants;

  private Btf(ByteBuffer bytes, int strings, int[] positions) {
    this.bytes = bytes;
    this.strings = strings;
    this.positions = positions;
  }

  /**
   * @throws IllegalArgumentException if it is no BTF that we know
   */
  static Btf parse(byte[] content) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
    if (Short.toUnsignedInt(bytes.getShort(0)) != MAGIC) {
      throw new IllegalArgumentException("not BTF");
    }
    int header = bytes.getInt(4);
    int types = header + bytes.getInt(8);
    int end = types + bytes.getInt(12);
    int strings = header + bytes.getInt(16);
    int count = 1;
    for (int at = types; at < end; at += size(bytes, at)) {
      count++;
    }
    int[] positions = new int[count];
    int id = 1;
    for (int at = types; at < end; at += size(bytes, at)) {
      positions[id++] = at;
    }
    Btf btf = new Btf(bytes, strings, positions);
    for (int i = 1; i < count; i++) {
      String prefix =
          switch (btf.kind(i)) {
            case STRUCT -> "struct ";
            case UNION -> "union ";
            case ENUM, ENUM64 -> "enum ";
            case TYPEDEF -> "";
            default -> null;
          };
      if (prefix != null && bytes.getInt(positions[i]) != 0) {
        btf.names.putIfAbsent(prefix + btf.name(i), i);
      }
    }
    return btf;
  }

  private static int size(ByteBuffer bytes, int at) {
    int info = bytes.getInt(at + 4);
    int count = info & 0xffff;
    return HEADER
        + switch (info >>> 24 & 0x1f) {
          case INT, VARIABLE, DECLARATION_TAG -> 4;
          case ARRAY -> 12;
          case STRUCT, UNION, SECTION, ENUM64 -> 12 * count;
          case ENUM, FUNCTION_PROTOTYPE -> 8 * count;
          default -> 0;
        };
  }

  @Override
  public @Nullable CType named(String name) {
    Integer id = names.get(name);
    return id == null ? null : type(id);
  }

  private CType type(int id) {
    if (id == 0) {
      return CType.OPAQUE;
    }
    int at = positions[id];
    int sizeOrType = bytes.getInt(at + 8);
    switch (kind(id)) {
      case INT -> {
        boolean signed = (bytes.getInt(at + HEADER) >>> 24 & 1) != 0;
        return sizeOrType <= 8 ? new CType.Int(sizeOrType, signed) : CType.OPAQUE;
      }
      case ENUM, ENUM64 -> {
        return new CType.Int(sizeOrType, bytes.getInt(at + 4) < 0);
      }
      case POINTER -> {
        return new CType.Pointer(type(sizeOrType));
      }
      case ARRAY -> {
        return new CType.Array(type(bytes.getInt(at + HEADER)), bytes.getInt(at + HEADER + 8));
      }
      case STRUCT, UNION -> {
        String word = kind(id) == STRUCT ? "struct " : "union ";
        String name = name(id).isEmpty() ? "(anonymous)" : name(id);
        return new CType.Struct(word + name, id, sizeOrType);
      }
      case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG -> {
        return type(sizeOrType);
      }
      default -> {
        return CType.OPAQUE;
      }
    }
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    int at = positions[struct.id()];
    boolean bitFields = bytes.getInt(at + 4) < 0;
    for (int i = 0; i < (bytes.getInt(at + 4) & 0xffff); i++) {
      int entry = at + HEADER + 12 * i;
      int offset = bytes.getInt(entry + 8);
      int bits = bitFields ? offset & 0xffffff : offset;
      int width = bitFields ? offset >>> 24 : 0;
      String memberName = string(bytes.getInt(entry));
      CType type = type(bytes.getInt(entry + 4));
      if (memberName.equals(name)) {
        if (width == 0) {
          return new Member(bits / 8, type, 0, 0);
        }
        int unit = type instanceof CType.Int integer ? integer.size() * 8 : 64;
        return new Member(bits / unit * (unit / 8), type, bits % unit, width);
      }
      if (memberName.isEmpty() && type instanceof CType.Struct inner) {
        Member found = member(inner, name);
        if (found != null) {
          return new Member(
              bits / 8 + found.offset(), found.type(), found.bitShift(), found.bitWidth());
        }
      }
    }
    return null;
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    List<String> result = new ArrayList<>();
    int at = positions[struct.id()];
    for (int i = 0; i < (bytes.getInt(at + 4) & 0xffff); i++) {
      int entry = at + HEADER + 12 * i;
      String name = string(bytes.getInt(entry));
      if (!name.isEmpty()) {
        result.add(name);
      } else if (type(bytes.getInt(entry + 4)) instanceof CType.Struct inner) {
        result.addAll(memberNames(inner));
      }
    }
    return result;
  }

  @Override
  public synchronized @Nullable Long constant(String name) {
    if (constants == null) {
      constants = new HashMap<>();
      for (int id = 1; id < positions.length; id++) {
        addConstants(id, constants);
      }
    }
    return constants.get(name);
  }

  private void addConstants(int id, Map<String, Long> found) {
    int kind = kind(id);
    if (kind != ENUM && kind != ENUM64) {
      return;
    }
    int at = positions[id];
    boolean signed = bytes.getInt(at + 4) < 0;
    int step = kind == ENUM ? 8 : 12;
    for (int i = 0; i < (bytes.getInt(at + 4) & 0xffff); i++) {
      int entry = at + HEADER + step * i;
      long low = bytes.getInt(entry + 4);
      long value =
          kind == ENUM64
              ? (low & 0xffffffffL) | (long) bytes.getInt(entry + 8) << 32
              : signed ? low : low & 0xffffffffL;
      found.putIfAbsent(string(bytes.getInt(entry)), value);
    }
  }

  private int kind(int id) {
    return bytes.getInt(positions[id] + 4) >>> 24 & 0x1f;
  }

  private String name(int id) {
    return string(bytes.getInt(positions[id]));
  }

  private String string(int offset) {
    int start = strings + offset;
    int end = start;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    bytes.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
