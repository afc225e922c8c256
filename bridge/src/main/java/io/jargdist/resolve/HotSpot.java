/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.resolve.hotspot.Memory;
import io.jargdist.resolve.hotspot.VmFlags;
import io.jargdist.resolve.hotspot.VmStructs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A libjvm that a target has mapped, and what its JVM tells debuggers. Owns the open memory of the
 * process, and reads only what is asked for. A user who reads that memory must be allowed to trace
 * the process: root is, the JVM's own user often is not (Yama).
 */
public final class HotSpot implements AutoCloseable {
  private final long pid;
  private final MappedFile file;
  private final ElfFile elf;
  private @Nullable RegularFile memoryFile;
  private @Nullable Memory memory;
  private @Nullable VmStructs structs;
  private @Nullable VmFlags flags;

  HotSpot(long pid, MappedFile file, ElfFile elf) {
    this.pid = pid;
    this.file = file;
    this.elf = elf;
  }

  /**
   * The one that a process runs.
   *
   * @param libraries of the process
   * @return null if it has mapped none under the usual name
   */
  public static @Nullable HotSpot of(TargetLibraries libraries) throws IOException {
    for (MappedFile file : libraries.target().files()) {
      if (file.name().equals("libjvm.so")) {
        return new HotSpot(libraries.target().pid(), file, libraries.open(file));
      }
    }
    return null;
  }

  /** Returns whether libjvm has such a function: some are known to have come with a version. */
  public boolean has(String function) throws IOException {
    return !elf.functions(function).isEmpty();
  }

  /**
   * Returns the flags of this JVM.
   *
   * @throws IOException if the memory of the process may not be read, or is not as expected
   */
  public VmFlags flags() throws IOException {
    if (flags == null) {
      flags = VmFlags.read(structs(), memory());
    }
    return flags;
  }

  /**
   * Returns the layout of its data.
   *
   * @throws IOException if the memory of the process may not be read, or is not as expected
   */
  public VmStructs structs() throws IOException {
    if (structs == null) {
      structs = VmStructs.read(symbols(), memory());
    }
    return structs;
  }

  /** Returns the exported variables that tell of it, with their addresses in the process. */
  Map<String, Long> symbols() throws IOException {
    long bias = bias(mappings());
    Map<String, Long> symbols = new HashMap<>();
    elf.exportedVariables(VmStructs.symbolPrefix())
        .forEach((name, address) -> symbols.put(name, address + bias));
    return symbols;
  }

  private Memory memory() throws IOException {
    if (memory == null) {
      RegularFile opened =
          RegularFile.openIfPermitted("/proc/" + pid + "/mem", "the memory of process " + pid);
      if (opened == null) {
        throw new IOException("the memory of process " + pid + " may not be read: run as root");
      }
      memoryFile = opened;
      memory = new Memory(opened::read);
    }
    return memory;
  }

  private List<String> mappings() throws IOException {
    return KernelFile.lines(Path.of("/proc", Long.toString(pid), "maps"));
  }

  /** Returns the distance from an address of the file to that in the process. */
  private long bias(List<String> mappings) throws IOException {
    for (String line : mappings) {
      if (file.equals(MappedFile.parse(line))) {
        String[] fields = line.split(" ", 4);
        long start = Long.parseUnsignedLong(fields[0].replaceFirst("-.*", ""), 16);
        long offset = Long.parseUnsignedLong(fields[2], 16);
        for (ElfFile.Code part : elf.code()) {
          long inPage = part.offset() - offset;
          if (inPage >= 0 && inPage < 1 << 16) {
            return start - (part.address() - inPage);
          }
        }
      }
    }
    throw new IOException("where " + file.path() + " is mapped cannot be told");
  }

  @Override
  public void close() {
    if (memoryFile != null) {
      memoryFile.close();
    }
  }
}
