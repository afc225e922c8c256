/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CType;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.TypeSource;
import io.jargdist.os.Layout;
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

  /** The size of struct btf_var_secinfo in linux/btf.h. */
  private static final int SECTION_VARIABLE_SIZE = 12;

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
    if (BtfLayout.MAGIC.get(bytes, 0) != MAGIC) {
      throw new IllegalArgumentException("not BTF");
    }
    int header = get(bytes, 0, BtfLayout.HEADER_BYTES);
    int types = header + get(bytes, 0, BtfLayout.TYPES);
    int end = types + get(bytes, 0, BtfLayout.TYPE_BYTES);
    int strings = header + get(bytes, 0, BtfLayout.STRINGS);
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
    int stringBytes = get(bytes, 0, BtfLayout.STRING_BYTES);
    Btf btf = new Btf(base, shift, bytes, strings, stringBytes, positions);
    for (int i = btf.firstType(); i < btf.first + count; i++) {
      String prefix =
          switch (btf.kind(i)) {
            case STRUCT -> "struct ";
            case UNION -> "union ";
            case ENUM, ENUM64 -> "enum ";
            case TYPEDEF -> "";
            default -> null;
          };
      if (prefix != null && btf.get(btf.at(i), BtfLayout.NAME) != 0) {
        btf.names.putIfAbsent(prefix + btf.name(i), i);
      }
    }
    return btf;
  }

  private static int size(ByteBuffer bytes, int at) {
    int info = get(bytes, at, BtfLayout.INFO);
    return BtfLayout.TYPE.size()
        + switch (kindIn(info)) {
          case INT, VARIABLE, DECLARATION_TAG -> Integer.BYTES;
          case ARRAY -> BtfLayout.ARRAY.size();
          case STRUCT, UNION -> BtfLayout.MEMBER.size() * countIn(info);
          case SECTION -> SECTION_VARIABLE_SIZE * countIn(info);
          case ENUM64 -> BtfLayout.CONSTANT_64.size() * countIn(info);
          case ENUM -> BtfLayout.CONSTANT.size() * countIn(info);
          case FUNCTION_PROTOTYPE -> BtfLayout.PARAMETER.size() * countIn(info);
          default -> 0;
        };
  }

  /** BTF_INFO_KIND of linux/btf.h. */
  private static int kindIn(int info) {
    return info >>> 24 & 0x1f;
  }

  /** BTF_INFO_VLEN: how many members, parameters or constants follow. */
  private static int countIn(int info) {
    return info & 0xffff;
  }

  /** BTF_INFO_KFLAG: a struct has bit fields, or an enum is signed. */
  private static boolean flagIn(int info) {
    return info < 0;
  }

  private static int get(ByteBuffer bytes, int at, Layout.Field field) {
    return (int) field.get(bytes, at);
  }

  private int get(int at, Layout.Field field) {
    return get(bytes, at, field);
  }

  /** Returns the position of one of the entries that follow a type. */
  private static int entry(int type, int index, Layout layout) {
    return type + BtfLayout.TYPE.size() + index * layout.size();
  }

  /** Returns the number behind the last type's, as {@link CType.Struct#id} has it. */
  int end() {
    return first + positions.length + shift;
  }

  /** Returns the parameters and the result of a function; null if it is not known here. */
  @Nullable Prototype prototype(String function) {
    Integer id = functionId(function);
    return id == null ? null : prototype(get(at(id), BtfLayout.SIZE_OR_TYPE));
  }

  /** Returns the number of a function; null if it is not known here. */
  @Nullable Integer functionId(String function) {
    return idOf(FUNCTION, function);
  }

  @Override
  public @Nullable Integer variableId(String name) {
    return idOf(VARIABLE, name);
  }

  private @Nullable Integer idOf(int kind, String name) {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    for (int id = firstType(); id < first + positions.length; id++) {
      if (kind(id) == kind && isString(get(at(id), BtfLayout.NAME), wanted)) {
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
    for (int i = 0; i < count(at); i++) {
      int entry = entry(at, i, BtfLayout.PARAMETER);
      int type = get(entry, BtfLayout.PARAMETER_TYPE);
      if (type != 0) {
        String name = string(get(entry, BtfLayout.PARAMETER_NAME));
        CType resolved = type(type);
        boolean user = resolved instanceof CType.Pointer pointer && pointer.user();
        parameters.add(new Prototype.Parameter(name, resolved, user));
      }
    }
    return new Prototype(parameters, type(get(at, BtfLayout.SIZE_OR_TYPE)));
  }

  /** Returns whether a type has the tag of {@code __user}. Compilers write it since clang 14. */
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
    int sizeOrType = get(at, BtfLayout.SIZE_OR_TYPE);
    int entry = at + BtfLayout.TYPE.size();
    switch (kind(id)) {
      case INT -> {
        int encoding = bytes.getInt(entry) >>> 24;
        return sizeOrType <= 8
            ? new CType.Int(sizeOrType, (encoding & INT_SIGNED) != 0, (encoding & INT_BOOL) != 0)
            : CType.OPAQUE;
      }
      case ENUM, ENUM64 -> {
        return new CType.Int(sizeOrType, flagIn(get(at, BtfLayout.INFO)));
      }
      case POINTER -> {
        return new CType.Pointer(type(sizeOrType), hasUserTag(sizeOrType));
      }
      case ARRAY -> {
        return new CType.Array(type(get(entry, BtfLayout.ELEMENT)), get(entry, BtfLayout.LENGTH));
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
    boolean bitFields = flagIn(get(at, BtfLayout.INFO));
    for (int i = 0; i < count(at); i++) {
      int entry = entry(at, i, BtfLayout.MEMBER);
      int offset = get(entry, BtfLayout.MEMBER_OFFSET);
      int bits = bitFields ? offset & 0xffffff : offset;
      int width = bitFields ? offset >>> 24 : 0;
      String memberName = string(get(entry, BtfLayout.MEMBER_NAME));
      CType type = type(get(entry, BtfLayout.MEMBER_TYPE));
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
    for (int i = 0; i < count(at); i++) {
      int entry = entry(at, i, BtfLayout.MEMBER);
      String name = string(get(entry, BtfLayout.MEMBER_NAME));
      if (!name.isEmpty()) {
        result.add(name);
      } else if (type(get(entry, BtfLayout.MEMBER_TYPE)) instanceof CType.Struct inner) {
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
    boolean signed = flagIn(get(at, BtfLayout.INFO));
    for (int i = 0; i < count(at); i++) {
      if (kind == ENUM64) {
        int entry = entry(at, i, BtfLayout.CONSTANT_64);
        long low = BtfLayout.CONSTANT_64_LOW.get(bytes, entry);
        long high = BtfLayout.CONSTANT_64_HIGH.get(bytes, entry);
        found.putIfAbsent(
            string(get(entry, BtfLayout.CONSTANT_64_NAME)), low | high << Integer.SIZE);
      } else {
        int entry = entry(at, i, BtfLayout.CONSTANT);
        long value = BtfLayout.CONSTANT_VALUE.get(bytes, entry);
        found.putIfAbsent(
            string(get(entry, BtfLayout.CONSTANT_NAME)), signed ? (int) value : value);
      }
    }
  }

  private int kind(int id) {
    return kindIn(get(at(id), BtfLayout.INFO));
  }

  private String name(int id) {
    return string(get(at(id), BtfLayout.NAME));
  }

  private int count(int type) {
    return countIn(get(type, BtfLayout.INFO));
  }

  /** Returns where a type of our own begins. */
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
