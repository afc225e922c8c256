/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what a probe that can be attached cannot see: whole sentences for people that also say
 * what to do, about known facts only. The target's names are in them as they are, so the printer
 * must escape them. For one probe. Not thread-safe.
 */
public final class Warnings {
  /** More would not be read, and a target's names must not make a message of any size. */
  private static final int MOST = 20;

  private static final int LONGEST = 1000;

  private final Set<String> sentences = new LinkedHashSet<>();

  public void add(String sentence) {
    if (sentences.size() < MOST) {
      sentences.add(
          sentence.length() <= LONGEST ? sentence : sentence.substring(0, LONGEST) + "...");
    }
  }

  /** Returns the warnings in the order in which they were found, each once. */
  public List<String> all() {
    return List.copyOf(sentences);
  }
}
