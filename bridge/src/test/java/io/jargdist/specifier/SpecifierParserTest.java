/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.specifier.Expression.Binary;
import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Expression.Conditional;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpecifierParserTest {
  static Stream<String> accepted() {
    return lines("accepted.txt").stream();
  }

  private static List<String> lines(String file) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(SpecifierParserTest.class.getResourceAsStream(file)),
                StandardCharsets.UTF_8))) {
      return in.lines().filter(line -> line.startsWith("-")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Specifier parse(String line) throws SpecifierException {
    Form form = Form.of(line.substring(0, 2));
    return SpecifierParser.parse(line.substring(3), form);
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void whatIsDocumentedIsAccepted(String line) throws Exception {
    Specifier specifier = parse(line);
    assertThat(specifier.text()).isEqualTo(line.substring(3));
    for (TypedExpression value : specifier.values()) {
      Span span = value.expression().span();
      assertThat(specifier.text().substring(span.start(), span.end()).strip())
          .isEqualTo(value.text());
    }
    String printed = SpecifierPrinter.print(specifier);
    assertThat(Shape.of(SpecifierParser.parse(printed, specifier.form())))
        .as(printed)
        .isEqualTo(Shape.of(specifier));
  }

  @Test
  void operatorsBindAsInC() throws Exception {
    Expression expression =
        parse("-C p:c:f(int a, int b):int:a+b*2<<1>3&&a|b^1&2").values().get(0).expression();
    assertThat(shape(expression)).isEqualTo("((((a+(b*2))<<1)>3)&&(a|(b^(1&2))))");
  }

  @Test
  void conditionTakesItsOwnColon() throws Exception {
    Specifier specifier = parse("-C p:c:f(int a):int:a?1:a?2:3:a>1?1:0#x");
    assertThat(specifier.values().get(0).text()).isEqualTo("a?1:a?2:3");
    assertThat(specifier.filter()).isInstanceOf(Conditional.class);
    assertThat(specifier.label()).isEqualTo("x");
  }

  @Test
  void typesAreBroughtIntoCanonicalOrder() throws Exception {
    Specifier specifier =
        parse(
            "-C p:c:f(const char *const p, long unsigned int n, struct stat *s, u8 b[]):char const *:p");
    assertThat(specifier.parameters())
        .extracting(parameter -> parameter.type().text() + "/" + parameter.name())
        .containsExactly("char */p", "unsigned long/n", "struct stat */s", "u8 */b");
    assertThat(specifier.values().get(0).type().isString()).isTrue();
  }

  @Test
  void giantNestingsAreRefusedAndDoNotOverflow() {
    for (String open :
        List.of("(", "!", "-(", "~", "*", "(int)", "1?", "sizeof(", "STRCMP(\"x\",")) {
      String text = "p:c:f(int a):int:" + open.repeat(4000 / open.length()) + "a";
      assertThatThrownBy(() -> SpecifierParser.parse(text, Form.FREQUENCY))
          .isInstanceOf(SpecifierException.class);
    }
    assertThatThrownBy(
            () -> SpecifierParser.parse("p:c:f():int:" + "(".repeat(100_000), Form.FREQUENCY))
        .hasMessageContaining("longer than 4096");
    assertThatThrownBy(() -> parse("-C p:c:f(int a):int:a" + "+a".repeat(1000)))
        .hasMessageContaining("longer than 500 operands");
  }

  @Test
  void lineBreaksAndOtherControlsAreRefused() {
    for (char c : new char[] {'\n', '\r', '\0', '\u001b', '\u0085'}) {
      assertThatThrownBy(() -> parse("-C p:c:f(int a):int:a" + c + "a"))
          .hasMessageContaining("control characters");
    }
  }

  private static String shape(Expression expression) {
    if (expression instanceof Binary binary) {
      BinaryOperator operator = binary.operator();
      return "(" + shape(binary.left()) + operator.text() + shape(binary.right()) + ")";
    } else if (expression instanceof Expression.Name name) {
      return name.name();
    }
    return ((Expression.Literal) expression).value().toString();
  }
}
