/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.resolve.placement.FunctionCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The x86-64 code of a file: where its functions begin and end, and where its near jumps and calls
 * lead. Making one takes time in proportion to the file, about 5 ms for a libc and 50 for a libjvm,
 * and at most 32 MB.
 *
 * <p>Jumps and calls are looked for at every byte, without decoding, so other bytes are found, too,
 * but all jumps and calls are.
 */
final class CodeMap {
  /** Addresses from the lowest to the highest; the largest libraries that we know have 130 MB. */
  private static final long LARGEST_CODE = 192L << 20;

  private static final int MOST_PLACES = 1 << 19;
  private static final int CHUNK = 1 << 16;
  private static final long LOOKING_AT_A_BYTE = 2;

  /** A jump or call: opcode, and a distance of four bytes. */
  private static final int JUMP = 5;

  /** Addresses of symbols, sorted. */
  private final long[] places;

  /** The size of the largest symbol that begins at each of them. */
  private final long[] sizes;

  private final long lowest;
  private final BitSet targets = new BitSet();

  /**
   * @throws MalformedFileException if the file is too large for one
   */
  CodeMap(ElfFile elf) throws IOException {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (ElfFile.Code part : elf.code()) {
      first = Math.min(first, part.address());
      last = Math.max(last, part.address() + part.size());
    }
    lowest = first == Long.MAX_VALUE ? 0 : first;
    if (first != Long.MAX_VALUE && last - lowest > LARGEST_CODE) {
      throw elf.content().malformed("its code is too large to be looked through");
    }
    Places found = new Places(elf);
    places = found.addresses;
    sizes = found.sizes;
    for (ElfFile.Code part : elf.code()) {
      findTargets(elf.content(), part);
    }
  }

  /** Collects the symbols in code, each address once. */
  private static final class Places {
    long[] addresses;
    long[] sizes;
    private int count;

    Places(ElfFile elf) throws IOException {
      int[] total = new int[1];
      elf.places((address, size) -> total[0]++);
      if (total[0] > MOST_PLACES) {
        throw elf.content().malformed("it has too many symbols to be looked through");
      }
      long[][] pairs = new long[total[0]][];
      elf.places(
          (address, size) -> {
            if (count < pairs.length) {
              pairs[count++] = new long[] {address, size};
            }
          });
      long[][] sorted = Arrays.copyOf(pairs, count);
      Arrays.sort(
          sorted,
          (a, b) -> a[0] != b[0] ? Long.compare(a[0], b[0]) : Long.compareUnsigned(a[1], b[1]));
      addresses = new long[count];
      sizes = new long[count];
      int distinct = 0;
      for (long[] pair : sorted) {
        // The last one of an address is the largest.
        if (distinct > 0 && addresses[distinct - 1] == pair[0]) {
          distinct--;
        }
        addresses[distinct] = pair[0];
        sizes[distinct++] = pair[1];
      }
      addresses = Arrays.copyOf(addresses, distinct);
      sizes = Arrays.copyOf(sizes, distinct);
    }
  }

  /** Opcodes e8 and e9, and 0f 80 to 0f 8f, are followed by a distance of four bytes. */
  private void findTargets(FileContent content, ElfFile.Code part) throws IOException {
    long highest = part.address() + part.size() - lowest;
    int before = 0;
    for (long start = 0; start + JUMP <= part.size(); start += CHUNK) {
      int length = (int) Math.min(CHUNK + JUMP - 1, part.size() - start);
      content.budget().spend(length * LOOKING_AT_A_BYTE, content);
      ByteBuffer chunk = ByteBuffer.wrap(content.bytes(part.offset() + start, length));
      chunk.order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < CHUNK && i + JUMP <= length; i++) {
        int opcode = chunk.get(i) & 0xff;
        if ((opcode & 0xfe) == 0xe8 || (before == 0x0f && (opcode & 0xf0) == 0x80)) {
          long target = part.address() - lowest + start + i + JUMP + chunk.getInt(i + 1);
          if (target >= 0 && target < highest) {
            targets.set((int) target);
          }
        }
        before = opcode;
      }
    }
  }

  /**
   * Returns the function that begins at an address. Only the beginning of a large one is read.
   *
   * @param elf the file that this is the map of
   * @return null if no symbol says where it ends
   */
  @Nullable FunctionCode function(ElfFile elf, long address) throws IOException {
    int place = Arrays.binarySearch(places, address);
    if (place < 0) {
      return null;
    }
    long size = sizes[place];
    for (ElfFile.Code part : elf.code()) {
      long begin = address - part.address();
      if (size > 0 && part.contains(address) && size <= part.size() - begin) {
        long read = Math.min(size, FunctionCode.LARGEST);
        long from = Math.max(0, begin - FunctionCode.SURROUNDINGS);
        long to = Math.min(part.size(), begin + read + FunctionCode.SURROUNDINGS);
        byte[] bytes = elf.content().bytes(part.offset() + from, Math.toIntExact(to - from));
        return new FunctionCode(
            ByteBuffer.wrap(bytes),
            Math.toIntExact(begin - from),
            (int) Math.min(size, Integer.MAX_VALUE),
            entrances(address));
      }
    }
    return null;
  }

  private Set<Integer> entrances(long address) {
    Set<Integer> distances = new HashSet<>();
    for (int distance = 1; distance <= FunctionCode.REACH; distance++) {
      if (Arrays.binarySearch(places, address + distance) >= 0
          || targets.get(Math.toIntExact(address - lowest) + distance)) {
        distances.add(distance);
      }
    }
    return distances;
  }
}
