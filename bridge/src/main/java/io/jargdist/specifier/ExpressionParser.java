/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BinaryOperator;
import io.jargdist.specifier.Expression.BuiltinFunction;
import io.jargdist.specifier.Expression.BuiltinValue;
import io.jargdist.specifier.Expression.Explanation;
import io.jargdist.specifier.Expression.TextMatch;
import io.jargdist.specifier.Expression.UnaryOperator;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Expressions, with C's precedence and tokens. An expression ends before whatever cannot continue
 * it: a colon belongs to it only behind a question mark.
 *
 * <pre>
 * expression = binary [ "?" expression ":" expression ]
 * binary     = unary { operator unary }
 * operator   = "*" | "/" | "%" | "+" | "-" | "&lt;&lt;" | "&gt;&gt;" | "&lt;" | "&lt;=" | "&gt;" | "&gt;="
 *            | "==" | "!=" | "&amp;" | "^" | "|" | "&amp;&amp;" | "||"
 * unary      = ("!" | "~" | "-" | "+" | "*") unary | "(" type ")" unary | postfix
 * postfix    = primary { "->" identifier | "." identifier | "[" integer "]" }
 * primary    = integer | character | identifier | "(" expression ")" | "args->" identifier
 *            | "$retval" | "$latency" | "$PID" | "$TID" | "$COMM" | "$CPU" | "__pid"
 *            | "__tgid"
 *            | "$entry" "(" ( identifier | expression ) ")" | "arg" number
 *            | "sizeof" "(" type ")"
 *            | ("STRCMP" | "STREQ" | "STRSTR" | "STRENDS") "(" string "," expression ")"
 *            | ("ntohs" | "ntohl") "(" expression ")"
 *            | ("$IP" | "$FILE") "(" expression ")"
 * integer    = (decimal | "0x" hexadecimal | "0b" binary | "0" octal) [ suffix of "u", "l", "ll" ]
 * character  = "'" (ASCII | escape | "\0") "'"
 * string     = '"' { ASCII | escape } '"'
 * escape     = "\n" | "\t" | "\r" | "\\" | "\"" | "\'" | "\x" digit digit
 * </pre>
 *
 * An identifier is a parameter, an argument of a USDT probe by its name, or the upper-case name of
 * a constant. Type: {@link TypeParser}. In a pair, {@code $entry} takes an expression of the first
 * event. Outside brackets, {@code ..} ends an expression.
 */
