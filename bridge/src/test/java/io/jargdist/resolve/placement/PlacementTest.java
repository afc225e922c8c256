/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.resolve.placement.Placement.Reads;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions as lines of {@code BYTES TEXT}, decoded by LLVM. */
class PlacementTest {
  private static final Reads THREE_ARGUMENTS = new Reads(3, true);

  private static final UprobeCosts COSTS =
      new UprobeCosts(
          true,
          Map.of(
              InstructionKind.PUSH, 500,
              InstructionKind.BRANCH_SHORT, 500,
              InstructionKind.JUMP_SHORT, 500,
              InstructionKind.CALL, 500,
              InstructionKind.SUBTRACT_FROM_STACK, 10_000,
              InstructionKind.MOVE, 10_000),
          1_000);

  /** The beginning of read in Debian's libc. */
  private static final String READ =
      """
      803d31330e0000 cmpb $0x0, 0xe3331(%rip)
      7417 je 0x17
      31c0 xorl %eax, %eax
      0f05 syscall
      c3 retq
      """;

  @Test
  void aProbeIsPlacedAtTheFirstCheapInstruction() {
    Placement placement = decide(READ, THREE_ARGUMENTS);
    assertThat(placement.distance()).isEqualTo(7);
    assertThat(placement.kind()).isEqualTo(InstructionKind.BRANCH_SHORT);
    assertThat(placement.reason()).isEqualTo("a conditional jump, which the kernel emulates");
  }

  @Test
  void aProbeStaysWhereTheEntryIsCheap() {
    assertThat(decide("55 pushq %rbp\n" + READ, THREE_ARGUMENTS))
        .isEqualTo(
            new Placement(
                0, InstructionKind.PUSH, "it begins with a push, which the kernel emulates"));
  }

