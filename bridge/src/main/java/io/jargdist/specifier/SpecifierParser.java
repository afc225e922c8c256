/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
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
 * leave out what stands before its name; then it is that of the first one. Types and parameters:
 * {@link TypeParser}. Expressions: {@link ExpressionParser}. {@link SpecifierPrinter} is the way
 * back.
 */
public final class SpecifierParser {
  private static final int MAX_PARAMETERS = 6;
  private static final int MAX_ON = 4;

  /** A second event that begins so has a kind of its own. */
  private static final Pattern KIND = Pattern.compile("[ \\t]*[prtu][ \\t]*:");

  /** As many columns as a table of people can still show. */
  private static final int MAX_KEYS = 64;

  private static final Set<Character> COLON = Set.of(':');
  private static final Pattern PROBE_NAME = Pattern.compile(":[A-Za-z0-9_]+\\(");

  /** Possessive, so that a long name that is wrong is refused at once. */
  private static final Pattern FUNCTION =
      Pattern.compile(
          "[A-Za-z_~][A-Za-z0-9_$~]*+(?:::[A-Za-z_~][A-Za-z0-9_$~]*+)*+(?:\\.[A-Za-z0-9_.]*+)?");

  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9_.+-]+");

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
    Parsed first = event(null);
    Parsed second = cursor.accept("..") ? second(first) : null;
    Parsed last = second == null ? alone(first) : second;
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
    boolean hasDefault = second != null || last.event().point().atReturn();
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
        second == null ? null : first.event(),
        last.event(),
        values,
        filter,
        label);
  }

  /**
   * An event as it is written.
   *
   * @param vocabulary for expressions at the event
   */
  private record Parsed(ProbeType type, Event event, Vocabulary vocabulary, @Nullable Span on) {}

  /**
   * @param first event of the pair whose second one is parsed; null if this is the first
   */
  private Parsed event(@Nullable Parsed first) throws SpecifierException {
    ProbeType type = probeType();
    ProbePoint point = point(type);
    return rest(type, point, first);
  }

  /** Parses what stands behind the opening parenthesis of an event. */
  private Parsed rest(ProbeType type, ProbePoint point, @Nullable Parsed first)
      throws SpecifierException {
    cursor.field("signature");
    List<Parameter> parameters = types.parameters();
    if (type.isOfFunction() && parameters.size() > MAX_PARAMETERS) {
      throw cursor.error(
          parameters.get(MAX_PARAMETERS).span(),
          "only the first " + MAX_PARAMETERS + " parameters are in registers",
          "leave out the others");
    }
    Vocabulary alone =
        Vocabulary.alone(type, parameters, point instanceof ProbePoint.KernelFunction);
    Vocabulary atEvent = alone;
    if (first != null) {
      atEvent = alone.asSecondAfter(first.vocabulary());
    } else if (twoDotsFollow()) {
      atEvent = alone.asFirst();
    }
    Expression condition = null;
    if (acceptWord("if")) {
      cursor.field("if");
      condition = new ExpressionParser(cursor, types, atEvent).expression();
    }
    List<Expression> on = new ArrayList<>();
    Span onSpan = null;
    if (acceptWord("on")) {
      cursor.field("on");
      cursor.skipBlanks();
      int start = cursor.position();
      do {
        on.add(new ExpressionParser(cursor, types, atEvent).expression());
      } while (cursor.accept(","));
      onSpan = cursor.from(start);
      int behind = cursor.position();
      if (acceptWord("if")) {
        throw cursor.error(
            cursor.from(behind), "\"if\" stands before \"on\"", "FUNCTION() if CONDITION on VALUE");
      }
      if (on.size() > MAX_ON) {
        throw cursor.error(onSpan, "at most " + MAX_ON + " values can join a pair", null);
      }
    }
    return new Parsed(type, new Event(point, parameters, condition, on), atEvent, onSpan);
  }

  /** Returns whether a second event follows somewhere. */
  private boolean twoDotsFollow() {
    int depth = 0;
    char quote = 0;
    for (int ahead = 0;
        cursor.peek(ahead) != 0 && (quote != 0 || cursor.peek(ahead) != '#');
        ahead++) {
      char c = cursor.peek(ahead);
      if (quote != 0) {
        ahead += c == '\\' ? 1 : 0;
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(' || c == ')') {
        depth += c == '(' ? 1 : -1;
      } else if (depth <= 0 && c == '.' && cursor.peek(ahead + 1) == '.') {
        return true;
      }
    }
    return false;
  }

  private boolean acceptWord(String word) {
    cursor.skipBlanks();
    int start = cursor.position();
    if (word.equals(cursor.identifier())) {
      return true;
    }
    cursor.moveTo(start);
    return false;
  }

  /** Parses the event behind the two dots. */
  private Parsed second(Parsed first) throws SpecifierException {
    cursor.field("second event");
    cursor.skipBlanks();
    if (cursor.atEnd() || cursor.peek() == ':' || cursor.peek() == '#') {
      throw cursor.error(
          cursor.here(),
          "a second event must follow the two dots",
          "FROM()..TO(), for example u:jvm:gc__begin()..gc__end()");
    }
    if (cursor.peek() == '.') {
      throw cursor.error(cursor.here(), "two dots join the events of a pair", "FROM()..TO()");
    }
    Parsed second = KIND.matcher(rest()).lookingAt() ? event(first) : inherited(first);
    cursor.field("on");
    int ons = first.event().on().size();
    if (second.event().on().size() != ons) {
      Span span = second.on() != null ? second.on() : first.on();
      throw cursor.error(
          span == null ? cursor.here() : span,
          "the first event has "
              + counted(ons)
              + " to join the pair, and the second has "
              + second.event().on().size(),
          "write on EXPRESSION at both events, or at neither: then they are of one thread");
    }
    if (cursor.accept("..")) {
      throw cursor.error(cursor.here(), "a pair has two events", "use several probes");
    }
    return second;
  }

  private static String counted(int values) {
    return values == 1 ? "1 value" : values + " values";
  }

  /** Parses a second event that leaves out what stands before its name. */
  private Parsed inherited(Parsed first) throws SpecifierException {
    ProbeType type = first.type();
    cursor.field(type.nameField());
    cursor.skipBlanks();
    int start = cursor.position();
    String name = name(type);
    Span span = cursor.from(start);
    if (cursor.peek() == ':') {
      throw cursor.error(
          span,
          "\"" + name + "\" is not a probe type",
          "the second event has a type, as in p:LIBRARY:FUNCTION(), or only a name: FUNCTION()");
    } else if (!cursor.accept("(")) {
      throw cursor.error(span, "parentheses must follow the name", "write " + name + "()");
    }
    ProbePoint point = inherited(first.event().point(), name, span);
    return rest(type, point, first);
  }

  private ProbePoint inherited(ProbePoint first, String name, Span span) throws SpecifierException {
    return switch (first.kind()) {
      case USER_FUNCTION -> {
        ProbePoint.UserFunction function = (ProbePoint.UserFunction) first;
        yield function(function.library(), name, function.atReturn(), function.librarySpan(), span);
      }
      case KERNEL_FUNCTION -> function("", name, first.atReturn(), span, span);
      case TRACEPOINT -> {
        ProbePoint.Tracepoint tracepoint = (ProbePoint.Tracepoint) first;
        yield tracepoint(tracepoint.category(), name, tracepoint.categorySpan(), span);
      }
      case USDT -> {
        ProbePoint.Usdt usdt = (ProbePoint.Usdt) first;
        String library = usdt.library();
        ProbePoint.Usdt second =
            (ProbePoint.Usdt) usdt(library == null ? "" : library, name, usdt.librarySpan(), span);
        yield second.provider() == null ? second.of(usdt.provider()) : second;
      }
    };
  }

  /** Refuses what only a pair has. */
  private Parsed alone(Parsed only) throws SpecifierException {
    if (only.on() != null) {
      cursor.field("on");
      throw cursor.error(
          only.on(), "\"on\" joins the two events of a pair", "FROM() on VALUE..TO() on VALUE");
    }
    return only;
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

  private ProbeType probeType() throws SpecifierException {
    cursor.field("probe type");
    cursor.skipBlanks();
    int start = cursor.position();
    String written = cursor.until(COLON).strip();
    ProbeType type = ProbeType.of(written);
    if (type == null) {
      String shown = written.length() > 20 ? written.substring(0, 20) + "..." : written;
      throw cursor.error(
          cursor.from(start), "\"" + shown + "\" is not a probe type", beginning(written));
    }
    cursor.expect(":", "TYPE:LIBRARY:FUNCTION()");
    return type;
  }

  private static String beginning(String type) {
    String known = OtherWords.probeType(type);
    if (known != null) {
      return "write " + known;
    } else if (type.startsWith("@")) {
      return "-H, -C and -S say what is made of the values; begin with p:, r:, t: or u:";
    }
    return "begin with p: (entry), r: (return), t: (tracepoint) or u: (USDT)";
  }

  private ProbePoint point(ProbeType type) throws SpecifierException {
    cursor.field(type.placeField());
    cursor.skipBlanks();
    int start = cursor.position();
    String library = cursor.until(COLON).strip();
    Span librarySpan = cursor.from(start);
    if (cursor.atEnd()) {
      throw cursor.error(
          librarySpan, "a function must follow", "TYPE:LIBRARY:FUNCTION(), for example r:c:read()");
    }
    cursor.next();
    checkLibrary(type, library, librarySpan);
    cursor.field(type.nameField());
    cursor.skipBlanks();
    int nameStart = cursor.position();
    String name = name(type);
    Span nameSpan = cursor.from(nameStart);
    if (library.startsWith("/") && name.contains("/")) {
      throw colonInPath(cursor.from(start), type, name);
    }
    if (!cursor.accept("(")) {
      throw cursor.error(nameSpan, "parentheses must follow the name", "write " + name + "()");
    }
    return switch (type) {
      case ENTRY -> function(library, name, false, librarySpan, nameSpan);
      case RETURN -> function(library, name, true, librarySpan, nameSpan);
      case TRACEPOINT -> tracepoint(library, name, librarySpan, nameSpan);
      case USDT -> usdt(library, name, librarySpan, nameSpan);
    };
  }

  /**
   * @param name what stands behind the first colon of the path
   */
  private SpecifierException colonInPath(Span span, ProbeType type, String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    int colon = file.indexOf(':');
    return cursor.error(
        span,
        "a path ends at its first colon",
        "write the library's name without its folder: "
            + type.letter()
            + ":"
            + (colon < 0 ? file : file.substring(0, colon))
            + ":FUNCTION()");
  }

  private void checkLibrary(ProbeType type, String library, Span span) throws SpecifierException {
    if (type == ProbeType.TRACEPOINT) {
      if (!library.matches("[A-Za-z0-9_-]+")) {
        throw cursor.error(
            span, "a tracepoint needs its category", "for example t:syscalls:sys_enter_write()");
      }
      return;
    }
    boolean path = library.startsWith("/");
    boolean plain = library.matches("[A-Za-z0-9_.+@*-]*") && !library.equals("..");
    if (path ? library.contains("/../") || library.endsWith("/..") : !plain) {
      throw cursor.error(
          span,
          "\"" + library + "\" is not a library",
          "a name (c, jvm, z) or an absolute path without ..");
    }
    int file = library.lastIndexOf('/') + 1;
    if (library.indexOf('*') >= 0 && library.indexOf('*') < file) {
      throw cursor.error(
          span,
          "* can stand in the last part of a path only",
          "write the folder, or the name alone: " + library.substring(file));
    } else if (library.matches("(.*/)?\\*+")) {
      throw cursor.error(
          span,
          "* alone would be every library",
          type == ProbeType.USDT
              ? "write a part of the name, such as libnetty*; without a library, u: sees all"
              : "write a part of the name, such as libnetty*");
    }
  }

  /**
   * Returns the text before the parenthesis, or before the end of the field. A colon belongs to the
   * name in {@code Class::method} and in {@code provider:probe(}.
   */
  private String name(ProbeType type) {
    int start = cursor.position();
    while (!cursor.atEnd() && "(#".indexOf(cursor.peek()) < 0) {
      if (cursor.peek() == ':') {
        if (cursor.peek(1) == ':') {
          cursor.next();
        } else if (type != ProbeType.USDT || !PROBE_NAME.matcher(rest()).lookingAt()) {
          break;
        }
      }
      cursor.next();
    }
    return cursor.text().substring(start, cursor.position()).strip();
  }

  private String rest() {
    return cursor.text().substring(cursor.position());
  }

  private ProbePoint function(
      String library, String name, boolean atReturn, Span librarySpan, Span nameSpan)
      throws SpecifierException {
    String[] parts = name.split("@@?", 2);
    checkFunction(parts[0], nameSpan);
    String version = parts.length == 2 ? parts[1] : null;
    if (version != null) {
      checkVersion(library, version, nameSpan);
    }
    return library.isEmpty()
        ? new ProbePoint.KernelFunction(name, atReturn, nameSpan)
        : new ProbePoint.UserFunction(library, parts[0], version, atReturn, librarySpan, nameSpan);
  }

  private ProbePoint tracepoint(String category, String name, Span categorySpan, Span nameSpan)
      throws SpecifierException {
    if (!name.matches("[A-Za-z0-9_-]+")) {
      throw cursor.error(
          nameSpan,
          "\"" + name + "\" is not a tracepoint's name",
          "for example t:sched:sched_switch()");
    }
    return new ProbePoint.Tracepoint(category, name, categorySpan, nameSpan);
  }

  private ProbePoint usdt(String library, String name, Span librarySpan, Span nameSpan)
      throws SpecifierException {
    if (!name.matches("([A-Za-z0-9_]+[.:])?[A-Za-z0-9_]+")) {
      throw cursor.error(
          nameSpan, "\"" + name + "\" is not a USDT probe's name", "for example u:jvm:gc__begin()");
    }
    String[] parts = name.split("[.:]");
    return new ProbePoint.Usdt(
        library.isEmpty() ? null : library,
        parts.length == 2 ? parts[0] : null,
        parts[parts.length - 1],
        librarySpan,
        nameSpan);
  }

  private void checkFunction(String name, Span span) throws SpecifierException {
    if (name.matches("[0-9].*") || name.contains("+")) {
      throw cursor.error(
          span,
          "addresses and offsets cannot be probed: inside an instruction they corrupt the program",
          "name a function");
    }
    if (!FUNCTION.matcher(name).matches()) {
      String hint =
          name.isEmpty()
              ? "TYPE:LIBRARY:FUNCTION(), for example r:c:read()"
              : name.contains("*") || name.contains("?")
                  ? "one probe is one function; jargdist probes PID 'GLOB' lists those that match"
                  : "a C name, a mangled C++ name, or Class::method";
      throw cursor.error(span, "\"" + name + "\" is not a function's name", hint);
    }
  }

  private void checkVersion(String library, String version, Span span) throws SpecifierException {
    if (library.isEmpty()) {
      throw cursor.error(
          span, "functions of the kernel have no versions", "leave out what begins with @");
    } else if (!VERSION.matcher(version).matches()) {
      throw cursor.error(
          span,
          "\"" + version + "\" is not a symbol's version",
          "for example p:c:pthread_kill@GLIBC_2.34()");
    }
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
