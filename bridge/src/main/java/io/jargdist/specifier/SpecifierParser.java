/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole language, by recursive descent.
 *
 * <pre>
 * specifier   = event [ ".." second ] [ ":" types ":" expressions [ ":" [ filter ] ] ] [ "#" label ]
 * event       = probe ends
 * second      = event | ( function | tracepoint | [ provider ("." | ":") ] word ) "(" parameters ends
 * ends        = [ "if" expression ] [ "on" expression { "," expression } ]
 * probe       = ("p" | "r") ":" [ library ] ":" function "(" parameters
 *             | "t" ":" category ":" tracepoint "(" parameters
 *             | "u" ":" [ library ] ":" [ provider ("." | ":") ] word "(" parameters
 * library     = { letter | digit | "_" | "." | "+" | "@" | "-" | "*" }
 *             | "/" { any character but ":" }
 * category    = word with "-"
 * tracepoint  = word with "-"
 * provider    = word
 * function    = part { "::" part } { "." { letter | digit | "_" } } [ ( "@" | "@@" ) version ]
 * part        = (letter | "_" | "~") { letter | digit | "_" | "$" | "~" }
 * version     = { letter | digit | "_" | "." | "+" | "-" }
 * word        = { letter | digit | "_" }
 * types       = type { "," type }
 * expressions = expression { "," expression }
 * filter      = expression
 * label       = { any character }
 * </pre>
 *
 * Blanks and tabs may stand between all of these. A library is a name, or an absolute path without
 * {@code ..}; in a name, and in the last part of a path, {@code *} stands for anything, but not
 * alone. A function is a C identifier, a mangled C++ name, or a demangled one without parameters
 * ({@code Class::method}); functions of the kernel have no version. The second event of a pair may
 * leave out what stands before its name; then it is that of the first one. {@link EventParser}
 * parses events, {@link TypeParser} types and parameters, {@link ExpressionParser} expressions.
 * {@link SpecifierPrinter} is the way back.
 */
public final class SpecifierParser {
  /** As many columns as a table of people can still show. */
  private static final int MAX_KEYS = 64;

  private final Cursor cursor;
  private final TypeParser types;
  private final Form form;

  private SpecifierParser(String text, Form form) {
    this.cursor = new Cursor(text);
    this.types = new TypeParser(cursor);
    this.form = form;
  }

  /**
   * @throws SpecifierException with the first thing that is wrong
   */
  public static Specifier parse(String text, Form form) throws SpecifierException {
    return new SpecifierParser(text, form).specifier();
  }

  private Specifier specifier() throws SpecifierException {
    checkCharacters();
    EventParser.Events events = new EventParser(cursor, types).events();
    EventParser.Parsed first = events.first();
    EventParser.Parsed last = events.last();
    Vocabulary vocabulary = last.vocabulary();
    List<TypedExpression> values = List.of();
    Expression filter = null;
    cursor.field("type");
    if (cursor.accept(":")) {
      values = values(vocabulary);
      if (cursor.accept(":")) {
        cursor.field("filter");
        cursor.skipBlanks();
        if (!cursor.atEnd() && cursor.peek() != '#') {
          filter = new ExpressionParser(cursor, types, vocabulary).expression();
        }
      }
    }
    String label = label();
    boolean hasDefault = first != null || last.event().point().atReturn();
    if (form.hasValue() && values.isEmpty() && !hasDefault) {
      cursor.field("expression");
      throw cursor.error(
          last.event().point().nameSpan(),
          form.description() + " needs a value",
          valueHint(last.type(), label));
    }
    return new Specifier(
        cursor.text(),
        form,
        first == null ? null : first.event(),
        last.event(),
        values,
        filter,
        label);
  }

  private static String valueHint(ProbeType type, @Nullable String label) {
    return label != null && label.matches("[^:]*:[^:]+:.+")
        ? "a label comes last: " + type.letter() + ":...():TYPE:EXPRESSION#LABEL"
        : "append :TYPE:EXPRESSION";
  }

  private void checkCharacters() throws SpecifierException {
    String text = cursor.text();
    cursor.field("specifier");
    if (text.isBlank()) {
      throw cursor.error(
          new Span(0, 0), "it is empty", "for example r:c:read():int:$retval#read sizes");
    }
    if (text.length() > SpecifierLength.MAX) {
      throw new SpecifierException(
          text.substring(0, 60) + "...",
          new Diagnostic(
              "specifier",
              new Span(0, 60),
              "longer than " + SpecifierLength.MAX + " characters",
              "use several probes"));
    }
    for (int i = 0; i < text.length(); i++) {
      if (isControl(text.charAt(i))) {
        throw cursor.error(
            new Span(i, i + 1),
            "control characters cannot be used",
            "write a specifier in one line");
      }
    }
  }

