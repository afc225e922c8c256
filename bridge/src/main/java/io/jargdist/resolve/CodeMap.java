/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.resolve.placement.FunctionCode;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The x86-64 code of a file: where its functions begin and end, and where its near jumps and calls
 * lead. Making one takes time in proportion to the file, about 5 ms for a libc and 50 for a libjvm.
 *
 * <p>Jumps and calls are looked for at every byte, without decoding, so some that are found are
 * none; but none is missed.
 */
final class CodeMap {
  private final ElfFile elf;

  /** Addresses of symbols, and the size of the largest one that begins there. */
  private final NavigableMap<Long, Long> places = new TreeMap<>();

  private final long lowest;
  private final BitSet targets = new BitSet();

  CodeMap(ElfFile elf) {
    this.elf = elf;
    elf.places((address, size) -> places.merge(address, size, Math::max));
    lowest = elf.code().stream().mapToLong(ElfFile.Code::address).min().orElse(0);
    elf.code().forEach(this::findTargets);
  }

  /** Opcodes e8 and e9, and 0f 80 to 0f 8f, are followed by a distance of four bytes. */
  private void findTargets(ElfFile.Code part) {
    ByteBuffer content = part.content();
    long highest = part.address() + content.limit() - lowest;
    int before = 0;
    for (int i = 0; i + 4 < content.limit(); i++) {
      int opcode = content.get(i) & 0xff;
      if ((opcode & 0xfe) == 0xe8 || (before == 0x0f && (opcode & 0xf0) == 0x80)) {
        long target = part.address() - lowest + i + 5 + content.getInt(i + 1);
        if (target >= 0 && target < highest) {
          targets.set((int) target);
        }
      }
      before = opcode;
    }
  }

  /**
   * The function that begins at an address.
   *
   * @return null if no symbol says where it ends
   */
  @Nullable FunctionCode function(long address) {
    Long size = places.get(address);
    for (ElfFile.Code part : elf.code()) {
      if (size != null && size > 0 && part.contains(address) && part.contains(address + size - 1)) {
        int begin = (int) (address - part.address());
        int from = Math.max(0, begin - FunctionCode.SURROUNDINGS);
        int to = (int) Math.min(part.content().limit(), begin + size + FunctionCode.SURROUNDINGS);
        ByteBuffer bytes = part.content().slice(from, to - from);
        return new FunctionCode(bytes, begin - from, size.intValue(), entrances(address));
      }
    }
    return null;
  }

  private Set<Integer> entrances(long address) {
    Set<Integer> distances = new HashSet<>();
    for (int distance = 1; distance <= FunctionCode.REACH; distance++) {
      if (places.containsKey(address + distance)
          || targets.get((int) (address - lowest) + distance)) {
        distances.add(distance);
      }
    }
    return distances;
  }
}
