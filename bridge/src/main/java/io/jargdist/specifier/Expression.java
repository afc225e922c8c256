/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.math.BigInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A C expression of the specifier language. Every node knows where it stands in the text.
 *
 * <p>There is no call, assignment or statement among the nodes: what cannot be said here cannot
 * reach the compiler.
 */
public sealed interface Expression {
  Span span();

  /** Answers what the visitor does for this kind of node. */
  <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E;

  /** An operation for all kinds of nodes. */
  interface Visitor<R, E extends Exception> {
    R literal(Literal literal) throws E;

    R name(Name name) throws E;

    R builtin(Builtin builtin) throws E;

    R entryValue(EntryValue entry) throws E;

    R kept(Kept kept) throws E;

    R usdtArgument(UsdtArgument argument) throws E;

    R tracepointField(TracepointField field) throws E;

    R unary(Unary unary) throws E;

    R binary(Binary binary) throws E;

    R conditional(Conditional conditional) throws E;

    R member(Member member) throws E;

    R index(Index index) throws E;

    R cast(Cast cast) throws E;

    R sizeOf(SizeOf sizeOf) throws E;

    R stringMatch(StringMatch match) throws E;

    R hostOrder(HostOrder number) throws E;

    R explained(Explained key) throws E;
  }

  /**
   * An integer or character literal.
   *
   * @param value not negative, below 2^64
   * @param unsigned whether a {@code u} suffix was written
   * @param isLong whether an {@code l} or {@code ll} suffix was written
   * @param decimal whether it was written in base 10, which decides its C type
   */
  record Literal(BigInteger value, boolean unsigned, boolean isLong, boolean decimal, Span span)
      implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.literal(this);
    }
  }

  /**
   * A parameter of the signature, an argument of a USDT probe, or the upper-case name of a
   * constant.
   */
  record Name(String name, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.name(this);
    }
  }

  /** A value that the probe itself provides. */
  record Builtin(BuiltinValue value, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.builtin(this);
    }
  }

  /** {@code $entry(parameter)}: the parameter's value when the function was entered. */
  record EntryValue(String parameter, Span nameSpan, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.entryValue(this);
    }
  }

  /**
   * {@code $entry(expression)} in a pair: what the expression was at the first event.
   *
   * @param value an expression of the first event
   */
  record Kept(Expression value, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.kept(this);
    }
  }

  /**
   * {@code argN}: the N-th argument of a USDT probe.
   *
   * @param number from 1 to 99
   */
  record UsdtArgument(int number, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.usdtArgument(this);
    }
  }

  /** {@code args->FIELD}: a field of a tracepoint. */
  record TracepointField(String field, Span fieldSpan, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.tracepointField(this);
    }
  }

  record Unary(UnaryOperator operator, Expression operand, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.unary(this);
    }
  }

  record Binary(
      BinaryOperator operator, Expression left, Expression right, Span operatorSpan, Span span)
      implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.binary(this);
    }
  }

  /** {@code condition ? whenTrue : whenFalse}. */
  record Conditional(Expression condition, Expression whenTrue, Expression whenFalse, Span span)
      implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.conditional(this);
    }
  }

  /**
   * {@code object->member} or {@code object.member}.
   *
   * @param arrow whether the object is a pointer
   */
  record Member(Expression object, boolean arrow, String member, Span memberSpan, Span span)
      implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.member(this);
    }
  }

  /** {@code array[index]} with a literal index. */
  record Index(Expression array, long index, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.index(this);
    }
  }

  record Cast(TypeName type, Expression operand, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.cast(this);
    }
  }

  record SizeOf(TypeName type, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.sizeOf(this);
    }
  }

  /**
   * {@code STREQ("text", pointer)} and the like. Its value is 1 or 0.
   *
   * @param text the literal's characters after its escapes are resolved, never empty, each below
   *     U+0100 and not NUL
   */
  record StringMatch(TextMatch match, String text, Expression pointer, Span span)
      implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.stringMatch(this);
    }
  }

  /**
   * {@code ntohs(number)} or {@code ntohl(number)}: a number in the order of bytes that networks
   * use, in the one of the processor.
   *
   * @param function {@link BuiltinFunction#NTOHS} or {@link BuiltinFunction#NTOHL}
   */
  record HostOrder(BuiltinFunction function, Expression number, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.hostOrder(this);
    }
  }

  /**
   * {@code $IP(value)} and the like: a key that is shown as text. The program keeps what tells it
   * from others, and the reader makes the text.
   *
   * @param value what is explained
   */
  record Explained(Explanation explanation, Expression value, Span span) implements Expression {
    @Override
    public <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E {
      return visitor.explained(this);
    }
  }

  /** A name in the text for a value of the probe. */
  enum BuiltinValue {
    RETVAL("$retval", true),
    LATENCY("$latency", true),
    PID("$PID", false),
    TID("$TID", false),
    COMM("$COMM", false),
    CPU("$CPU", false),
    /** argdist's undocumented local: the kernel's thread id. */
    KERNEL_PID("__pid", false),
    /** argdist's undocumented local: the kernel's process id. */
    KERNEL_TGID("__tgid", false);

    private final String text;
    private final boolean atReturn;

    BuiltinValue(String text, boolean atReturn) {
      this.text = text;
      this.atReturn = atReturn;
    }

    public String text() {
      return text;
    }

    /** Whether it is known only when a function returns. */
    public boolean atReturn() {
      return atReturn;
    }

    /** Null if the text stands for none. */
    static @Nullable BuiltinValue of(String text) {
      return Stream.of(values()).filter(one -> one.text.equals(text)).findFirst().orElse(null);
    }
  }

  /** What is written as a call, of values or of a type. */
  enum BuiltinFunction {
    STRCMP("STRCMP", "\"text\", pointer"),
    STREQ("STREQ", "\"text\", pointer"),
    STRSTR("STRSTR", "\"text\", pointer"),
    STRENDS("STRENDS", "\"text\", pointer"),
    NTOHS("ntohs", "number"),
    NTOHL("ntohl", "number"),
    SIZEOF("sizeof", "type"),
    ENTRY("$entry", "parameter"),
    IP("$IP", "address"),
    FILE("$FILE", "descriptor");

    private final String text;
    private final String arguments;

    BuiltinFunction(String text, String arguments) {
      this.text = text;
      this.arguments = arguments;
    }

    public String text() {
      return text;
    }

    /** How it is written: {@code "sizeof(type)"}. */
    public String form() {
      return text + "(" + arguments + ")";
    }

    /** Null if no function has this name. */
    static @Nullable BuiltinFunction of(String text) {
      return Stream.of(values()).filter(one -> one.text.equals(text)).findFirst().orElse(null);
    }
  }

  /** How a string is compared with a literal. */
  enum TextMatch {
    /** Whether the string begins with the literal, as argdist asks. */
    BEGINS(BuiltinFunction.STRCMP, 80),
    /** Whether it is the literal. */
    EQUALS(BuiltinFunction.STREQ, 80),
    /** Whether the literal is in it. */
    CONTAINS(BuiltinFunction.STRSTR, 63),
    /** Whether it ends with the literal. */
    ENDS(BuiltinFunction.STRENDS, 63);

    private final BuiltinFunction function;
    private final int most;

    TextMatch(BuiltinFunction function, int most) {
      this.function = function;
      this.most = most;
    }

    public BuiltinFunction function() {
      return function;
    }

    /** Returns how many characters the literal may have. */
    int most() {
      return most;
    }

    /** Returns whether the literal can be anywhere in the string. */
    public boolean searches() {
      return this == CONTAINS || this == ENDS;
    }
  }

  /** What the text of a key says. */
  enum Explanation {
    /** An internet address, with the port if there is one. */
    ADDRESS(BuiltinFunction.IP),
    /** What a descriptor of the current process means: a path, the peer of a socket. */
    FILE(BuiltinFunction.FILE);

    private final BuiltinFunction function;

    Explanation(BuiltinFunction function) {
      this.function = function;
    }

    public BuiltinFunction function() {
      return function;
    }
  }

  enum UnaryOperator {
    NOT("!"),
    COMPLEMENT("~"),
    MINUS("-"),
    PLUS("+"),
    DEREFERENCE("*");

    private final String text;

    UnaryOperator(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * The operators, in order of falling precedence; those of one {@link #precedence()} group
   * leftwards.
   */
  enum BinaryOperator {
    MULTIPLY("*", 10),
    DIVIDE("/", 10),
    MODULO("%", 10),
    ADD("+", 9),
    SUBTRACT("-", 9),
    SHIFT_LEFT("<<", 8),
    SHIFT_RIGHT(">>", 8),
    LESS("<", 7),
    LESS_EQUAL("<=", 7),
    GREATER(">", 7),
    GREATER_EQUAL(">=", 7),
    EQUAL("==", 6),
    NOT_EQUAL("!=", 6),
    AND("&", 5),
    XOR("^", 4),
    OR("|", 3),
    LOGICAL_AND("&&", 2),
    LOGICAL_OR("||", 1);

    private final String text;
    private final int precedence;

    BinaryOperator(String text, int precedence) {
      this.text = text;
      this.precedence = precedence;
    }

    public String text() {
      return text;
    }

    /** Higher binds tighter. */
    public int precedence() {
      return precedence;
    }
  }
}
