/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.BaseTypes;
import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;
import io.jargdist.resolve.hotspot.VmStructs;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The types that the libjvm of a target publishes ({@link VmStructs}), as far as C can say them:
 * {@code ObjectMonitor}, {@code JavaThread}. A class has the fields of its superclasses, too. The
 * memory of the target is read when a type is asked for the first time, and its content is not
 * trusted: a wrong table makes a wrong layout, and programs read what lies there in the target's
 * own memory.
 */
public final class HotSpotTypes implements TypeSource {
  /** What a program can name. The table also has templates, and names in other classes. */
  private static final String IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]{0,99}";

  /** All that stands in the table as a type; a message may repeat it. */
  private static final String PRINTABLE = "[ -~]{0,200}";

  /** Behind the name of a field that is the first element of an array. */
  private static final String FIRST_ELEMENT = "[0]";

  private static final int MOST_SUPERCLASSES = 20;

  private final Published published;
  private @Nullable String unavailable;
  private @Nullable Map<String, VmStructs.Type> types;
  private final Map<String, Map<String, VmStructs.Field>> fields = new HashMap<>();

  /** Reads the tables. */
  interface Published {
    /**
     * @return null if there is no JVM
     */
    @Nullable VmStructs read() throws IOException;
  }

  HotSpotTypes(Published published) {
    this.published = published;
  }

  /**
   * @param libraries of the target, which are not closed before the last question
   */
  public static HotSpotTypes of(TargetLibraries libraries) {
    return new HotSpotTypes(
        () -> {
          try (HotSpot jvm = HotSpot.of(libraries)) {
            return jvm == null ? null : jvm.structs();
          }
        });
  }

  private Map<String, VmStructs.Type> types() {
    if (types == null) {
      types = new LinkedHashMap<>();
      try {
        VmStructs structs = published.read();
        if (structs == null) {
          unavailable = "the process has not mapped libjvm.so, which has the types of HotSpot";
        } else {
          add(structs, types);
        }
      } catch (IOException e) {
        unavailable = "the types of HotSpot are not known: " + IoFailure.sentence(e);
      }
    }
    return types;
  }

  private void add(VmStructs structs, Map<String, VmStructs.Type> all) {
    for (VmStructs.Type type : structs.types()) {
      boolean possible = type.size() >= 0 && type.size() <= Integer.MAX_VALUE;
      if (possible && type.name().matches(PRINTABLE)) {
        all.put(type.name(), type);
      }
    }
    for (VmStructs.Field field : structs.fields()) {
      VmStructs.Type owner = all.get(field.owner());
      String name = field.name().replace(FIRST_ELEMENT, "");
      if (owner != null
          && !field.isStatic()
          && field.offset() >= 0
          && field.offset() <= owner.size()
          && name.matches(IDENTIFIER)
          && field.typeName().matches(PRINTABLE)) {
        // The first element of an array tells its type, which the array itself may not have.
        fields
            .computeIfAbsent(owner.name(), o -> new LinkedHashMap<>())
            .merge(name, field, (a, b) -> a.typeName().isEmpty() ? b : a);
      }
    }
  }

  @Override
  public @Nullable CType named(String name) {
    return name.matches(IDENTIFIER) ? inTable(name) : null;
  }

  /** Returns a type by any name that the table has; null if it has none of that name. */
  private @Nullable CType inTable(String name) {
    VmStructs.Type type = types().get(name);
    if (type == null) {
      return null;
    } else if (type.isOop()) {
      CType object = name.equals("oopDesc") ? null : inTable("oopDesc");
      return new CType.Pointer(object == null ? CType.OPAQUE : object);
    }
    int size = (int) type.size();
    boolean number = type.isInteger() && size <= Long.BYTES && Integer.bitCount(size) == 1;
    return number
        ? new CType.Int(size, !type.isUnsigned())
        : new CType.Struct(name, CType.Struct.OF_HOTSPOT, size);
  }

  /** Returns a type as C++ writes it: {@code "const char*"}, {@code "Array<Method*>* volatile"}. */
  private CType written(String text) {
    String name = text.replaceAll("\\b(const|volatile)\\b", " ").strip();
    if (name.endsWith("*")) {
      return new CType.Pointer(written(name.substring(0, name.length() - 1)));
    }
    if (name.isEmpty()) {
      return CType.OPAQUE;
    }
    CType type = BaseTypes.named(name);
    type = type == null ? inTable(name) : type;
    return type == null ? new CType.Opaque(name) : type;
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    for (String owner : withSuperclasses(struct)) {
      VmStructs.Field field = fields.getOrDefault(owner, Map.of()).get(name);
      if (field != null) {
        CType type = written(field.typeName());
        boolean array = field.name().endsWith(FIRST_ELEMENT);
        return new Member((int) field.offset(), array ? new CType.Array(type, 0) : type, 0, 0);
      }
    }
    return null;
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    TreeSet<String> names = new TreeSet<>();
    for (String owner : withSuperclasses(struct)) {
      names.addAll(fields.getOrDefault(owner, Map.of()).keySet());
    }
    return List.copyOf(names);
  }

  private List<String> withSuperclasses(CType.Struct struct) {
    List<String> owners = new ArrayList<>();
    VmStructs.Type type = types().get(struct.name());
    while (type != null && owners.size() < MOST_SUPERCLASSES) {
      owners.add(type.name());
      type = types().get(type.superclass());
    }
    return owners;
  }

  @Override
  public Collection<String> names() {
    return types().keySet().stream().filter(name -> name.matches(IDENTIFIER)).toList();
  }

  @Override
  public @Nullable Long constant(String name) {
    return null;
  }

  @Override
  public @Nullable String unavailable() {
    return unavailable;
  }
}
