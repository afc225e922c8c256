/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

/** Why a replaced return address of a function could do harm, the worst first. */
public enum ReturnDanger {
  HOTSPOT("HotSpot walks stacks by return addresses"),
  SECCOMP("seccomp could end the process at a replaced return address"),
  EXCEPTIONS("C++ exceptions do not pass a replaced return address");

  private final String text;

  ReturnDanger(String text) {
    this.text = text;
  }

  /** Returns it for people. */
  public String text() {
    return text;
  }
}
