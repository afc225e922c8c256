/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntSupplier;

/** Loads the class that knows a discount for each order anew, as scripts and templates are. */
public final class Discounts {
  private final byte[] rule;

  Discounts() throws IOException {
    String file = "Discounts$Rule.class";
    try (InputStream in = Discounts.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new FileNotFoundException(file);
      }
      rule = in.readAllBytes();
    }
  }

  int percent() throws ReflectiveOperationException {
    Class<?> loaded = new Loader().load(rule);
    return ((IntSupplier) loaded.getDeclaredConstructor().newInstance()).getAsInt();
  }

  private static final class Loader extends ClassLoader {
    Loader() {
      super(Discounts.class.getClassLoader());
    }

    Class<?> load(byte[] content) {
      return defineClass(null, content, 0, content.length);
    }
  }

  /** The class that is loaded. */
  public static final class Rule implements IntSupplier {
    public Rule() {}

    @Override
    public int getAsInt() {
      return 10;
    }
  }
}
