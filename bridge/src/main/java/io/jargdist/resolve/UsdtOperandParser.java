/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.codegen.CType;
import io.jargdist.codegen.UsdtOperand;
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
  private static final Pattern ARGUMENT =
      Pattern.compile("(-?)(\\d+)(f?)@((?:\\[[^]]*\\]|\\([^)]*\\)|[^\\s(\\[])+)\\s*");
  private static final Pattern X86_MEMORY =
      Pattern.compile("(-?(?:0x)?[0-9a-f]+)?\\(%(\\w+)(?:,%(\\w+)(?:,(\\d))?)?\\)");
  private static final Pattern ARM_MEMORY = Pattern.compile("\\[(\\w+)(?:,\\s*#?(-?\\d+))?\\]");
  private static final Pattern CONSTANT = Pattern.compile("[$#]?(-?(?:0x)?[0-9a-fA-F]+)");
  private static final Pattern ARM_REGISTER = Pattern.compile("[xw](\\d+)|sp");

  private UsdtOperandParser() {}

  static List<UsdtOperand> parse(String arguments) {
    List<UsdtOperand> operands = new ArrayList<>();
    Matcher matcher = ARGUMENT.matcher(arguments);
    while (matcher.lookingAt()) {
      int size = Integer.parseInt(matcher.group(2));
      boolean known = size == 1 || size == 2 || size == 4 || size == 8;
      CType.Int type = known ? new CType.Int(size, !matcher.group(1).isEmpty()) : CType.U64;
      String text = matcher.group(4);
      UsdtOperand operand = known && matcher.group(3).isEmpty() ? operand(type, text) : null;
      operands.add(operand == null ? new UsdtOperand.Unreadable(type, text) : operand);
      matcher.region(matcher.end(), arguments.length());
    }
    return operands;
  }

  private static @Nullable UsdtOperand operand(CType.Int type, String text) {
    Matcher x86 = X86_MEMORY.matcher(text);
    if (x86.matches()) {
      String base = x86Register(x86.group(2));
      String index = x86.group(3) == null ? null : x86Register(x86.group(3));
      if (base == null || (x86.group(3) != null && index == null)) {
        return null;
      }
      long displacement = x86.group(1) == null ? 0 : Long.decode(x86.group(1));
      int scale = x86.group(4) == null ? 1 : Integer.parseInt(x86.group(4));
      return new UsdtOperand.Memory(type, base, index, scale, displacement);
    }
    Matcher arm = ARM_MEMORY.matcher(text);
    if (arm.matches() && ARM_REGISTER.matcher(arm.group(1)).matches()) {
      long displacement = arm.group(2) == null ? 0 : Long.parseLong(arm.group(2));
      return new UsdtOperand.Memory(type, arm.group(1).replace('w', 'x'), null, 1, displacement);
    }
    if (text.startsWith("%")) {
      String register = x86Register(text.substring(1));
      boolean high = text.matches("%[abcd]h");
      return register == null ? null : new UsdtOperand.Register(type, register, high ? 8 : 0);
    }
    if (ARM_REGISTER.matcher(text).matches()) {
      return new UsdtOperand.Register(type, text.replace('w', 'x'), 0);
    }
    Matcher constant = CONSTANT.matcher(text);
    return constant.matches()
        ? new UsdtOperand.Constant(type, Long.decode(constant.group(1)))
        : null;
  }

  /** The 64-bit register that holds a part; null if it is not a general one. */
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
