/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.typing.CType;
import io.jargdist.typing.Prototype;
import io.jargdist.typing.TypeSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Types in the BPF Type Format (Documentation/bpf/btf.rst of the kernel). Immutable after parsing.
 *
 * <p>A module's BTF is split: its types are numbered on from the kernel's, and its strings, too. So
 * that the structs of several modules can be told apart, each has a range of numbers of its own in
 * {@link CType.Struct#id}.
 */
final class Btf implements TypeSource {
  private static final int MAGIC = 0xeb9f;
  private static final int INT = 1;
  private static final int INT_SIGNED = 1;
  private static final int INT_BOOL = 4;
  private static final int POINTER = 2;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int TYPEDEF = 8;
  private static final int VOLATILE = 9;
  private static final int CONST = 10;
  private static final int RESTRICT = 11;
  private static final int FUNCTION = 12;
  private static final int FUNCTION_PROTOTYPE = 13;
  private static final int VARIABLE = 14;
  private static final int SECTION = 15;
  private static final int DECLARATION_TAG = 17;
  private static final int TYPE_TAG = 18;
  private static final int ENUM64 = 19;
  private static final int HEADER = 12;

  private final @Nullable Btf base;
  private final int first;
  private final int shift;
  private final ByteBuffer bytes;
  private final int strings;
  private final int stringBytes;
  private final int[] positions;
  private final Map<String, Integer> names = new HashMap<>();
  private @Nullable Map<String, Long> constants;

  private Btf(
      @Nullable Btf base,
      int shift,
      ByteBuffer bytes,
      int strings,
      int stringBytes,
      int[] positions) {
    this.base = base;
    this.first = base == null ? 0 : base.positions.length;
    this.shift = shift;
    this.bytes = bytes;
    this.strings = strings;
    this.stringBytes = stringBytes;
    this.positions = positions;
  }

  /**
   * @throws IllegalArgumentException if it is no BTF that we know
   */
  static Btf parse(byte[] content) {
    return parse(content, null, 0);
  }

  /**
   * @param base the kernel's types, if these are a module's
   * @param shift what to add to a module's own type numbers
   * @throws IllegalArgumentException if it is no BTF that we know
   */
  static Btf parse(byte[] content, @Nullable Btf base, int shift) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
    if (Short.toUnsignedInt(bytes.getShort(0)) != MAGIC) {
      throw new IllegalArgumentException("not BTF");
    }
    int header = bytes.getInt(4);
    int types = header + bytes.getInt(8);
    int end = types + bytes.getInt(12);
    int strings = header + bytes.getInt(16);
    // Number 0 is void, and only the kernel's own types have it.
    int count = base == null ? 1 : 0;
    for (int at = types; at < end; at += size(bytes, at)) {
      count++;
    }
    int[] positions = new int[count];
    int index = base == null ? 1 : 0;
    for (int at = types; at < end; at += size(bytes, at)) {
      positions[index++] = at;
    }
    Btf btf = new Btf(base, shift, bytes, strings, bytes.getInt(20), positions);
    for (int i = btf.firstType(); i < btf.first + count; i++) {
      String prefix =
          switch (btf.kind(i)) {
            case STRUCT -> "struct ";
            case UNION -> "union ";
            case ENUM, ENUM64 -> "enum ";
            case TYPEDEF -> "";
            default -> null;
          };
      if (prefix != null && bytes.getInt(btf.at(i)) != 0) {
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

  /** The number behind the last type's, as {@link CType.Struct#id} has it. */
  int end() {
    return first + positions.length + shift;
  }

  /** What a function takes and returns; null if it is not known here. */
  @Nullable Prototype prototype(String function) {
    Integer id = functionId(function);
    return id == null ? null : prototype(bytes.getInt(at(id) + 8));
  }

  /** The number of a function; null if it is not known here. */
  @Nullable Integer functionId(String function) {
    byte[] wanted = function.getBytes(StandardCharsets.UTF_8);
    for (int id = firstType(); id < first + positions.length; id++) {
      if (kind(id) == FUNCTION && isString(bytes.getInt(at(id)), wanted)) {
        return id;
      }
    }
    return null;
  }

  private Prototype prototype(int id) {
    if (base != null && id < first) {
      return base.prototype(id);
    }
    int at = at(id);
    List<Prototype.Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < (bytes.getInt(at + 4) & 0xffff); i++) {
      int entry = at + HEADER + 8 * i;
      int type = bytes.getInt(entry + 4);
      if (type != 0) {
        String name = string(bytes.getInt(entry));
        CType resolved = type(type);
        boolean user = resolved instanceof CType.Pointer pointer && pointer.user();
        parameters.add(new Prototype.Parameter(name, resolved, user));
      }
    }
    return new Prototype(parameters, type(bytes.getInt(at + 8)));
  }

  /** Whether a type has the tag of {@code __user}. Compilers write it since clang 14. */
  private boolean hasUserTag(int id) {
    if (base != null && id < first) {
      return base.hasUserTag(id);
    }
    return id != 0 && kind(id) == TYPE_TAG && name(id).equals("user");
  }

  @Override
  public @Nullable CType named(String name) {
    Integer id = names.get(name);
    return id == null ? null : type(id);
  }

  @Override
  public Collection<String> names() {
    return names.keySet();
  }

  private CType type(int id) {
    if (base != null && id < first) {
      return base.type(id);
    }
    if (id == 0) {
      return CType.OPAQUE;
    }
    int at = at(id);
    int sizeOrType = bytes.getInt(at + 8);
    switch (kind(id)) {
      case INT -> {
        int encoding = bytes.getInt(at + HEADER) >>> 24;
        return sizeOrType <= 8
            ? new CType.Int(sizeOrType, (encoding & INT_SIGNED) != 0, (encoding & INT_BOOL) != 0)
            : CType.OPAQUE;
      }
      case ENUM, ENUM64 -> {
        return new CType.Int(sizeOrType, bytes.getInt(at + 4) < 0);
      }
      case POINTER -> {
        return new CType.Pointer(type(sizeOrType), hasUserTag(sizeOrType));
      }
      case ARRAY -> {
        return new CType.Array(type(bytes.getInt(at + HEADER)), bytes.getInt(at + HEADER + 8));
      }
      case STRUCT, UNION -> {
        String word = kind(id) == STRUCT ? "struct " : "union ";
        String name = name(id).isEmpty() ? "(anonymous)" : name(id);
        return new CType.Struct(word + name, id + shift, sizeOrType);
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
    if (base != null && struct.id() < first) {
      return base.member(struct, name);
    }
    int at = at(struct.id() - shift);
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
    if (base != null && struct.id() < first) {
      return base.memberNames(struct);
    }
    List<String> result = new ArrayList<>();
    int at = at(struct.id() - shift);
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
      for (int id = firstType(); id < first + positions.length; id++) {
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
    int at = at(id);
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
    return bytes.getInt(at(id) + 4) >>> 24 & 0x1f;
  }

  private String name(int id) {
    return string(bytes.getInt(at(id)));
  }

  /** Where a type of our own begins. */
  private int at(int id) {
    return positions[id - first];
  }

  private int firstType() {
    return Math.max(1, first);
  }

  private boolean isString(int offset, byte[] wanted) {
    if (base != null && offset < base.stringBytes) {
      return base.isString(offset, wanted);
    }
    int start = strings + offset - (base == null ? 0 : base.stringBytes);
    if (start + wanted.length >= bytes.limit() || bytes.get(start + wanted.length) != 0) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes.get(start + i) != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private String string(int offset) {
    if (base != null && offset < base.stringBytes) {
      return base.string(offset);
    }
    int start = strings + offset - (base == null ? 0 : base.stringBytes);
    int end = start;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    bytes.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
