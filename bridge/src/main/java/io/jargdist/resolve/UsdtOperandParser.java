/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.UsdtOperand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The assembler operands of a USDT note: {@code SIZE@OPERAND}, where a negative size means signed.
 * x86-64 in AT&amp;T syntax, and AArch64.
 */
final class UsdtOperandParser {
  private static final Pattern SIZE = Pattern.compile("(-?)(\\d{1,3})(f?)@");
  private static final Pattern X86_MEMORY =
      Pattern.compile("(-?(?:0x)?[0-9a-f]+)?\\(%(\\w+)(?:,%(\\w+)(?:,(\\d))?)?\\)");
  private static final Pattern ARM_MEMORY = Pattern.compile("\\[(\\w+)(?:,\\s*#?(-?\\d+))?\\]");
  private static final Pattern CONSTANT = Pattern.compile("[$#]?(-?(?:0x)?[0-9a-fA-F]+)");
  private static final Pattern ARM_REGISTER = Pattern.compile("[xw]([12]?\\d|30)|sp");

  private final Architecture architecture;

  private UsdtOperandParser(Architecture architecture) {
    this.architecture = architecture;
  }

  /**
   * @param arguments of a note, up to the first one that is none
   * @param architecture whose operands are understood; all others cannot be read
   */
  static List<UsdtOperand> parse(String arguments, Architecture architecture) {
    UsdtOperandParser parser = new UsdtOperandParser(architecture);
    List<UsdtOperand> operands = new ArrayList<>();
    Matcher start = SIZE.matcher(arguments);
    while (start.lookingAt()) {
      int end = end(arguments, start.end());
      int size = Integer.parseInt(start.group(2));
      boolean known = size == 1 || size == 2 || size == 4 || size == 8;
      CType.Int type = known ? new CType.Int(size, !start.group(1).isEmpty()) : CType.U64;
      String text = arguments.substring(start.end(), end);
      UsdtOperand operand = known && start.group(3).isEmpty() ? parser.operand(type, text) : null;
      operands.add(operand == null ? new UsdtOperand.Unreadable(type, text) : operand);
      while (end < arguments.length() && Character.isWhitespace(arguments.charAt(end))) {
        end++;
      }
      start.region(end, arguments.length());
    }
    return operands;
  }

  /** Blanks in parentheses or brackets belong to an operand. */
  private static int end(String arguments, int start) {
    int at = start;
    while (at < arguments.length() && !Character.isWhitespace(arguments.charAt(at))) {
      char c = arguments.charAt(at);
      int closing =
          c == '(' ? arguments.indexOf(')', at) : c == '[' ? arguments.indexOf(']', at) : at;
      at = closing < 0 ? arguments.length() : closing + 1;
    }
    return at;
  }

  private @Nullable UsdtOperand operand(CType.Int type, String text) {
    Matcher constant = CONSTANT.matcher(text);
    if (constant.matches()) {
      Long value = number(constant.group(1));
      return value == null ? null : new UsdtOperand.Constant(type, value);
    }
    return switch (architecture) {
      case X86_64 -> x86(type, text);
      case AARCH64 -> arm(type, text);
    };
  }

  /** Returns null if it has more than 64 bits. */
  private static @Nullable Long number(String text) {
    try {
      return text.startsWith("0x") && text.length() == 18
          ? (Long) Long.parseUnsignedLong(text.substring(2), 16)
          : Long.decode(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable UsdtOperand x86(CType.Int type, String text) {
    Matcher x86 = X86_MEMORY.matcher(text);
    if (x86.matches()) {
      String base = x86Register(x86.group(2));
      String index = x86.group(3) == null ? null : x86Register(x86.group(3));
      Long displacement = x86.group(1) == null ? (Long) 0L : number(x86.group(1));
      if (base == null || displacement == null || (x86.group(3) != null && index == null)) {
        return null;
      }
      int scale = x86.group(4) == null ? 1 : Integer.parseInt(x86.group(4));
      return new UsdtOperand.Memory(type, base, index, scale, displacement);
    }
    if (text.startsWith("%")) {
      String register = x86Register(text.substring(1));
      boolean high = text.matches("%[abcd]h");
      return register == null ? null : new UsdtOperand.Register(type, register, high ? 8 : 0);
    }
    return null;
  }

  private static @Nullable UsdtOperand arm(CType.Int type, String text) {
    Matcher memory = ARM_MEMORY.matcher(text);
    if (memory.matches() && ARM_REGISTER.matcher(memory.group(1)).matches()) {
      Long displacement = memory.group(2) == null ? (Long) 0L : number(memory.group(2));
      return displacement == null
          ? null
          : new UsdtOperand.Memory(type, memory.group(1).replace('w', 'x'), null, 1, displacement);
    }
    return ARM_REGISTER.matcher(text).matches()
        ? new UsdtOperand.Register(type, text.replace('w', 'x'), 0)
        : null;
  }

  /** Returns the 64-bit register that holds a part; null if it is not a general one. */
  private static @Nullable String x86Register(String name) {
    String register = name.toLowerCase(Locale.ROOT);
    if (register.matches("r(8|9|1[0-5])[bwd]?")) {
      return register.replaceAll("[bwd]$", "");
    } else if (register.matches("[re]?(ax|bx|cx|dx|si|di|bp|sp)")) {
      return "r" + register.substring(register.length() - 2);
    } else if (register.matches("[abcd][lh]")) {
      return "r" + register.charAt(0) + "x";
    } else if (register.matches("(si|di|bp|sp)l")) {
      return "r" + register.substring(0, 2);
    }
    return null;
  }
}
