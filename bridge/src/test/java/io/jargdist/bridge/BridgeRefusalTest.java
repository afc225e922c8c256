/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.OwnCompiler;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Tests that the message names the specifier if the compiler or the kernel refuses a program, which
 * should never happen. The compiler and the verifier are the real ones; what they get is our text
 * with a mistake put into it. As root only.
 */
class BridgeRefusalTest {
  private static final String SPECIFIER = "p:c:fsync(int fd):int:fd";
  private static final String DEFECT =
      "\n  "
          + SPECIFIER
          + "\nhint: this is a defect of jargdist; checking the specifier (-v) shows the whole log";

  /** The first statement of the program. */
  private static final String GATE = "struct gate *gate = find_gate();";

  @Test
  void clangsErrorsAreShownWithTheSpecifier() {
    List<String> said =
        refusals(text -> text.replace(GATE, "struct gate *gate = nothing; " + GATE));
    assertThat(said.get(0))
        .startsWith("the generated program does not compile:\n")
        .contains("error: use of undeclared identifier 'nothing'")
        .contains("error: redefinition of 'gate'")
        .containsPattern("\n\\(\\d+ more lines omitted\\)\n")
        .endsWith(DEFECT);
    assertThat(said.get(0).lines()).hasSizeLessThan(10);
    assertThat(said.get(1))
        .startsWith(said.get(0).replace(DEFECT, "\n  " + SPECIFIER + "\n\n"))
        .contains("struct gate *gate = nothing; struct gate *gate =")
        .contains("previous definition is here");
  }

  /** LLVM 14 aborts, and LLVM 19 exits. */
  @Test
  void whatEndsTheCompilerIsShownWithTheSpecifier() {
    List<String> said =
        refusals(text -> text.replace(GATE, GATE + " if ((int)ctx->sp / (int)ctx->ip) return 0;"));
    assertThat(said.get(0))
        .containsPattern(
            "^the compiler process (was ended by SIGABRT:\n(.*\n)*LLVM ERROR: "
                + "|exited with 1:\nerror: .*unsupported signed division)")
        .endsWith(DEFECT);
    assertThat(said.get(1))
        .startsWith(said.get(0).substring(0, said.get(0).indexOf('\n') + 1))
        .contains("\n  " + SPECIFIER + "\n\n");
  }

  @Test
  void theVerifiersLastWordsAreShownWithTheSpecifier() {
    List<String> said = refusals(text -> text.replace("if (!account) return 0;", ""));
    assertThat(said.get(0))
        .containsPattern("^[^\n]+ failed with EACCES \\(13\\)\n\\(\\d+ lines omitted\\)\n")
        .containsPattern("R\\d+ invalid mem access 'map_value_or_null'\n")
        .endsWith(DEFECT);
    assertThat(said.get(0).lines()).hasSizeLessThan(14);
    assertThat(said.get(1)).contains("\n  " + SPECIFIER + "\n\n").contains("\n0: ");
  }

  /** A check had another process's number, so the verifier looked at nothing behind this. */
  @Test
  void aCheckFindsWhatIsWrongBehindTheComparisonOfTheProcess() {
    String target = "if (!is_target(id)) return 0;";
    List<String> said =
        refusals(text -> text.replace(target, target + " *(volatile u64 *)id = 1;"));
    assertThat(said).allSatisfy(text -> assertThat(text).contains("invalid mem access"));
  }

  /** Returns the messages when the specifier is attached, and when it is checked. */
  private static List<String> refusals(UnaryOperator<String> mistake) {
    try (CompilerProcess compiler = OwnCompiler.create();
        TargetProbes bridge =
            new TargetProbes(
                BridgeOwner.COMMAND_LINE,
                ProcessHandle.current().pid(),
                text -> {
                  String wrong = mistake.apply(text);
                  assertThat(wrong).isNotEqualTo(text);
                  return compiler.compile(wrong);
                },
                compiler)) {
      ProbeOptions options = ProbeOptions.DEFAULT;
      return List.of(
          refusal(bridge, new Message.Attach(Form.FREQUENCY, SPECIFIER, options, 1)),
          refusal(bridge, new Message.Check(Form.FREQUENCY, SPECIFIER, options)));
    }
  }

  private static String refusal(TargetProbes bridge, Message request) {
    ProbeException refused =
        catchThrowableOfType(ProbeException.class, () -> bridge.handle(request));
    assertThat(refused.kind()).isEqualTo(Failure.Kind.SPECIFIER);
    return String.valueOf(refused.getMessage());
  }
}
