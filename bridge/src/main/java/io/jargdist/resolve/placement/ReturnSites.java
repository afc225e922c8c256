/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.util.List;

/** The instructions by which a function returns, or why they are not all known. */
public sealed interface ReturnSites {
  /** All of them, in the order in which they were found; empty if they are not all known. */
  List<Site> sites();

  /** Returns it for people: {@code "2 return instructions"}, {@code "no: it never returns"}. */
  String text();

  /**
   * @param sites at least one
   */
  record Found(List<Site> sites) implements ReturnSites {
    public Found {
      sites = List.copyOf(sites);
    }

    @Override
    public String text() {
      long shared = sites.stream().filter(Site::shared).count();
      String count =
          sites.size() == 1 ? "1 return instruction" : sites.size() + " return instructions";
      return shared == 0 ? count : count + ", " + shared + " of them in functions that it jumps to";
    }
  }

  /**
   * @param because for people, to follow the function's name and a colon
   */
  record Refused(Reason reason, String because) implements ReturnSites {
    @Override
    public List<Site> sites() {
      return List.of();
    }

    @Override
    public String text() {
      return "no: " + because;
    }
  }

  /**
   * A return instruction.
   *
   * @param address in the image
   * @param display for people: {@code "read+52"}
   * @param shared whether it is another function's, to which the function jumps at its end, so that
   *     calls of that one return here, too
   */
  record Site(long address, String display, boolean shared) {}

  /** The kinds of reasons. */
  enum Reason {
    UNKNOWN_END("no symbol says where it ends, or it is too large"),
    TOO_MANY_PARTS("it jumps to too many other functions and pieces"),
    NOT_DECODED("not all of it can be decoded"),
    JUMP_TO_UNKNOWN("it jumps to code without a symbol"),
    JUMP_INTO_FUNCTION("it jumps into another function"),
    INDIRECT_JUMP("it jumps to where only the running program knows"),
    SWITCH("it has a switch whose table is not understood"),
    JUMP_TO_ENTRY("it jumps to its own entry"),
    UNREACHED("it has returns that no known way leads to"),
    OTHER_RETURN("it returns by an instruction that is no plain return"),
    RUNS_ON("it runs on into what follows it"),
    ENTRY_IS_RETURN("it does nothing but return"),
    NEVER("it never returns"),
    TOO_MANY("it has too many return instructions");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** Returns it for people, with "it" for the function. */
    public String text() {
      return text;
    }
  }
}