final class ExpressionParser {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NODES = 500;
  private static final String IN_SINGLE_QUOTES =
      "a shell takes words with $ away inside double quotes: put single ones around the specifier";
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);
  private static final List<BinaryOperator> LONGEST_FIRST =
      Stream.of(BinaryOperator.values())
          .sorted(Comparator.comparingInt((BinaryOperator o) -> o.text().length()).reversed())
          .toList();
  private static final Map<String, UnaryOperator> UNARY =
      Stream.of(UnaryOperator.values()).collect(Collectors.toMap(UnaryOperator::text, o -> o));

  private final Cursor cursor;
  private final TypeParser types;
  private final Vocabulary vocabulary;
  private int depth;
  private int nodes;

  ExpressionParser(Cursor cursor, TypeParser types, Vocabulary vocabulary) {
    this.cursor = cursor;
    this.types = types;
    this.vocabulary = vocabulary;
  }

  Expression expression() throws SpecifierException {
    cursor.skipBlanks();
    int start = cursor.position();
    enter();
    Expression condition = binary(1);
    if (cursor.accept("?")) {
      Expression whenTrue = expression();
      cursor.expect(":", "a condition needs both values: x ? a : b");
      Expression whenFalse = expression();
      condition = new Expression.Conditional(condition, whenTrue, whenFalse, cursor.from(start));
    }
    depth--;
    return condition;
  }

  private void enter() throws SpecifierException {
    if (++depth > MAX_DEPTH) {
      throw cursor.error(cursor.here(), "this is nested too deep", "32 parentheses are allowed");
    }
    if (++nodes > MAX_NODES) {
      throw cursor.error(
          cursor.here(), "longer than " + MAX_NODES + " operands", "use several probes");
    }
  }

  private Expression binary(int minimum) throws SpecifierException {
    cursor.skipBlanks();
    int start = cursor.position();
    Expression left = unary();
    while (true) {
      cursor.skipBlanks();
      int at = cursor.position();
      BinaryOperator operator = operator();
      if (operator == null || operator.precedence() < minimum) {
        cursor.moveTo(at);
        return left;
      }
      Span operatorSpan = cursor.from(at);
      checkNoText(operator, left, start);
      Expression right = binary(operator.precedence() + 1);
      left = new Expression.Binary(operator, left, right, operatorSpan, cursor.from(start));
    }
  }

  /** Says how to write {@code $COMM == "main"}. */
  private void checkNoText(BinaryOperator operator, Expression left, int start)
      throws SpecifierException {
    boolean equal = operator == BinaryOperator.EQUAL;
    cursor.skipBlanks();
    String quotes = cursor.peek() == '"' ? "\"" : cursor.peek() == '\'' ? "'" : "";
    int at = cursor.position();
    int end = quotes.isEmpty() ? -1 : cursor.text().indexOf(quotes, at + 1);
    boolean character = quotes.equals("'") && (end - at <= 2 || cursor.peek(1) == '\\');
    if (!(equal || operator == BinaryOperator.NOT_EQUAL) || end < 0 || character) {
      return;
    }
    String text = cursor.text().substring(at + 1, end);
    String pointer = cursor.text().substring(start, left.span().end()).strip();
    throw cursor.error(
        new Span(at, end + 1),
        "text is compared by STREQ, or by STRCMP if only its beginning matters",
        String.format(Locale.ROOT, "write %sSTREQ(\"%s\", %s)", equal ? "" : "!", text, pointer));
  }

  private @Nullable BinaryOperator operator() throws SpecifierException {
    for (BinaryOperator operator : LONGEST_FIRST) {
      int at = cursor.position();
      if (cursor.accept(operator.text())) {
        Span twice = new Span(at, cursor.position() + 1);
        if (cursor.peek() == '=') {
          throw cursor.error(
              twice,
              "nothing can be assigned here",
              operator == BinaryOperator.EQUAL ? "C compares with ==" : null);
        } else if ((operator == BinaryOperator.ADD && cursor.peek() == '+')
            || (operator == BinaryOperator.SUBTRACT && cursor.peek() == '-')) {
          throw changed(operator.text(), twice);
        }
        return operator;
      }
    }
    if (cursor.peek() == '=') {
      char behind = cursor.peek(1);
      throw cursor.error(
          cursor.here(),
          "nothing can be assigned here",
          "compare with " + (behind == '<' || behind == '>' ? behind + "=" : "=="));
    }
    return null;
  }

  private Expression unary() throws SpecifierException {
    cursor.skipBlanks();
    int start = cursor.position();
    enter();
    Expression result;
    UnaryOperator operator = UNARY.get(String.valueOf(cursor.peek()));
    if (operator != null) {
      cursor.next();
      if (operator.text().charAt(0) == cursor.peek() && "+-".indexOf(cursor.peek()) >= 0) {
        throw changed(operator.text(), new Span(start, start + 2));
      }
      result = new Expression.Unary(operator, unary(), cursor.from(start));
    } else if (cursor.peek() == '&') {
      throw cursor.error(
          cursor.here(), "addresses cannot be taken", "a parameter that is a pointer is one");
    } else if (cursor.peek() == '(') {
      cursor.next();
      if (types.looksLikeType(vocabulary::isParameter)) {
        TypeName type = types.type();
        cursor.expect(")", "a cast is written (type)value");
        result = new Expression.Cast(type, unary(), cursor.from(start));
      } else {
        result = expression();
        cursor.expect(")", "this parenthesis is not closed");
        result = postfix(result, start);
      }
    } else {
      result = postfix(primary(), start);
    }
    depth--;
    return result;
  }

  private SpecifierException changed(String operator, Span span) {
    return cursor.error(
        span,
        "nothing can be changed here, so there is no " + operator.repeat(2),
        "write a blank between two signs");
  }

  private Expression postfix(Expression operand, int start) throws SpecifierException {
    Expression result = operand;
    while (true) {
      int before = cursor.position();
      boolean arrow = cursor.accept("->");
      if (!arrow && isPairFollowing()) {
        cursor.moveTo(before);
        return result;
      }
      if (arrow || cursor.accept(".")) {
        cursor.skipBlanks();
        int at = cursor.position();
        String member = cursor.identifier();
        if (member == null) {
          throw cursor.error(cursor.here(), "expected a member's name" + cursor.found(), null);
        }
        result = new Expression.Member(result, arrow, member, cursor.from(at), cursor.from(start));
      } else if (cursor.accept("[")) {
        cursor.skipBlanks();
        int at = cursor.position();
        if (!Cursor.isDigit(cursor.peek())) {
          throw cursor.error(
              cursor.here(), "an index must be a number", "*(p + i) takes any value");
        }
        Expression.Literal index = number();
        if (index.value().bitLength() > 31) {
          throw cursor.error(cursor.from(at), "this index is too large", "it must be below 2^31");
        }
        cursor.expect("]", "this bracket is not closed");
        result = new Expression.Index(result, index.value().longValue(), cursor.from(start));
      } else {
        cursor.skipBlanks();
        if (cursor.peek() == '(') {
          throw notCallable(cursor.here(), "");
        }
        cursor.moveTo(before);
        return result;
      }
      if (++nodes > MAX_NODES) {
        throw cursor.error(
            cursor.here(), "longer than " + MAX_NODES + " operands", "use several probes");
      }
    }
  }

  /** The token {@code ..} ends an expression. */
  private boolean isPairFollowing() {
    cursor.skipBlanks();
    return cursor.peek() == '.' && cursor.peek(1) == '.';
  }

  private Expression primary() throws SpecifierException {
    cursor.skipBlanks();
    int start = cursor.position();
    char c = cursor.peek();
    if (Cursor.isDigit(c)) {
      return number();
    } else if (c == '\'') {
      cursor.next();
      int value = character('\'');
      if (value > '~') {
        throw cursor.error(
            cursor.from(start),
            "this character is negative on some machines and not on others",
            "write the number");
      }
      cursor.expect("'", "it is one character; text is compared by STREQ(\"text\", pointer)");
      return new Expression.Literal(
          BigInteger.valueOf(value), false, false, true, cursor.from(start));
    } else if (c == '$') {
      return builtin(start);
    } else if (c == '"') {
      throw cursor.error(
          cursor.here(),
          "text can only be compared",
          BuiltinFunction.STREQ.form()
              + ", or "
              + BuiltinFunction.STRCMP.form()
              + " for its beginning");
    }
    String name = cursor.identifier();
    if (name == null) {
      throw cursor.error(cursor.here(), "expected a value" + cursor.found(), valueHint());
    }
    Span span = cursor.from(start);
    BuiltinFunction function = BuiltinFunction.of(name);
    BuiltinValue value = BuiltinValue.of(name);
    if (function != null) {
      return call(function, start);
    } else if (value != null) {
      return builtin(value, span);
    } else if (vocabulary.isParameter(name)) {
      return vocabulary.name(name, span, cursor);
    } else if (name.equals("args") && cursor.accept("->")) {
      return tracepointField(start);
    } else if (cursor.accept("(")) {
      throw notCallable(span, name);
    }
    return vocabulary.name(name, span, cursor);
  }

  private Expression call(BuiltinFunction function, int start) throws SpecifierException {
    return switch (function) {
      case STRCMP -> stringMatch(TextMatch.BEGINS, start);
      case STREQ -> stringMatch(TextMatch.EQUALS, start);
      case STRSTR -> stringMatch(TextMatch.CONTAINS, start);
      case STRENDS -> stringMatch(TextMatch.ENDS, start);
      case NTOHS, NTOHL -> hostOrder(function, start);
      case SIZEOF -> sizeOf(start);
      case ENTRY -> entryValue(start);
      case IP -> explained(Explanation.ADDRESS, start);
      case FILE -> explained(Explanation.FILE, start);
    };
  }

  private Expression builtin(BuiltinValue value, Span span) throws SpecifierException {
    vocabulary.check(value, span, cursor);
    return new Expression.Builtin(value, span);
  }

  private Expression sizeOf(int start) throws SpecifierException {
    String form = BuiltinFunction.SIZEOF.form();
    cursor.expect("(", form);
    TypeName type = types.type();
    cursor.expect(")", form);
    return new Expression.SizeOf(type, cursor.from(start));
  }

  private Expression tracepointField(int start) throws SpecifierException {
    cursor.skipBlanks();
    int at = cursor.position();
    String field = cursor.identifier();
    if (field == null) {
      throw cursor.error(cursor.here(), "expected a field's name" + cursor.found(), null);
    }
    Expression.TracepointField result =
        new Expression.TracepointField(field, cursor.from(at), cursor.from(start));
    vocabulary.check(result, cursor);
    return result;
  }

  private SpecifierException notCallable(Span span, String name) {
    String instead = OtherWords.function(name);
    if (name.toUpperCase(Locale.ROOT).matches("STRN?C(ASE)?MP|MEMCMP|STREQ")) {
      instead =
          BuiltinFunction.STRCMP.form() + " or " + BuiltinFunction.STREQ.form() + " compare text";
    }
    return cursor.error(
        span,
        "functions cannot be called",
        instead == null ? "only " + Vocabulary.functions() : instead);
  }

  private @Nullable String valueHint() {
    return switch (cursor.peek()) {
      case '.' ->
          cursor.peek(1) == '.'
              ? "a value must stand before the two dots of a pair"
              : "floating-point numbers cannot be used";
      case '{', '}', ';' -> "an expression has no statements";
      case '#' -> "the label follows the expression";
      case '\\' -> "nothing can be escaped outside of text";
      case '>' ->
          cursor.position() > 0 && cursor.text().charAt(cursor.position() - 1) == '<'
              ? "what differs is written !="
              : IN_SINGLE_QUOTES;
      case '@' -> "-H and -C say what is made of the values";
      case '\0', '/', '<', '=', '%' -> IN_SINGLE_QUOTES;
      default -> null;
    };
  }

  private Expression builtin(int start) throws SpecifierException {
    cursor.next();
    String word = Cursor.isIdentifierStart(cursor.peek()) ? cursor.identifier() : null;
    Span span = cursor.from(start);
    BuiltinFunction function = BuiltinFunction.of("$" + word);
    BuiltinValue value = BuiltinValue.of("$" + word);
    if (function != null) {
      return call(function, start);
    } else if (value != null) {
      return builtin(value, span);
    }
    List<String> known = Vocabulary.keywords();
    if (word != null && word.startsWith("arg")) {
      throw cursor.error(
          span,
          "unknown keyword \"$" + word + "\"",
          "u: has arg1, arg2, ...; of p: and r: the signature names the parameters");
    }
    List<String> near = Similar.nearest("$" + word, known, 1);
    throw cursor.error(
        span,
        "unknown keyword \"$" + (word == null ? "" : word) + "\"",
        near.isEmpty()
            ? "there are " + String.join(" ", known)
            : "did you mean " + near.get(0) + "?");
  }

  private Expression entryValue(int start) throws SpecifierException {
    String form = BuiltinFunction.ENTRY.form();
    cursor.expect("(", form);
    cursor.skipBlanks();
    int at = cursor.position();
    Vocabulary first = vocabulary.from();
    if (first != null) {
      Expression value = new ExpressionParser(cursor, types, first).expression();
      cursor.expect(")", "$entry takes one expression of the first event");
      return new Expression.Kept(value, cursor.from(start));
    }
    String parameter = cursor.identifier();
    if (parameter == null) {
      throw cursor.error(cursor.here(), "expected a parameter's name" + cursor.found(), form);
    }
    Span nameSpan = cursor.from(at);
    cursor.expect(")", "$entry takes one parameter's name");
    Expression.EntryValue entry =
        new Expression.EntryValue(parameter, nameSpan, cursor.from(start));
    vocabulary.check(entry, cursor);
    return entry;
  }

  private Expression hostOrder(BuiltinFunction function, int start) throws SpecifierException {
    cursor.expect("(", function.form());
    Expression number = expression();
    cursor.expect(")", function.form());
    return new Expression.HostOrder(function, number, cursor.from(start));
  }

  private Expression explained(Explanation explanation, int start) throws SpecifierException {
    String form = explanation.function().form();
    cursor.expect("(", form);
    Expression value = expression();
    cursor.expect(")", form);
    Span span = cursor.from(start);
    if (explanation == Explanation.FILE && value instanceof Expression.Kept kept) {
      // A descriptor may mean another file later, so the first event finds out which one it is.
      return new Expression.Kept(new Expression.Explained(explanation, kept.value(), span), span);
    }
    return new Expression.Explained(explanation, value, span);
  }

  private Expression stringMatch(TextMatch match, int start) throws SpecifierException {
    String form = match.function().form();
    cursor.expect("(", form);
    cursor.skipBlanks();
    int at = cursor.position();
    cursor.expect("\"", form);
    StringBuilder text = new StringBuilder();
    while (cursor.peek() != '"') {
      if (cursor.atEnd()) {
        throw cursor.error(cursor.from(at), "the text is not closed", form);
      }
      int escape = cursor.position();
      int character = character('"');
      if (character == 0) {
        throw cursor.error(
            cursor.from(escape), "text ends at NUL", "STREQ compares up to the end of the text");
      }
      text.append((char) character);
    }
    cursor.next();
    if (text.length() == 0 || text.length() > match.most()) {
      throw cursor.error(
          cursor.from(at),
          String.format(
              Locale.ROOT,
              "1 to %d characters can be %s",
              match.most(),
              match.searches() ? "looked for" : "compared"),
          text.length() == 0 ? "for an empty text: pointer[0] == 0" : null);
    }
    cursor.expect(",", form);
    Expression pointer = expression();
    cursor.expect(")", form);
    return new Expression.StringMatch(match, text.toString(), pointer, cursor.from(start));
  }

  /** Returns a character of a literal, its escape resolved. */
  private int character(char quote) throws SpecifierException {
    int start = cursor.position();
    if (cursor.atEnd() || cursor.peek() == quote || cursor.peek() > '~' || cursor.peek() < ' ') {
      throw cursor.error(cursor.here(), "a literal takes printable ASCII", "\\xNN for others");
    }
    char c = cursor.next();
    if (c != '\\') {
      return c;
    }
    char escaped = cursor.atEnd() ? '\0' : cursor.next();
    switch (escaped) {
      case 'n' -> {
        return '\n';
      }
      case 't' -> {
        return '\t';
      }
      case 'r' -> {
        return '\r';
      }
      case '0' -> {
        if (!Cursor.isDigit(cursor.peek())) {
          return 0;
        }
      }
      case '\\', '"', '\'' -> {
        return escaped;
      }
      case 'x' -> {
        int high = Character.digit(cursor.peek(), 16);
        int low = Character.digit(cursor.peek(1), 16);
        if (high >= 0 && low >= 0) {
          cursor.next();
          cursor.next();
          return high * 16 + low;
        }
      }
      default -> {}
    }
    throw cursor.error(
        cursor.from(start), "unknown escape", "there are \\0 \\n \\t \\r \\\\ \\\" \\xNN");
  }

  private Expression.Literal number() throws SpecifierException {
    int start = cursor.position();
    String word = "";
    while (Cursor.isIdentifierStart(cursor.peek()) || Cursor.isDigit(cursor.peek())) {
      word += cursor.next();
      if (word.length() > 70) {
        break;
      }
    }
    String lower = word.toLowerCase(Locale.ROOT);
    String digits = lower.replaceAll("[ul]+$", "");
    String suffix = lower.substring(digits.length());
    int radix = 10;
    if (digits.startsWith("0x")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.startsWith("0b")) {
      radix = 2;
      digits = digits.substring(2);
    } else if (digits.startsWith("0") && digits.length() > 1) {
      radix = 8;
    }
    Span span = cursor.from(start);
    if (cursor.peek() == '.' && Cursor.isDigit(cursor.peek(1))) {
      throw cursor.error(
          span, "floating-point numbers cannot be used", "calculate in a smaller unit");
    }
    if (!suffix.matches("|u|l|ll|ul|ull|lu|llu")) {
      throw notANumber(word, span);
    }
    BigInteger value;
    try {
      value = new BigInteger(digits, radix);
    } catch (NumberFormatException e) {
      throw notANumber(word, span);
    }
    if (value.compareTo(LIMIT) >= 0) {
      throw cursor.error(
          span, "this number does not fit 64 bits", "the largest is 18446744073709551615");
    }
    return new Expression.Literal(
        value, suffix.contains("u"), suffix.contains("l"), radix == 10, span);
  }

  private SpecifierException notANumber(String word, Span span) {
    return cursor.error(
        span, "\"" + word + "\" is not a number", "for example 42, 0x2a, 052, 0b101010, 42UL");
  }
}
