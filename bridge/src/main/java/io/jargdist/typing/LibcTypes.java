/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.BaseTypes;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResourceLines;
import io.jargdist.facts.TypeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The structs that programs pass to libc. They come from the file {@code libc-types.txt}, so no
 * header is needed. The kernel has structs with some of these names and another layout.
 *
 * <p>Their {@linkplain CType.Struct#id numbers} are negative, so that they differ from those of
 * other sources.
 */
final class LibcTypes implements TypeSource {
  private record Layout(CType.Struct struct, Map<String, Member> members) {}

  private final Map<String, CType> typedefs = new HashMap<>();
  private final Map<String, Layout> layouts = new LinkedHashMap<>();

  LibcTypes(Architecture architecture) {
    String ours = architecture.name().toLowerCase(Locale.ROOT);
    Layout current = null;
    for (String line : ResourceLines.beside(LibcTypes.class, "libc-types.txt")) {
      List<String> words = new ArrayList<>(List.of(line.strip().split(" ")));
      String last = words.get(words.size() - 1);
      boolean marked = last.equals("x86_64") || last.equals("aarch64");
      if (marked) {
        words.remove(words.size() - 1);
      }
      boolean other = marked && !last.equals(ours);
      String name = words.remove(words.size() - 1);
      if (words.get(0).equals("typedef")) {
        if (!other) {
          typedefs.put(name, type(String.join(" ", words.subList(1, words.size()))));
        }
      } else if (line.startsWith(" ")) {
        if (current != null) {
          int offset = Integer.parseInt(words.remove(0));
          current.members().put(name, new Member(offset, type(String.join(" ", words)), 0, 0));
        }
      } else if (other) {
        current = null;
      } else {
        current = layout(String.join(" ", words), Integer.parseInt(name));
      }
    }
  }

  /**
   * Returns the layout of a struct. A line may point to a struct whose own lines come later; its
   * size is not needed until then.
   */
  private Layout layout(String name, int size) {
    Layout layout =
        new Layout(new CType.Struct(name, -1 - layouts.size(), size), new LinkedHashMap<>());
    layouts.put(name, layout);
    return layout;
  }

  private CType type(String text) {
    if (text.endsWith("]")) {
      int bracket = text.indexOf('[');
      int length = Integer.parseInt(text.substring(bracket + 1, text.length() - 1));
      return new CType.Array(type(text.substring(0, bracket)), length);
    } else if (text.endsWith(" *")) {
      return new CType.Pointer(type(text.substring(0, text.length() - 2)));
    }
    CType type = BaseTypes.named(text);
    if (type == null) {
      type = named(text);
    }
    return type == null ? CType.OPAQUE : type;
  }

  boolean owns(CType.Struct struct) {
    return struct.id() < 0;
  }

  @Override
  public Collection<String> names() {
    return layouts.keySet();
  }

  @Override
  public @Nullable CType named(String name) {
    Layout layout = layouts.get(name);
    return layout == null ? typedefs.get(name) : layout.struct();
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    Layout layout = layouts.get(struct.name());
    return layout == null ? null : layout.members().get(name);
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    Layout layout = layouts.get(struct.name());
    return layout == null ? List.of() : List.copyOf(layout.members().keySet());
  }

  @Override
  public @Nullable Long constant(String name) {
    return null;
  }
}
