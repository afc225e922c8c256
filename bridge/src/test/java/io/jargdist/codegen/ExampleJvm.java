/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types that a made-up libjvm publishes. */
final class ExampleJvm implements TypeSource {
  private final Map<String, CType> types = new LinkedHashMap<>();
  private final Map<String, Map<String, Member>> members = new LinkedHashMap<>();

  ExampleJvm() {
    types.put("intx", CType.S64);
    types.put("fmode_t", CType.U8);
    CType mark = type("markWord", 8);
    CType thread = type("OSThread", 24);
    member("OSThread", "_thread_id", 12, CType.S32);
    type("JavaThread", 2216);
    member("JavaThread", "_osthread", 1016, new CType.Pointer(thread));
    member("JavaThread", "_thread_state", 1324, CType.U32);
    type("ObjectMonitor", 200);
    member("ObjectMonitor", "_header", 0, mark);
    member("ObjectMonitor", "_object", 8, CType.OPAQUE);
    member("ObjectMonitor", "_recursions", 136, CType.S64);
    member("ObjectMonitor", "_list", 144, new CType.Pointer(new CType.Opaque("List<int>")));
    type("Symbol", 8);
    member("Symbol", "_body", 6, new CType.Array(CType.U8, 0));
  }

  private CType type(String name, int size) {
    CType type = new CType.Struct(name, CType.Struct.OF_HOTSPOT, size);
    types.put(name, type);
    members.put(name, new LinkedHashMap<>());
    return type;
  }

  private void member(String owner, String name, int offset, CType type) {
    members.getOrDefault(owner, Map.of()).put(name, new Member(offset, type, 0, 0));
  }

  @Override
  public @Nullable CType named(String name) {
    return types.get(name);
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    return members.getOrDefault(struct.name(), Map.of()).get(name);
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    return List.copyOf(members.getOrDefault(struct.name(), Map.of()).keySet());
  }

  @Override
  public @Nullable Long constant(String name) {
    return null;
  }

  @Override
  public Collection<String> names() {
    return types.keySet();
  }
}
