/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CType;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.TypeSource;
import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The running kernel's types, read from its BTF when the first one is asked for, and its modules'
 * (Linux 5.11), when the kernel itself does not have what was asked for. A kernel without BTF
 * (CONFIG_DEBUG_INFO_BTF, Linux 5.2) has none; probes that need none work there, too. Thread-safe.
 */
public final class KernelTypes implements TypeSource {
  private static final Path FOLDER = Path.of("/sys/kernel/btf");
  private static final String KERNEL = "vmlinux";

  private final Map<String, Btf> modules = new LinkedHashMap<>();
  private @Nullable Btf kernel;
  private boolean read;

  private @Nullable Btf kernel() {
    if (!read) {
      read = true;
      try {
        kernel = Btf.parse(KernelFile.bytes(FOLDER.resolve(KERNEL)));
      } catch (IOException | RuntimeException e) {
        kernel = null;
      }
    }
    return kernel;
  }

  /** The kernel's types first, then the modules', in no order. */
  private List<Btf> all() {
    Btf base = kernel();
    if (base == null) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(FOLDER)) {
      files.map(file -> file.getFileName().toString()).forEach(name -> module(name, base));
    } catch (IOException e) {
      // The types that were read before are used then.
    }
    List<Btf> result = new ArrayList<>();
    result.add(base);
    result.addAll(modules.values());
    return result;
  }

  private @Nullable Btf module(String name, Btf base) {
    if (!modules.containsKey(name) && !name.equals(KERNEL)) {
      int end = modules.values().stream().mapToInt(Btf::end).max().orElse(base.end());
      try {
        byte[] content = KernelFile.bytes(FOLDER.resolve(name));
        modules.put(name, Btf.parse(content, base, end - base.end()));
      } catch (IOException | RuntimeException e) {
        return null;
      }
    }
    return modules.get(name);
  }

  /**
   * Returns the parameters and the result of a kernel function.
   *
   * @param module null for the kernel itself
   * @return null if that is not known
   */
  synchronized @Nullable Prototype prototype(String function, @Nullable String module) {
    Btf base = kernel();
    if (base == null) {
      return null;
    }
    Btf types = module == null ? base : module(module, base);
    return types == null ? null : types.prototype(function);
  }

  /** Returns the number of a function of the kernel itself; null if that is not known. */
  synchronized @Nullable Integer functionId(String function) {
    Btf base = kernel();
    return base == null ? null : base.functionId(function);
  }

  @Override
  public synchronized @Nullable Integer variableId(String name) {
    Btf base = kernel();
    Integer id = base == null ? null : base.variableId(name);
    return id == null || !hasSymbol(name) ? null : id;
  }

  /** Without CONFIG_KALLSYMS_ALL a kernel finds no variable for a program. */
  private static boolean hasSymbol(String variable) {
    try {
      return KernelSymbols.beginningWith(variable).stream()
          .anyMatch(symbol -> symbol.name().equals(variable));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized @Nullable CType named(String name) {
    Btf base = kernel();
    CType found = base == null ? null : base.named(name);
    if (found != null) {
      return found;
    }
    for (Btf types : all()) {
      found = types.named(name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  @Override
  public synchronized @Nullable Member member(CType.Struct struct, String name) {
    Btf owner = owner(struct);
    return owner == null ? null : owner.member(struct, name);
  }

  @Override
  public synchronized List<String> memberNames(CType.Struct struct) {
    Btf owner = owner(struct);
    return owner == null ? List.of() : owner.memberNames(struct);
  }

  @Override
  public synchronized Collection<String> names() {
    List<String> names = new ArrayList<>();
    all().forEach(types -> names.addAll(types.names()));
    return names;
  }

  private @Nullable Btf owner(CType.Struct struct) {
    Btf base = kernel();
    if (base == null || struct.id() < base.end()) {
      return base;
    }
    for (Btf module : modules.values()) {
      if (struct.id() < module.end()) {
        return module;
      }
    }
    return null;
  }

  @Override
  public synchronized @Nullable Long constant(String name) {
    for (Btf types : all()) {
      Long value = types.constant(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  @Override
  public synchronized @Nullable String unavailable() {
    return kernel() == null
        ? "this kernel tells no types: it has no BTF (CONFIG_DEBUG_INFO_BTF)"
        : null;
  }
}
