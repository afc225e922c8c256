/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

/** The smallest application. */
public final class Hello {
  private Hello() {}

  public static void main(String[] args) {
    System.out.println("hello, world");
  }
}
