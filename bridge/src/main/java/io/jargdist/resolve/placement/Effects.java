/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells what an instruction may change, from its text. It lists the instructions that are known to
 * be harmless and refuses all others, so an unknown one costs speed and not truth.
 *
 * <p>Harmless are instructions that go on to the next one in any case, write nothing but flags and
 * one register that no probe reads, and read only memory that is always there: a read that faults
 * would be seen by a probe at the entry, but not by one behind it. The stack pointer may be lowered
 * if no probe reads it, and is never raised.
 */
final class Effects {
  /** The operands of these are only read, or not even that. */
  private static final Pattern FLAGS_ONLY =
      Pattern.compile("(cmp|test)[bwlq]|bt[wlq]|nop[wlq]?|endbr64");

  /** The operands of these are not memory accesses, whatever they look like. */
  private static final Pattern NO_ACCESS = Pattern.compile("nop[wlq]?|lea[lq]");

  /** These write their last operand. */
  private static final Pattern WRITES_LAST =
      Pattern.compile(
          "(mov|add|sub|and|or|xor|adc|sbb|shl|sal|shr|sar|rol|ror|neg|not|inc|dec)[bwlq]"
              + "|movabsq|mov[sz](bw|bl|bq|wl|wq|lq)|lea[lq]|bswap[lq]|set[a-z]{1,3}|cmov[a-z]{2,4}"
              + "|v?(pxor|xorps|xorpd|movd|movq|movaps|movapd|movups|movupd|movdqa|movdqu|movss|movsd)");

  private static final Pattern REGISTER = Pattern.compile("%([a-z0-9]+)");

  /** Relative to the program: the image's own data. Thread-local, by a fixed offset. The stack. */
  private static final Pattern ALWAYS_THERE =
      Pattern.compile(
          "-?(0x)?[0-9a-f]+\\(%rip\\)|%fs:-?(0x)?[0-9a-f]+|(0x[0-9a-f]{1,3})?\\(%rsp\\)");

  /**
   * The only changes of the stack pointer after which nothing that lies below it is of use. Before
   * a higher one, the red zone may hold the return address.
   */
  private static final Pattern LOWERS_STACK_POINTER =
      Pattern.compile("sub[lq]? \\$(0x)?[0-9a-f]+, %rsp");

  private static final Map<String, String> WHOLE_REGISTER = wholeRegisters();

  private Effects() {}

  /**
   * @param watched registers that must stay, as {@link #registers} names them
   * @return why the instruction is not harmless, for people; null if it is
   */
  static @Nullable String harm(Instruction instruction, Set<String> watched) {
    String text = instruction.text();
    int blank = text.indexOf(' ');
    String mnemonic = blank < 0 ? text : text.substring(0, blank);
    List<String> operands = blank < 0 ? List.of() : operands(text.substring(blank + 1));
    boolean flagsOnly = FLAGS_ONLY.matcher(mnemonic).matches();
    if (!flagsOnly && (operands.isEmpty() || !WRITES_LAST.matcher(mnemonic).matches())) {
      return "is none that is known to be harmless";
    }
    boolean noAccess = NO_ACCESS.matcher(mnemonic).matches();
    int last = operands.size() - 1;
    for (int i = 0; i < operands.size(); i++) {
      String operand = operands.get(i);
      boolean register = REGISTER.matcher(operand).matches();
      if (i == last && !flagsOnly) {
        if (!register) {
          return "writes memory";
        }
        String whole = wholeRegister(operand);
        if (whole == null || watched.contains(whole)) {
          return "changes " + operand;
        }
        if (whole.equals("sp") && !LOWERS_STACK_POINTER.matcher(text).matches()) {
          return "may raise the stack pointer";
        }
      } else if (!register
          && !operand.startsWith("$")
          && !noAccess
          && !ALWAYS_THERE.matcher(operand).matches()) {
        return "reads memory that may not be there";
      }
    }
    return null;
  }

  /** Returns the registers that must stay unchanged, by the calling convention. */
  static Set<String> registers(Placement.Reads reads) {
    List<String> arguments = List.of("di", "si", "dx", "cx", "8", "9");
    Set<String> registers =
        new HashSet<>(arguments.subList(0, Math.min(reads.parameters(), arguments.size())));
    if (reads.stack()) {
      registers.add("sp");
    }
    return registers;
  }

  /** AT&amp;T separates operands by a comma and a blank, and parts of an address by a comma. */
  private static List<String> operands(String text) {
    List<String> operands = new ArrayList<>();
    for (String operand : text.split(", ", -1)) {
      operands.add(operand.strip());
    }
    return operands;
  }

  /**
   * Returns one name for a general register and its parts, or for a vector register; null for
   * others.
   */
  static @Nullable String wholeRegister(String operand) {
    Matcher matcher = REGISTER.matcher(operand);
    if (!matcher.matches()) {
      return null;
    }
    String name = matcher.group(1);
    return name.matches("[xyz]mm[0-9]+") ? name : WHOLE_REGISTER.get(name);
  }

  private static Map<String, String> wholeRegisters() {
    Map<String, String> names = new HashMap<>();
    for (String letter : List.of("a", "b", "c", "d")) {
      for (String form : List.of("r%sx", "e%sx", "%sx", "%sl", "%sh")) {
        names.put(String.format(Locale.ROOT, form, letter), letter + "x");
      }
    }
    for (String pointer : List.of("si", "di", "bp", "sp")) {
      for (String form : List.of("r%s", "e%s", "%s", "%sl")) {
        names.put(String.format(Locale.ROOT, form, pointer), pointer);
      }
    }
    for (int number = 8; number < 16; number++) {
      for (String form : List.of("r%d", "r%dd", "r%dw", "r%db")) {
        names.put(String.format(Locale.ROOT, form, number), Integer.toString(number));
      }
    }
    return Map.copyOf(names);
  }
}
