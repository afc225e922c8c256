/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A position in a specifier's text, and the errors that name it. */
final class Cursor {
  private final String text;
  private int position;
  private String field = "probe type";

  Cursor(String text) {
    this.text = text;
  }

  /** Sets the name that diagnostics have for the part that is read now. */
  void field(String name) {
    field = name;
  }

  String text() {
    return text;
  }

  int position() {
    return position;
  }

  void moveTo(int newPosition) {
    position = newPosition;
  }

  /** Returns the character here; NUL at the end. */
  char peek() {
    return peek(0);
  }

  char peek(int ahead) {
    int at = position + ahead;
    return at < text.length() ? text.charAt(at) : '\0';
  }

  boolean atEnd() {
    return position >= text.length();
  }

  char next() {
    return text.charAt(position++);
  }

  void skipBlanks() {
    while (peek() == ' ' || peek() == '\t') {
      position++;
    }
  }

  /** Skips blanks and then {@code expected}, if it is there. */
  boolean accept(String expected) {
    skipBlanks();
    if (text.startsWith(expected, position)) {
      position += expected.length();
      return true;
    }
    return false;
  }

  void expect(String expected, @Nullable String hint) throws SpecifierException {
    if (!accept(expected)) {
      throw error(here(), "expected \"" + expected + "\"" + found(), hint);
    }
  }

  /** " but found ..." for a message. */
  String found() {
    return atEnd() ? " at the end" : " but found \"" + character() + "\"";
  }

  /** Returns the whole character here, also one of two chars. */
  String character() {
    return Character.toString(text.codePointAt(position));
  }

  /** Returns an identifier after blanks; null if none begins here. */
  @Nullable String identifier() {
    skipBlanks();
    int start = position;
    if (!isIdentifierStart(peek())) {
      return null;
    }
    while (isIdentifierStart(peek()) || isDigit(peek())) {
      position++;
    }
    return text.substring(start, position);
  }

  /** Returns the text up to one of the characters, or the end; the cursor stops before it. */
  String until(Set<Character> ends) {
    int start = position;
    while (!atEnd() && !ends.contains(peek())) {
      position++;
    }
    return text.substring(start, position);
  }

  Span here() {
    return new Span(position, Math.min(position + 1, Math.max(position, text.length())));
  }

  Span from(int start) {
    int end = position;
    while (end > start + 1 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return new Span(start, Math.max(start, end));
  }

  SpecifierException error(Span span, String reason, @Nullable String hint) {
    return new SpecifierException(text, new Diagnostic(field, span, reason, hint));
  }

  static boolean isIdentifierStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
