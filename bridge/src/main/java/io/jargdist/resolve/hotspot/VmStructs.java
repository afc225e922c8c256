/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.hotspot;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The layout of HotSpot's own data, as it tells debuggers: which types it has, and where their
 * fields are (src/hotspot/share/runtime/vmStructs.hpp). libjvm exports tables of them, and the
 * layout of the tables, too; so nothing is known here but names, which are the same for years where
 * the layout changes with every version and build.
 *
 * <p>They are read from the memory of a process that runs this libjvm, since its file does not have
 * them: gcc makes code of the offsets, which runs when the library is loaded (Debian's 17.0.15 and
 * Temurin 25 have 0 in their files for each field that is not static). Immutable; valid as long as
 * the process runs.
 */
public final class VmStructs {
  private static final String PREFIX = "gHotSpotVM";

  /** JDK 17 has 788 fields and 961 types. */
  private static final int MOST_ENTRIES = 20_000;

  private static final int LARGEST_ENTRY = 1024;

  private final Map<String, Field> fields;
  private final Map<String, Type> types;

  private VmStructs(Map<String, Field> fields, Map<String, Type> types) {
    this.fields = fields;
    this.types = types;
  }

  /**
   * A field of a type, or a static one.
   *
   * @param typeName of the field's own type, as C++ has it: {@code "size_t"}
   * @param offset of one that is not static, in bytes
   * @param address of a static one in the memory of the process
   */
  public record Field(
      String owner, String name, String typeName, boolean isStatic, long offset, long address) {}

  /**
   * @param superclass empty without one
   * @param isOop whether it is a pointer to an object of Java
   * @param size in bytes
   */
  public record Type(
      String name,
      String superclass,
      boolean isOop,
      boolean isInteger,
      boolean isUnsigned,
      long size) {}

  /** Returns what the symbols that {@link #read} needs begin with. */
  public static String symbolPrefix() {
    return PREFIX;
  }

  /**
   * @param symbols exported variables of libjvm, by name without a version, with their addresses in
   *     the memory of the process
   * @throws IOException if the memory cannot be read, or has no such tables
   */
  public static VmStructs read(Map<String, Long> symbols, Memory memory) throws IOException {
    Map<String, Field> fields = new LinkedHashMap<>();
    JvmTable structs = new JvmTable("Struct", "TypeName", symbols, memory);
    for (long at = structs.first(); structs.has(at); at = structs.next(at)) {
      Field field =
          new Field(
              structs.text(at, "TypeName"),
              structs.text(at, "FieldName"),
              structs.text(at, "TypeString"),
              memory.intAt(structs.place(at, "IsStatic")) != 0,
              memory.longAt(structs.place(at, "Offset")),
              memory.longAt(structs.place(at, "Address")));
      fields.putIfAbsent(key(field.owner(), field.name()), field);
    }
    Map<String, Type> types = new LinkedHashMap<>();
    JvmTable all = new JvmTable("Type", "TypeName", symbols, memory);
    for (long at = all.first(); all.has(at); at = all.next(at)) {
      Type type =
          new Type(
              all.text(at, "TypeName"),
              all.text(at, "SuperclassName"),
              memory.intAt(all.place(at, "IsOopType")) != 0,
              memory.intAt(all.place(at, "IsIntegerType")) != 0,
              memory.intAt(all.place(at, "IsUnsigned")) != 0,
              memory.longAt(all.place(at, "Size")));
      types.putIfAbsent(type.name(), type);
    }
    return new VmStructs(fields, types);
  }

  private static String key(String type, String field) {
    return type + "::" + field;
  }

  /** One of libjvm's tables: entries of one size, and behind the last one without a name. */
  private static final class JvmTable {
    private final String kind;
    private final Map<String, Long> symbols;
    private final Memory memory;
    private final long start;
    private final long stride;
    private final long nameOffset;

    JvmTable(String kind, String name, Map<String, Long> symbols, Memory memory)
        throws IOException {
      this.kind = kind;
      this.symbols = symbols;
      this.memory = memory;
      start = variable(PREFIX + kind + "s");
      stride = variable(PREFIX + kind + "EntryArrayStride");
      nameOffset = offset(name);
      if (stride <= 0 || stride > LARGEST_ENTRY) {
        throw new IOException(
            "libjvm's table of " + kind + "s has entries of " + stride + " bytes");
      }
    }

    private long variable(String symbol) throws IOException {
      Long address = symbols.get(symbol);
      if (address == null) {
        throw new IOException("libjvm does not export " + symbol);
      }
      return memory.longAt(address);
    }

    private long offset(String component) throws IOException {
      long offset = variable(PREFIX + kind + "Entry" + component + "Offset");
      if (offset < 0 || offset > LARGEST_ENTRY) {
        throw new IOException("libjvm's table of " + kind + "s cannot be: offset " + offset);
      }
      return offset;
    }

    long first() {
      return start;
    }

    boolean has(long at) throws IOException {
      if (at - start > MOST_ENTRIES * stride) {
        throw new IOException("libjvm's table of " + kind + "s does not end");
      }
      return memory.longAt(at + nameOffset) != 0;
    }

    long next(long at) {
      return at + stride;
    }

    long place(long at, String component) throws IOException {
      return at + offset(component);
    }

    String text(long at, String component) throws IOException {
      long address = memory.longAt(place(at, component));
      return address == 0 ? "" : memory.string(address);
    }
  }

  /**
   * @throws IOException if this JVM does not tell of such a field
   */
  public Field field(String type, String name) throws IOException {
    Field field = fields.get(key(type, name));
    if (field == null) {
      throw new IOException("this JVM does not tell of a field " + key(type, name));
    }
    return field;
  }

  /**
   * @throws IOException if this JVM does not tell of such a type
   */
  public Type type(String name) throws IOException {
    Type type = types.get(name);
    if (type == null) {
      throw new IOException("this JVM does not tell of a type " + name);
    }
    return type;
  }

  /** Returns all fields that it tells of. */
  public Collection<Field> fields() {
    return Collections.unmodifiableCollection(fields.values());
  }

  /** Returns all types that it tells of. */
  public Collection<Type> types() {
    return Collections.unmodifiableCollection(types.values());
  }
}
