/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Types and parameters.
 *
 * <pre>
 * type       = { qualifier } base { qualifier | "*" }
 * base       = word { qualifier | word } | ("struct" | "union" | "enum") identifier | identifier
 * word       = "char" | "short" | "int" | "long" | "signed" | "unsigned" | "void" | "bool" | "_Bool"
 * qualifier  = "const" | "volatile" | "restrict" | "__restrict" | "register" | "__user"
 * parameters = [ "void" | "..." | parameter { "," parameter } [ "," "..." ] ] ")"
 * parameter  = type [ identifier ] { "[" { any character but "]" } "]" }
 *            | type "(" "*" [ identifier ] ")" "(" { balanced } ")"
 * </pre>
 *
 * Words may stand in any order that C allows. There are at most {@value #MAX_POINTERS} stars.
 */
final class TypeParser {
  private static final Set<String> QUALIFIERS =
      Set.of("const", "volatile", "restrict", "__restrict", "register");
  private static final Set<String> TAGS = Set.of("struct", "union", "enum");
  private static final Set<String> WORDS =
      Set.of("int", "char", "short", "long", "unsigned", "signed", "void", "bool", "_Bool");
  private static final Set<String> FLOATS = Set.of("float", "double", "jfloat", "jdouble");
  private static final Set<String> KEYWORDS =
      Set.of("sizeof", "return", "if", "else", "for", "while", "do", "goto", "switch", "static");
  private static final int MAX_POINTERS = 8;

  /** The words of a type, sorted, to its canonical spelling. */
  private static final Map<String, String> CANONICAL = canonical();

  private final Cursor cursor;

  TypeParser(Cursor cursor) {
    this.cursor = cursor;
  }

  /**
   * Returns whether what follows an opening parenthesis is the type of a cast: something that can
   * only be a type, or a name with stars before the closing parenthesis.
   *
   * @param variables names that are values, whatever they look like
   */
  boolean looksLikeType(Predicate<String> variables) {
    int start = cursor.position();
    try {
      String word = cursor.identifier();
      while (word != null && isQualifier(word)) {
        word = cursor.identifier();
      }
      if (word == null || variables.test(word)) {
        return false;
      }
      if (WORDS.contains(word)
          || FLOATS.contains(word)
          || TAGS.contains(word)
          || word.endsWith("_t")
          || word.matches("(__)?[us](8|16|32|64)")) {
        return true;
      }
      boolean star = false;
      while (true) {
        if (cursor.accept("*")) {
          star = true;
          continue;
        }
        String qualifier = cursor.identifier();
        if (qualifier == null) {
          break;
        }
        if (!isQualifier(qualifier)) {
          return false;
        }
      }
      return star && cursor.accept(")");
    } finally {
      cursor.moveTo(start);
    }
  }

  TypeName type() throws SpecifierException {
    Declared declared = declared(false);
    return declared.type();
  }

  /**
   * Returns the parameter list behind an opening parenthesis, the closing one included.
   *
   * @return named parameters as they are; an unnamed one has an empty name
   */
  List<Parameter> parameters() throws SpecifierException {
    List<Parameter> parameters = new ArrayList<>();
    if (cursor.accept(")")) {
      return parameters;
    }
    do {
      cursor.skipBlanks();
      int start = cursor.position();
      if (cursor.accept("...")) {
        break;
      }
      Declared declared = declared(true);
      if (declared.type().base().equals("void")
          && declared.type().pointers() == 0
          && declared.name() == null
          && parameters.isEmpty()
          && cursor.accept(")")) {
        return parameters;
      }
      if (declared.type().base().equals("void") && declared.type().pointers() == 0) {
        throw cursor.error(cursor.from(start), "void is not a value", "write void * for a pointer");
      }
      for (Parameter before : parameters) {
        if (!before.name().isEmpty() && before.name().equals(declared.name())) {
          throw cursor.error(
              cursor.from(start), "two parameters are named \"" + before.name() + "\"", null);
        }
      }
      parameters.add(
          new Parameter(
              declared.type(), declared.name() == null ? "" : declared.name(), cursor.from(start)));
    } while (cursor.accept(","));
    cursor.expect(")", "close the parameter list: f(int a, char *b)");
    return parameters;
  }

  private record Declared(TypeName type, @Nullable String name) {}

  private Declared declared(boolean named) throws SpecifierException {
    cursor.skipBlanks();
    int start = cursor.position();
    List<String> words = new ArrayList<>();
    int pointers = 0;
    boolean user = false;
    String name = null;
    while (true) {
      cursor.skipBlanks();
      int at = cursor.position();
      if (!words.isEmpty() && name == null && cursor.accept("*")) {
        if (++pointers > MAX_POINTERS) {
          throw cursor.error(
              cursor.from(at), "there are more than " + MAX_POINTERS + " stars", null);
        }
        continue;
      }
      if (named && name == null && cursor.peek() == '(' && !words.isEmpty()) {
        name = functionPointer();
        words = List.of("void");
        pointers = 1;
        break;
      }
      String word = cursor.identifier();
      if (word == null) {
        break;
      }
      if (isQualifier(word)) {
        user |= word.equals("__user");
      } else if (FLOATS.contains(word)) {
        throw cursor.error(
            cursor.from(at),
            "floating-point values are not in integer registers, BPF cannot read them",
            named
                ? "leave it out: it takes no integer register; a pointer can be written void *"
                : "a pointer can be written void *");
      } else if (TAGS.contains(word) && words.isEmpty()) {
        String tag = cursor.identifier();
        if (tag == null || isReserved(tag)) {
          throw cursor.error(cursor.here(), "a name must follow \"" + word + "\"", null);
        }
        words.add(word + " " + tag);
      } else if (WORDS.contains(word)
          && pointers == 0
          && words.stream().allMatch(WORDS::contains)) {
        words.add(word);
      } else if (words.isEmpty()) {
        if (KEYWORDS.contains(word)) {
          throw cursor.error(cursor.from(at), "\"" + word + "\" is not a C type", null);
        }
        words.add(word);
      } else if (named && name == null) {
        if (isReserved(word)) {
          throw cursor.error(cursor.from(at), "\"" + word + "\" cannot be a name", null);
        }
        name = word;
      } else {
        cursor.moveTo(at);
        break;
      }
    }
    if (words.isEmpty()) {
      throw cursor.error(
          cursor.here(), "expected a type" + cursor.found(), "for example int, u64, char*");
    }
    Span span = cursor.from(start);
    while (named && cursor.accept("[")) {
      cursor.until(Set.of(']'));
      cursor.expect("]", "this bracket is not closed");
      pointers = Math.min(MAX_POINTERS, pointers + 1);
    }
    return new Declared(new TypeName(base(words, span), pointers, user, span), name);
  }

  private static boolean isQualifier(String word) {
    return QUALIFIERS.contains(word) || word.equals("__user");
  }

  private static boolean isReserved(String word) {
    return WORDS.contains(word)
        || FLOATS.contains(word)
        || TAGS.contains(word)
        || KEYWORDS.contains(word);
  }

  /** {@code (*name)(...)}: the name, if it has one. */
  private @Nullable String functionPointer() throws SpecifierException {
    cursor.expect("(", null);
    cursor.expect("*", "only function pointers have parentheses in a parameter");
    String name = cursor.identifier();
    cursor.expect(")", "a function pointer is written void (*name)(int)");
    cursor.expect("(", "a function pointer is written void (*name)(int)");
    int depth = 1;
    while (depth > 0) {
      if (cursor.atEnd()) {
        throw cursor.error(cursor.here(), "expected \")\" at the end", null);
      }
      char c = cursor.next();
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return name;
  }

  private String base(List<String> words, Span span) throws SpecifierException {
    if (!WORDS.contains(words.get(0))) {
      return words.get(0);
    }
    String canonical = CANONICAL.get(sorted(words));
    if (canonical == null) {
      throw cursor.error(
          span,
          "\"" + String.join(" ", words) + "\" is not a C type",
          "for example int, unsigned long, u64, size_t, char*");
    }
    return canonical;
  }

  private static Map<String, String> canonical() {
    Map<String, String> types = new HashMap<>();
    for (String alone : List.of("char", "void", "bool", "_Bool", "signed char", "unsigned char")) {
      types.put(sorted(List.of(alone.split(" "))), alone);
    }
    types.put("signed", "int");
    types.put("unsigned", "unsigned int");
    for (String size : List.of("", "short ", "long ", "long long ")) {
      for (String sign : List.of("", "signed ", "unsigned ")) {
        String written = (sign.equals("unsigned ") ? sign : "") + (size.isEmpty() ? "int" : size);
        types.put(sorted(List.of((sign + size + "int").split(" "))), written.strip());
        if (!size.isEmpty()) {
          types.put(sorted(List.of((sign + size).split(" "))), written.strip());
        }
      }
    }
    return Map.copyOf(types);
  }

  private static String sorted(List<String> words) {
    return words.stream().sorted().collect(Collectors.joining(" "));
  }
}
