/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.hotspot;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code -XX} options of a running JVM (src/hotspot/share/runtime/flags/jvmFlag.hpp), as they
 * are at the moment of reading, whether the command line, a file or the JVM itself has set them.
 */
public final class VmFlags {
  /** JDK 17 has 1270, with those that only some builds have. */
  private static final int MOST_FLAGS = 10_000;

  private final Map<String, Long> addresses;
  private final Memory memory;

  private VmFlags(Map<String, Long> addresses, Memory memory) {
    this.addresses = addresses;
    this.memory = memory;
  }

  /**
   * @throws IOException if the memory cannot be read, or has no such table
   */
  public static VmFlags read(VmStructs structs, Memory memory) throws IOException {
    long table = memory.longAt(structs.field("JVMFlag", "flags").address());
    long count = memory.longAt(structs.field("JVMFlag", "numFlags").address());
    long stride = structs.type("JVMFlag").size();
    long name = structs.field("JVMFlag", "_name").offset();
    long address = structs.field("JVMFlag", "_addr").offset();
    if (count < 0 || count > MOST_FLAGS || stride <= 0 || stride > 1024) {
      throw new IOException("this JVM has " + count + " flags of " + stride + " bytes");
    }
    Map<String, Long> addresses = new HashMap<>();
    for (long i = 0; i < count; i++) {
      long flag = table + i * stride;
      long text = memory.longAt(flag + name);
      if (text != 0) {
        addresses.put(memory.string(text), memory.longAt(flag + address));
      }
    }
    return new VmFlags(addresses, memory);
  }

  /**
   * Returns whether a flag of type bool is on.
   *
   * @return null if this JVM has no such flag
   */
  public @Nullable Boolean isOn(String flag) throws IOException {
    Long address = addresses.get(flag);
    return address == null ? null : (Boolean) (memory.unsignedByte(address) != 0);
  }

  /** Returns how many flags it has. */
  public int count() {
    return addresses.size();
  }
}
