/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table by which a compiled switch jumps. It has distances from its own beginning, of four
 * bytes each, as gcc and clang write it into code that can be loaded anywhere:
 *
 * <pre>
 *   cmpl $0x5, %edi                  the last case; more than that is the default
 *   ja   default
 *   leaq table(%rip), %rdx
 *   movslq (%rdx,%rdi,4), %rax       perhaps after a movl or a movzbl of the index
 *   addq %rdx, %rax
 *   jmpq *%rax
 * </pre>
 *
 * @param address in the image
 * @param cases how many distances it has
 * @param from where the instruction is that knows the last case; who jumps behind it does not
 */
record SwitchTable(long address, int cases, int from) {
  /** How many instructions before the jump are looked at. */
  private static final int LOOKED_AT = 16;

  private static final int MOST_CASES = 1024;
  private static final String REGISTER = "%[a-z0-9]+";
  private static final Pattern JUMP = Pattern.compile("jmpq? \\*(" + REGISTER + ")");
  private static final Pattern ADD = Pattern.compile("addq (" + REGISTER + "), (" + REGISTER + ")");
  private static final Pattern LOAD =
      Pattern.compile("movslq \\((" + REGISTER + "),(" + REGISTER + "),4\\), (" + REGISTER + ")");
  private static final Pattern TABLE =
      Pattern.compile("leaq (-?(?:0x)?[0-9a-f]+)\\(%rip\\), (" + REGISTER + ")");
  private static final Pattern LAST_CASE = Pattern.compile("cmp[bwlq] \\$((?:0x)?[0-9a-f]+), (.+)");
  private static final Pattern ABOVE = Pattern.compile("ja .*");

  /** What may lie between: it writes one register, its last operand, or memory. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "(?:mov[a-z]*|lea[lq]|nop[wlq]?|cmp[bwlq]|test[bwlq]|(?:add|sub|xor|and|or)[lq])\\b.*");

  /** Copies the index, with zeros in its upper bits. */
  private static final Pattern COPY =
      Pattern.compile("(?:movl|movq|movz[bw]l) (.+), (" + REGISTER + ")");

  /**
   * Understands an indirect jump.
   *
   * @param listing a part's whole code
   * @param jump the place of the jump in it
   * @param begin the part's address
   * @return null if it is not understood
   */
  static @Nullable SwitchTable before(List<Instruction> listing, int jump, long begin) {
    Matcher jumps = JUMP.matcher(plain(listing.get(jump)));
    if (!jumps.matches()) {
      return null;
    }
    String target = Effects.wholeRegister(jumps.group(1));
    String base = null;
    String index = null;
    Long table = null;
    boolean added = false;
    for (int i = jump - 1; i >= Math.max(1, jump - LOOKED_AT); i--) {
      Instruction instruction = listing.get(i);
      String text = plain(instruction);
      String written = Effects.wholeRegister(text.substring(text.lastIndexOf(' ') + 1));
      Matcher add = ADD.matcher(text);
      Matcher load = LOAD.matcher(text);
      Matcher lea = TABLE.matcher(text);
      Matcher copy = COPY.matcher(text);
      if (!added && add.matches() && written != null && written.equals(target)) {
        added = true;
        base = Effects.wholeRegister(add.group(1));
      } else if (added && index == null && load.matches()) {
        // One of the two that were added is the table's address, the other one what it holds.
        String loaded = Effects.wholeRegister(load.group(3));
        String from = Effects.wholeRegister(load.group(1));
        boolean isSum =
            from != null
                && loaded != null
                && ((from.equals(base) && loaded.equals(target))
                    || (from.equals(target) && loaded.equals(base)));
        if (!isSum) {
          return null;
        }
        base = from;
        index = load.group(2);
      } else if (index != null
          && table == null
          && lea.matches()
          && written != null
          && written.equals(base)) {
        table = begin + instruction.end() + Long.decode(lea.group(1));
      } else if (index != null && table != null && ABOVE.matcher(text).matches()) {
        return bound(listing.get(i - 1), index, table);
      } else if (index != null && copy.matches() && same(copy.group(2), index)) {
        index = copy.group(1);
      } else if (!HARMLESS.matcher(text).matches()
          || (written != null
              && ((written.equals(target) && index == null)
                  || written.equals(base)
                  || (index != null && uses(index, written))))) {
        return null;
      }
    }
    return null;
  }

  private static @Nullable SwitchTable bound(Instruction compare, String index, long table) {
    Matcher last = LAST_CASE.matcher(plain(compare));
    if (!last.matches() || !same(last.group(2), index)) {
      return null;
    }
    long cases = Long.decode(last.group(1)) + 1;
    return cases > MOST_CASES ? null : new SwitchTable(table, (int) cases, compare.offset());
  }

  /** Returns whether two operands are the same memory, or the same register or parts of it. */
  private static boolean same(String operand, String other) {
    String whole = Effects.wholeRegister(operand);
    return whole == null ? operand.equals(other) : whole.equals(Effects.wholeRegister(other));
  }

  /** Returns whether an operand depends on a register. */
  private static boolean uses(String operand, String whole) {
    Matcher registers = Pattern.compile(REGISTER).matcher(operand);
    while (registers.find()) {
      if (whole.equals(Effects.wholeRegister(registers.group()))) {
        return true;
      }
    }
    return false;
  }

  private static String plain(Instruction instruction) {
    return instruction.text().replaceAll("\\s+", " ").replaceFirst("^(?:notrack|bnd) ", "");
  }
}
