/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The JDKs that a target can run on: the one that runs the tests, and a JDK 25. */
public final class Jdks {
  private Jdks() {}

  /** All of them. Without a JDK 25 the tests run on one only, and fail if skips are forbidden. */
  public static List<Path> all() throws IOException {
    List<Path> found = new ArrayList<>();
    found.add(own());
    String folder = System.getenv("JARGDIST_JDKS");
    try (Stream<Path> jdks = Files.list(Path.of(folder == null ? "/usr/lib/jvm" : folder))) {
      jdks.filter(jdk -> isVersion(jdk, 25)).findFirst().ifPresent(found::add);
    }
    if (found.size() == 1) {
      System.err.println("no JDK 25 in /usr/lib/jvm or $JARGDIST_JDKS: its tests are skipped");
      assertThat(System.getProperty("jargdist.skips")).isNotEqualTo("forbidden");
    }
    return found;
  }

  public static Path own() {
    return Path.of(System.getProperty("java.home"));
  }

  private static boolean isVersion(Path jdk, int version) {
    try {
      return Files.isExecutable(jdk.resolve("bin/java"))
          && Files.readString(jdk.resolve("release")).contains("JAVA_VERSION=\"" + version + ".");
    } catch (IOException e) {
      return false;
    }
  }
}
