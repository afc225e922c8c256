/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the event of a specifier, or the two events of a pair. */
final class EventParser {
  private static final int MAX_PARAMETERS = 6;
  private static final int MAX_ON = 4;

  private final Cursor cursor;
  private final TypeParser types;
  private final ProbePointParser points;

  EventParser(Cursor cursor, TypeParser types) {
    this.cursor = cursor;
    this.types = types;
    this.points = new ProbePointParser(cursor);
  }

  /**
   * An event as it is written.
   *
   * @param vocabulary for expressions at the event
   */
  record Parsed(ProbeType type, Event event, Vocabulary vocabulary, @Nullable Span on) {}

  /**
   * The events of a specifier.
   *
   * @param first null if they are no pair
   */
  record Events(@Nullable Parsed first, Parsed last) {}

  Events events() throws SpecifierException {
    Parsed first = event(null);
    if (cursor.accept("..")) {
      return new Events(first, second(first));
    }
    checkAlone(first);
    return new Events(null, first);
  }

  /**
   * @param first event of the pair whose second one is parsed; null if this is the first
   */
  private Parsed event(@Nullable Parsed first) throws SpecifierException {
    ProbeType type = points.type();
    return rest(type, points.point(type), first);
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
    Parsed second =
        points.hasType()
            ? event(first)
            : rest(first.type(), points.second(first.type(), first.event().point()), first);
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

  private void checkAlone(Parsed only) throws SpecifierException {
    if (only.on() != null) {
      cursor.field("on");
      throw cursor.error(
          only.on(), "\"on\" joins the two events of a pair", "FROM() on VALUE..TO() on VALUE");
    }
  }
}