  @Test
  void aProbeStaysWhileCostsAreNotKnown() {
    FunctionCode code = code(READ, "", Set.of());
    Placement placement =
        Placement.decide(code, listing(READ, 0), UprobeCosts.UNKNOWN, THREE_ARGUMENTS);
    assertThat(placement.distance()).isZero();
    assertThat(placement.reason()).isEqualTo("what probes cost here is not known");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "89d0 movl %edx, %eax|",
        "488d4708 leaq 0x8(%rdi), %rax|",
        "64488b042528000000 movq %fs:0x28, %rax|",
        "488b442408 movq 0x8(%rsp), %rax|",
        "660fefc0 pxor %xmm0, %xmm0|",
        "4d31c9 xorq %r9, %r9|",
        "f30f1efa endbr64|",
        "48c7c200000000 movq $0x0, %rdx|changes %rdx",
        "8d9780000000 leal 0x80(%rdi), %edx|changes %edx",
        "b600 movb $0x0, %dh|changes %dh",
        "4883ec08 subq $0x8, %rsp|changes %rsp",
        "488907 movq %rax, (%rdi)|writes memory",
        "488b4708 movq 0x8(%rdi), %rax|reads memory that may not be there",
        "48833f00 cmpq $0x0, (%rdi)|reads memory that may not be there",
        "64488b00 movq %fs:(%rax), %rax|reads memory that may not be there",
        "0f05 syscall|is none that is known to be harmless",
        "a4 movsb (%rsi), %es:(%rdi)|is none that is known to be harmless",
        "f7e1 mull %ecx|is none that is known to be harmless",
        "5b popq %rbx|is none that is known to be harmless",
        "4887d1 xchgq %rdx, %rcx|is none that is known to be harmless",
        "c3 retq|is none that is known to be harmless",
      })
  void onlyHarmlessInstructionsMayComeBefore(String instruction, String harm) {
    Placement placement =
        decide(instruction + "\n7402 je 0x2\n90 nop\n90 nop\nc3 retq", THREE_ARGUMENTS);
    int length = instruction.indexOf(' ') / 2;
    if (harm == null) {
      assertThat(placement.distance()).isEqualTo(length);
    } else {
      assertThat(placement.distance()).isZero();
      assertThat(placement.reason()).isEqualTo(instruction.substring(2 * length + 1) + " " + harm);
    }
  }

  @Test
  void whatTheProbeDoesNotReadMayChange() {
    String function = "31c9 xorl %ecx, %ecx\n4883ec08 subq $0x8, %rsp\neb00 jmp 0x0\nc3 retq";
    assertThat(decide(function, new Reads(3, false)).distance()).isEqualTo(6);
    assertThat(decide(function, new Reads(4, false)).distance()).isZero();
    assertThat(decide(function, new Reads(3, true)).distance()).isZero();
  }

  /** The shadow stack of a process makes calls unsafe, wherever they are. */
  @Test
  void anAvoidedKindIsNotCheap() {
    String function = "31c0 xorl %eax, %eax\ne800000000 callq 0x0\nc3 retq";
    assertThat(decide(function, THREE_ARGUMENTS).distance()).isEqualTo(2);
    UprobeCosts avoided = COSTS.without(Set.of(InstructionKind.CALL));
    FunctionCode code = code(function, "", Set.of());
    Placement placement = Placement.decide(code, listing(function, 0), avoided, THREE_ARGUMENTS);
    assertThat(placement.distance()).isZero();
    assertThat(placement.reason())
        .isEqualTo("callq 0x0 at +2 is none that is known to be harmless");
    FunctionCode atOnce = code("e800000000 callq 0x0\nc3 retq", "", Set.of());
    assertThat(Placement.withoutDecoding(atOnce, avoided)).isNull();
  }

  /** A call that replaces a probed 5-byte nop writes below the stack pointer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4883ec08 subq $0x8, %rsp|",
        "4881ec88000000 subq $0x88, %rsp|",
        "48897c24f8 movq %rdi, -0x8(%rsp)|writes memory",
        "4883c408 addq $0x8, %rsp|may raise the stack pointer",
        "4883ec80 subq $-0x80, %rsp|may raise the stack pointer",
        "488d642408 leaq 0x8(%rsp), %rsp|may raise the stack pointer",
        "4889ec movq %rbp, %rsp|may raise the stack pointer",
        "50 pushq %rax|is none that is known to be harmless",
      })
  void nothingOfUseLiesBelowTheStackPointer(String instruction, String harm) {
    UprobeCosts costs =
        new UprobeCosts(
            true,
            Map.of(
                InstructionKind.NOP_5, 300,
                InstructionKind.NOP, 600,
                InstructionKind.MOVE, 10_000),
            1_000);
    String function = instruction + "\n0f1f440000 nopl (%rax,%rax)\nc3 retq";
    Placement placement =
        Placement.decide(
            code(function, "", Set.of()), listing(function, 0), costs, new Reads(3, false));
    assertThat(placement.distance()).isEqualTo(harm == null ? instruction.indexOf(' ') / 2 : 0);
    assertThat(placement.reason())
        .isEqualTo(
            harm == null
                ? "a nop, which the kernel replaces by a call"
                : instruction.substring(instruction.indexOf(' ') + 1) + " " + harm);
  }

  @Test
  void aLoopBackToTheCheapInstructionIsSeen() {
    String function = "31c0 xorl %eax, %eax\n7402 je 0x2\nffc0 incl %eax\nebfa jmp -0x6\nc3 retq";
    assertThat(decide(function, THREE_ARGUMENTS).reason())
        .isEqualTo(
            "a conditional jump, which the kernel emulates at +2 is not sure to be the entry: a"
                + " jump leads to +2");
    String toTheEntry = function.replace("ebfa jmp -0x6", "ebf8 jmp -0x8");
    assertThat(decide(toTheEntry, THREE_ARGUMENTS).distance()).isEqualTo(2);
  }

  @Test
  void anIndirectJumpCouldLeadAnywhereAndAnIndirectCallDoesNot() {
    assertThat(decide(READ + "3effe0 notrack jmpq *%rax", THREE_ARGUMENTS).reason())
        .endsWith("the function has an indirect jump (notrack jmpq *%rax)");
    assertThat(decide(READ + "ffd0 callq *%rax", THREE_ARGUMENTS).distance()).isEqualTo(7);
  }

  @Test
  void codeThatCannotBeDecodedIsNotTrusted() {
    FunctionCode code = code(READ + "06 -\n", "", Set.of());
    List<Instruction> listing = new ArrayList<>(listing(READ, 0));
    listing.add(new Instruction(14, 0, ""));
    assertThat(Placement.decide(code, listing, COSTS, THREE_ARGUMENTS).reason())
        .endsWith("not all of it can be decoded");
  }

  @Test
  void othersThatArriveBehindTheEntryAreSeen() {
    FunctionCode code = code(READ, "", Set.of(7));
    assertThat(Placement.decide(code, listing(READ, 0), COSTS, THREE_ARGUMENTS).reason())
        .endsWith("code of elsewhere leads to +7");
    FunctionCode further = code(READ, "", Set.of(8));
    assertThat(Placement.decide(further, listing(READ, 0), COSTS, THREE_ARGUMENTS).distance())
        .isEqualTo(7);
  }

  /** Debian's mempcpy ends with a jump to memcpy+3. */
  @Test
  void aShortJumpOfTheFunctionBeforeIsSeen() {
    String before = "4889f8 movq %rdi, %rax\n4801d0 addq %rdx, %rax\neb07 jmp 0x7\n";
    String padding = "90 nop\n".repeat(4);
    FunctionCode code = code(READ, before + padding, Set.of());
    List<Instruction> listing = new ArrayList<>(listing(before + padding, 0));
    listing.addAll(listing(READ, code.entry()));
    assertThat(Placement.decide(code, listing, COSTS, THREE_ARGUMENTS).reason())
        .endsWith("a jump leads to +3");
  }

  private static Placement decide(String function, Reads reads) {
    return Placement.decide(code(function, "", Set.of()), listing(function, 0), COSTS, reads);
  }

  private static FunctionCode code(String function, String before, Set<Integer> entrances) {
    byte[] head = bytes(before);
    byte[] body = bytes(function);
    ByteBuffer all = ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip();
    return new FunctionCode(all, head.length, body.length, entrances);
  }

  private static byte[] bytes(String lines) {
    StringBuilder hex = new StringBuilder();
    lines.lines().forEach(line -> hex.append(line, 0, line.indexOf(' ')));
    return HexFormat.of().parseHex(hex);
  }

  private static List<Instruction> listing(String lines, int from) {
    List<Instruction> listing = new ArrayList<>();
    int at = from;
    for (String line : lines.lines().toList()) {
      int blank = line.indexOf(' ');
      listing.add(new Instruction(at, blank / 2, line.substring(blank + 1)));
      at += blank / 2;
    }
    return listing;
  }
}