  /**
   * Returns whether it is a control character, or would make a text look different from what it
   * says.
   */
  private static boolean isControl(char c) {
    boolean lineSeparator = c == 0x2028 || c == 0x2029;
    boolean direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return (Character.isISOControl(c) && c != '\t') || lineSeparator || direction;
  }

  private List<TypedExpression> values(Vocabulary vocabulary) throws SpecifierException {
    List<TypeName> names = new ArrayList<>();
    cursor.field("type");
    do {
      names.add(types.type());
    } while (cursor.accept(","));
    String call = cursor.peek() == '(' ? OtherWords.function(names.get(0).base()) : null;
    cursor.expect(
        ":",
        call == null ? "an expression must follow its type: function():TYPE:EXPRESSION" : call);
    cursor.field("expression");
    List<TypedExpression> values = new ArrayList<>();
    cursor.skipBlanks();
    int start = cursor.position();
    do {
      cursor.skipBlanks();
      int at = cursor.position();
      Expression expression = new ExpressionParser(cursor, types, vocabulary).expression();
      Span span = cursor.from(at);
      if (values.size() == names.size()) {
        throw mismatch(names.size(), span);
      }
      String text = cursor.text().substring(span.start(), span.end()).strip();
      values.add(new TypedExpression(names.get(values.size()), expression, text));
    } while (cursor.accept(","));
    if (values.size() < names.size() && (cursor.atEnd() || ":#".indexOf(cursor.peek()) >= 0)) {
      throw mismatch(names.size(), cursor.from(start));
    }
    checkForm(values);
    return values;
  }

  private void checkForm(List<TypedExpression> values) throws SpecifierException {
    int keys = values.size() - (form.hasValue() ? 1 : 0);
    if (keys > MAX_KEYS) {
      TypedExpression first = values.get(values.size() - keys + MAX_KEYS);
      throw cursor.error(
          first.expression().span(),
          "there are " + keys + " keys, and " + MAX_KEYS + " are allowed",
          "leave out the others");
    }
    TypeName type = values.get(0).type();
    if (form.hasValue() && type.isString()) {
      boolean number = values.stream().anyMatch(value -> !value.type().isString());
      cursor.field("type");
      throw cursor.error(
          type.span(),
          form.description() + " is of numbers, not of text",
          number ? "the value comes first, and keys follow it" : "use -C");
    }
  }

  private SpecifierException mismatch(int types, Span span) {
    String reason = types == 1 ? "there is one type" : "there are " + types + " types";
    return cursor.error(
        span,
        reason + ", so there must be as many expressions",
        form.hasValue() ? "TYPE,TYPE:VALUE,KEY" : "TYPE,TYPE:EXPRESSION,EXPRESSION");
  }

  private @Nullable String label() throws SpecifierException {
    cursor.skipBlanks();
    if (cursor.atEnd()) {
      return null;
    }
    if (cursor.peek() != '#') {
      int at = cursor.position();
      String word = cursor.identifier();
      String operator = OtherWords.operator(word);
      cursor.moveTo(at);
      String hint =
          switch (cursor.peek()) {
            case '/' -> "a filter follows the expression: function():TYPE:EXPRESSION:FILTER";
            case '{', '@' -> "-H and -C say what is made of the values";
            case '"', '\'' -> "text is compared by STREQ(\"text\", pointer)";
            case ';' -> "a label begins with #";
            case ':' -> "after the filter only a label can follow";
            case ',' -> "a filter is one expression: join conditions with &&";
            case '(' -> "functions cannot be called";
            case ')' -> "this parenthesis was not opened";
            default ->
                operator != null
                    ? "the operator is written " + operator
                    : "by".equals(word)
                        ? "keys follow the value behind a comma: TYPE,TYPE:VALUE,KEY"
                        : Cursor.isIdentifierStart(cursor.peek())
                            ? "conditions are joined by && and ||, and a label begins with #"
                            : "an operator, \":\" or \"#label\" can follow here";
          };
      throw cursor.error(cursor.here(), "unexpected \"" + cursor.character() + "\"", hint);
    }
    cursor.next();
    String label = cursor.text().substring(cursor.position()).strip();
    return label.isEmpty() ? null : label;
  }
}
