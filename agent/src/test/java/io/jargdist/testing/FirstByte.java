/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** The first byte of a function in a target's memory, which a probe replaces by a breakpoint. */
public final class FirstByte {
  private static final byte BREAKPOINT = (byte) 0xcc;

  private final long pid;
  private final CodeLocation location;
  private final byte original;

  private FirstByte(long pid, CodeLocation location, byte original) {
    this.pid = pid;
    this.location = location;
    this.original = original;
  }

  /**
   * @param specifier of a function: {@code "p:c:fsync()"}
   */
  public static FirstByte of(Target target, String specifier) throws Exception {
    try (TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()))) {
      ResolvedProbe resolved =
          new Resolver(libraries, new KernelTypes(), new Warnings())
              .resolve(SpecifierParser.parse(specifier, Form.FREQUENCY))
              .get(0);
      CodeLocation location = ((ResolvedProbe.UserFunction) resolved).locations().get(0);
      try (RandomAccessFile file = new RandomAccessFile(location.path(), "r")) {
        file.seek(location.offset());
        return new FirstByte(target.pid(), location, file.readByte());
      }
    }
  }

  public boolean isBreakpoint() throws IOException {
    return inMemory() == BREAKPOINT;
  }

  public boolean isOriginal() throws IOException {
    return inMemory() == original;
  }

  /** Returns the byte as the processor sees it now. */
  private byte inMemory() throws IOException {
    String file = location.display().substring(0, location.display().lastIndexOf(':'));
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
      String[] parts = line.split("\\s+", 6);
      if (parts.length == 6 && parts[5].equals(file)) {
        String[] ends = parts[0].split("-");
        long start = Long.parseLong(ends[0], 16);
        long offset = location.offset() - Long.parseLong(parts[2], 16);
        if (offset >= 0 && offset < Long.parseLong(ends[1], 16) - start) {
          try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            memory.seek(start + offset);
            return memory.readByte();
          }
        }
      }
    }
    throw new IOException(file + " is not mapped");
  }
}
