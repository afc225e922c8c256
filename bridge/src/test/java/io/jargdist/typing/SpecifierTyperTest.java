/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.NoTypes;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.Returns;
import io.jargdist.facts.TypeSources;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierParser;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The typer can be tested without the C text that is made from its programs. */
class SpecifierTyperTest {
  @Test
  void anExpressionBecomesATreeOfTypes() throws SpecifierException {
    TypedValue size = new TypedValue.Parameter(2, CType.U64);
    TypedValue half = binary(BinaryOperator.DIVIDE, size, constant(2));
    assertThat(typed("p:c:read(int fd, void *b, size_t n):u32:n/2+1").value())
        .isEqualTo(
            new TypedColumn.NumberColumn(binary(BinaryOperator.ADD, half, constant(1)), CType.U32));
  }

  private static TypedValue binary(BinaryOperator operator, TypedValue left, TypedValue right) {
    return new TypedValue.Binary(operator, left, right, CType.U64);
  }

  private static TypedValue constant(long value) {
    return new TypedValue.Constant(value, CType.S32);
  }

  @Test
  void whatIsReadIsKnownByItsMemory() throws SpecifierException {
    CType.Pointer numbers = new CType.Pointer(CType.S16);
    TypedValue pointer = new TypedValue.Parameter(0, numbers);
    TypedValue third = new TypedValue.Offset(pointer, 4, numbers);
    assertThat(typed("p:c:f(short *numbers):int:numbers[2]").value())
        .isEqualTo(
            new TypedColumn.NumberColumn(
                new TypedValue.Read(third, Memory.USER, CType.S16), CType.S32));
  }

  @Test
  void whatIsNeededOfTheEntryIsKnown() throws SpecifierException {
    TypedProgram both =
        typed("r:c:read(int fd, void *b, size_t n):u64:$entry(n)-$entry(fd)+$entry(n):$latency>5");
    assertThat(both.entryValues())
        .containsExactly(new StoredAtEntry(2, false), new StoredAtEntry(0, false));
    assertThat(both.usesLatency()).isTrue();
    assertThat(typed("r:c:read(int fd):int:$retval").needsEntry()).isFalse();
  }

  @Test
  void whatTakesTooMuchOfTheStackIsRefused() {
    String match = "STREQ(\"" + "x".repeat(80) + "\", path)";
    String four = String.join("||", List.of(match, match, match, match));
    assertThatThrownBy(() -> typed("p:c:open(char *path):int:" + four))
        .hasMessageContaining("keys and compared strings take 352 bytes, and 344 are allowed");
  }

  private static TypedProgram typed(String text) throws SpecifierException {
    Specifier specifier = SpecifierParser.parse(text, Form.HISTOGRAM);
    Architecture architecture = Architecture.X86_64;
    SpecifierTyper typer =
        new SpecifierTyper(
            specifier, TypeSources.of(new NoTypes()), architecture, 80, Log2Buckets.DEFAULT, false);
    ResolvedProbe.UserFunction function =
        new ResolvedProbe.UserFunction(
            List.of(new CodeLocation("/lib", 0, "lib")),
            specifier.point().atReturn() ? new Returns.Replaced(null) : null);
    return typer.program(typer.values(specifier.event(), function), null);
  }
}
