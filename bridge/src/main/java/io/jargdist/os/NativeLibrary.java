/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import com.kenai.jffi.Library;

/** A shared library of native code. It stays loaded as long as this process runs. */
public final class NativeLibrary {
  /** The C library, which every process has. */
  static final NativeLibrary C = open("libc.so.6");

  private final Library library;
  private final String name;

  private NativeLibrary(Library library, String name) {
    this.library = library;
    this.name = name;
  }

  /**
   * @param name as dlopen(3) looks for it
   * @throws UnsatisfiedLinkError if it cannot be loaded
   */
  public static NativeLibrary open(String name) {
    Library library = Library.openLibrary(name, Library.LAZY | Library.LOCAL);
    if (library == null) {
      throw new UnsatisfiedLinkError(Library.getLastError());
    }
    return new NativeLibrary(library, name);
  }

  /**
   * Returns a function of this library, or of a library that this one needs.
   *
   * @throws UnsatisfiedLinkError if there is none of this name
   */
  public NativeFunction function(String function) {
    long address = library.getSymbolAddress(function);
    if (address == 0) {
      throw new UnsatisfiedLinkError(name + " has no function " + function);
    }
    return new NativeFunction(address);
  }
}
