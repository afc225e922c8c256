/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.CType;
import io.jargdist.codegen.TypeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The running kernel's types, read from its BTF when the first one is asked for. A kernel without
 * BTF (CONFIG_DEBUG_INFO_BTF, Linux 5.2) has none; probes that need none work there, too.
 */
public final class KernelTypes implements TypeSource {
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  private @Nullable Btf btf;
  private boolean read;

  private synchronized @Nullable Btf btf() {
    if (!read) {
      read = true;
      try {
        btf = Btf.parse(Files.readAllBytes(VMLINUX));
      } catch (IOException | RuntimeException e) {
        btf = null;
      }
    }
    return btf;
  }

  @Override
  public @Nullable CType named(String name) {
    Btf types = btf();
    return types == null ? null : types.named(name);
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    Btf types = btf();
    return types == null ? null : types.member(struct, name);
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    Btf types = btf();
    return types == null ? List.of() : types.memberNames(struct);
  }

  @Override
  public @Nullable Long constant(String name) {
    Btf types = btf();
    return types == null ? null : types.constant(name);
  }
}
