/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the returns of a function of user code are seen. */
public sealed interface Returns {
  /** The kinds. A switch over them without a default compiles only if it handles each. */
  enum Kind {
    REPLACED,
    INSTRUCTIONS
  }

  Kind kind();

  /**
   * The kernel replaces the return address of each call (uretprobe).
   *
   * @param danger null if that can do no harm
   */
  record Replaced(@Nullable ReturnDanger danger) implements Returns {
    @Override
    public Kind kind() {
      return Kind.REPLACED;
    }
  }

  /**
   * All instructions by which the function returns are probed.
   *
   * @param places at least one
   */
  record Instructions(List<CodeLocation> places) implements Returns {
    public Instructions {
      places = List.copyOf(places);
    }

    @Override
    public Kind kind() {
      return Kind.INSTRUCTIONS;
    }
  }
}
