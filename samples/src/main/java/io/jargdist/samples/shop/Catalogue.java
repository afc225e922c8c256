/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * The products, one file each. Their sizes are spread evenly over the powers of two from 128 bytes
 * to 256 KiB, so a histogram of read sizes has many rows. Nothing is kept in memory.
 */
final class Catalogue {
  static final int PRODUCTS = 64;

  private static final int SMALLEST_LOG2 = 7;
  private static final int LARGEST_LOG2 = 18;
  private static final long SEED = 4711;

  private final Path folder;

  private Catalogue(Path folder) {
    this.folder = folder;
  }

  /** Writes the files of all products into the folder; the same ones every time. */
  static Catalogue stock(Path folder) throws IOException {
    Catalogue catalogue = new Catalogue(folder);
    Random random = new Random(SEED);
    for (int product = 0; product < PRODUCTS; product++) {
      double log2 = SMALLEST_LOG2 + random.nextDouble() * (LARGEST_LOG2 - SMALLEST_LOG2);
      String description = "x".repeat((int) Math.pow(2, log2));
      Files.writeString(catalogue.file(product), description, US_ASCII);
    }
    return catalogue;
  }

  /**
   * Returns the page that shows a product.
   *
   * @throws IllegalArgumentException if there is no such product
   */
  byte[] page(int product) throws IOException {
    if (product < 0 || product >= PRODUCTS) {
      throw new IllegalArgumentException("no product " + product);
    }
    try (FileInputStream in = new FileInputStream(file(product).toFile())) {
      String description = new String(in.readAllBytes(), US_ASCII);
      return String.format(Locale.ROOT, "<h1>Product %d</h1><p>%s</p>", product, description)
          .getBytes(US_ASCII);
    }
  }

  private Path file(int product) {
    return folder.resolve("product-" + product);
  }
}
