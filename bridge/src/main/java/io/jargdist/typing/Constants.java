/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResourceLines;
import io.jargdist.facts.TypeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds constants by name: first those of {@code constants.txt}, then the kernel's enum constants,
 * then the kernel's allocation flags, whose bits are an enum in newer kernels.
 */
final class Constants {
  /**
   * @param type an int, unless the value or its declaration asks for more
   */
  record Constant(long value, CType.Int type) {}

  private static final Map<String, CType.Int> SUFFIXES =
      Map.of("", CType.S32, "U", CType.U32, "L", CType.S64, "UL", CType.U64);

  /**
   * The meaning of the GFP_ names (include/linux/gfp_types.h). Each kernel numbers the bits in its
   * own way; the enum constants {@code ___GFP_..._BIT} have the numbers since Linux 6.9.
   */
  private static final Map<String, List<String>> ALLOCATION_FLAGS =
      Map.ofEntries(
          Map.entry("__GFP_RECLAIM", List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM")),
          Map.entry("GFP_ATOMIC", List.of("HIGH", "KSWAPD_RECLAIM")),
          Map.entry("GFP_KERNEL", List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM", "IO", "FS")),
          Map.entry(
              "GFP_KERNEL_ACCOUNT",
              List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM", "IO", "FS", "ACCOUNT")),
          Map.entry("GFP_NOWAIT", List.of("KSWAPD_RECLAIM", "NOWARN")),
          Map.entry("GFP_NOIO", List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM")),
          Map.entry("GFP_NOFS", List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM", "IO")),
          Map.entry(
              "GFP_USER", List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM", "IO", "FS", "HARDWALL")),
          Map.entry(
              "GFP_HIGHUSER",
              List.of("DIRECT_RECLAIM", "KSWAPD_RECLAIM", "IO", "FS", "HARDWALL", "HIGHMEM")),
          Map.entry("GFP_DMA", List.of("DMA")),
          Map.entry("GFP_DMA32", List.of("DMA32")));

  private final Map<String, Constant> constants = new HashMap<>();
  private final TypeSource kernel;

  Constants(TypeSource kernel, Architecture architecture) {
    this.kernel = kernel;
    for (String line : ResourceLines.beside(Constants.class, "constants.txt")) {
      String[] words = line.strip().split(" ");
      if (words.length > 1) {
        String digits = words[1].replaceAll("[UL]+$", "");
        CType.Int type = Objects.requireNonNull(SUFFIXES.get(words[1].substring(digits.length())));
        String onArm64 = words.length == 4 ? words[3] : digits;
        String value = architecture.choose(digits, onArm64);
        long number = value.startsWith("-") ? Long.parseLong(value) : Long.parseUnsignedLong(value);
        constants.put(words[0], new Constant(number, type));
      }
    }
  }

  /** Finds a constant; null if the name is not known. */
  @Nullable Constant find(String name) {
    Constant known = constants.get(name);
    if (known != null) {
      return known;
    }
    Long value = kernel.constant(name);
    return value == null ? allocationFlag(name) : new Constant(value, type(value));
  }

  /** Returns the type that C gives to an enum constant, or GNU C if it is not an int. */
  private static CType.Int type(long value) {
    if (value == (int) value) {
      return CType.S32;
    }
    return value > 0 && value <= 0xffffffffL ? CType.U32 : CType.S64;
  }

  private @Nullable Constant allocationFlag(String name) {
    List<String> bits = ALLOCATION_FLAGS.get(name);
    if (bits == null && name.startsWith("__GFP_")) {
      bits = List.of(name.substring("__GFP_".length()));
    }
    if (bits == null) {
      return null;
    }
    long value = 0;
    for (String bit : bits) {
      Long number = kernel.constant("___GFP_" + bit + "_BIT");
      if (number == null) {
        return null;
      }
      value |= 1L << number;
    }
    return new Constant(value, CType.U32);
  }

  /** Returns a hint about what to write instead of an unknown name. */
  String hint(String name) {
    return name.contains("GFP_")
        ? "this kernel does not tell the values of its allocation flags: write the number"
        : "write its number";
  }

  /** Returns the names that are known, for suggestions. */
  Set<String> names() {
    return constants.keySet();
  }
}
