/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.resolve.ElfFile.Symbol;
import io.jargdist.resolve.TargetProcess.MappedFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the function that a dynamic loader calls for debuggers whenever it has mapped or unmapped
 * libraries, before it runs their constructors (elf/dl-debug.c of glibc; musl has the same in
 * ldso/dynlink.c).
 */
public final class DynamicLoader {
  private static final String FUNCTION = "_dl_debug_state";

  private DynamicLoader() {}

  /**
   * @return null if the process has no such loader
   */
  public static @Nullable CodeLocation announces(TargetLibraries libraries) throws IOException {
    for (MappedFile file : libraries.target().files()) {
      if (file.name().startsWith("ld")) {
        ElfFile elf = libraries.open(file);
        List<Symbol> found = elf.functions(FUNCTION);
        if (!found.isEmpty()) {
          return elf.location(found.get(0).address(), file.path() + ":" + FUNCTION);
        }
        libraries.close(file);
      }
    }
    return null;
  }
}
