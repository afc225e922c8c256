/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Types and parameters.
 *
 * <pre>
 * type      = { qualifier | word } { "*" | qualifier }
 * word      = "int" | "unsigned" | ... | ("struct" | "union" | "enum") identifier | identifier
 * qualifier = "const" | "volatile" | "restrict" | "__restrict" | "__user"
 * parameter = type [ identifier ] { "[" ... "]" }
 *           | type "(" "*" [ identifier ] ")" "(" ... ")"
 * </pre>
 */
final class TypeParser {
  private static final Set<String> QUALIFIERS =
      Set.of("const", "volatile", "restrict", "__restrict", "register");
  private static final Set<String> TAGS = Set.of("struct", "union", "enum");
  private static final Set<String> WORDS =
      Set.of("int", "char", "short", "long", "unsigned", "signed", "void", "bool", "_Bool");
  private static final Set<String> FLOATS = Set.of("float", "double");
  private static final Map<String, String> CANONICAL =
      Map.ofEntries(
          Map.entry("signed", "int"),
          Map.entry("unsigned", "unsigned int"),
          Map.entry("short int", "short"),
          Map.entry("long int", "long"),
          Map.entry("long long int", "long long"),
          Map.entry("unsigned short int", "unsigned short"),
          Map.entry("unsigned long int", "unsigned long"),
          Map.entry("unsigned long long int", "unsigned long long"));

  private final Cursor cursor;

  TypeParser(Cursor cursor) {
    this.cursor = cursor;
  }

  /** Whether what follows can only be a type, or is a pointer type in a cast. */
  boolean looksLikeType() {
    int start = cursor.position();
    try {
      String word = cursor.identifier();
      if (word == null) {
        return false;
      }
      if (WORDS.contains(word)
          || FLOATS.contains(word)
          || TAGS.contains(word)
          || QUALIFIERS.contains(word)
          || word.equals("__user")
          || word.endsWith("_t")
          || word.matches("(__)?[us](8|16|32|64)")) {
        return true;
      }
      boolean star = false;
      while (cursor.accept("*")) {
        star = true;
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
   * The parameter list behind an opening parenthesis, the closing one included.
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
          && parameters.isEmpty()
          && cursor.accept(")")) {
        return parameters;
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
      if (cursor.accept("*")) {
        pointers++;
        continue;
      }
      if (named && cursor.peek() == '(' && !words.isEmpty()) {
        name = functionPointer();
        words = List.of("void");
        pointers = 1;
        break;
      }
      String word = cursor.identifier();
      if (word == null) {
        break;
      }
      if (word.equals("__user") || QUALIFIERS.contains(word)) {
        user |= word.equals("__user");
      } else if (FLOATS.contains(word)) {
        throw cursor.error(
            cursor.from(at),
            "floating-point values are not in integer registers, BPF cannot read them",
            null);
      } else if (TAGS.contains(word) && words.isEmpty()) {
        String tag = cursor.identifier();
        if (tag == null) {
          throw cursor.error(cursor.here(), "a name must follow \"" + word + "\"", null);
        }
        words.add(word + " " + tag);
      } else if (WORDS.contains(word)
          && pointers == 0
          && words.stream().allMatch(WORDS::contains)) {
        words.add(word);
      } else if (words.isEmpty()) {
        words.add(word);
      } else if (named && name == null) {
        name = word;
      } else {
        cursor.moveTo(at);
        break;
      }
    }
    if (words.isEmpty()) {
      throw cursor.error(cursor.here(), "expected a type" + cursor.found(), null);
    }
    Span span = cursor.from(start);
    while (named && cursor.accept("[")) {
      cursor.until(Set.of(']'));
      cursor.expect("]", null);
      pointers++;
    }
    return new Declared(new TypeName(base(words, span), pointers, user, span), name);
  }

  /** {@code (*name)(...)}: the name, if it has one. */
  private @Nullable String functionPointer() throws SpecifierException {
    cursor.expect("(", null);
    cursor.expect("*", "only function pointers have parentheses in a parameter");
    String name = cursor.identifier();
    cursor.expect(")", null);
    cursor.expect("(", null);
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
    if (words.size() == 1 && !WORDS.contains(words.get(0))) {
      return words.get(0);
    }
    long longs = words.stream().filter("long"::equals).count();
    boolean unsigned = words.contains("unsigned");
    List<String> ordered = new ArrayList<>();
    if (unsigned) {
      ordered.add("unsigned");
    }
    if (words.contains("signed") && words.contains("char")) {
      ordered.add("signed");
    }
    for (String word : List.of("short", "char", "void", "bool", "_Bool")) {
      if (words.contains(word)) {
        ordered.add(word);
      }
    }
    for (int i = 0; i < longs; i++) {
      ordered.add("long");
    }
    if (words.contains("int") || ordered.isEmpty()) {
      ordered.add("int");
    }
    String base = String.join(" ", ordered);
    String canonical = CANONICAL.getOrDefault(base, base);
    boolean valid =
        Set.of(
                "int",
                "unsigned int",
                "short",
                "unsigned short",
                "long",
                "unsigned long",
                "long long",
                "unsigned long long",
                "char",
                "signed char",
                "unsigned char",
                "void",
                "bool",
                "_Bool")
            .contains(canonical);
    if (!valid) {
      throw cursor.error(span, "\"" + String.join(" ", words) + "\" is not a C type", null);
    }
    return canonical;
  }
}
