/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

/**
 * A specifier that cannot be accepted. The message is the rendered diagnostic: reason, the
 * specifier, a caret line and the hint, on several lines; {@link #diagnostic()} has its parts.
 */
public final class SpecifierException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Diagnostic diagnostic;

  public SpecifierException(String specifier, Diagnostic diagnostic) {
    super(render(specifier, diagnostic));
    this.diagnostic = diagnostic;
  }

  public Diagnostic diagnostic() {
    return diagnostic;
  }

  private static String render(String specifier, Diagnostic diagnostic) {
    Span span = diagnostic.span();
    // One column per character, whatever the text holds, so that the caret stays under what it
    // names.
    String line =
        specifier.replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]", " ");
    int start = Math.min(span.start(), specifier.length());
    int end = Math.min(span.end(), specifier.length());
    String caret =
        " ".repeat(specifier.codePointCount(0, start))
            + "^".repeat(Math.max(1, specifier.codePointCount(start, Math.max(start, end))));
    String text = diagnostic.field() + ": " + diagnostic.reason() + "\n  " + line + "\n  " + caret;
    return diagnostic.hint() == null ? text : text + "\nhint: " + diagnostic.hint();
  }
}
