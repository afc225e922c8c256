/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The JDKs that a target can run on: the one that runs the tests, and those of the versions 17, 21
 * and 25 that are in {@code /usr/lib/jvm} or in the folder that the environment variable {@code
 * JARGDIST_JDKS} names. Each version is there once. A release need not have all of them, so that
 * one is not there is no skip; which ones are used is said once on stderr.
 */
public final class Jdks {
  private static final List<Integer> VERSIONS = List.of(17, 21, 25);
  private static final List<Path> ALL = find();

  private Jdks() {}

  /** All of them, the one that runs the tests first. */
  public static List<Path> all() {
    return ALL;
  }

  public static Path own() {
    return Path.of(System.getProperty("java.home"));
  }

  /** The version of a JDK by its one number, such as 17; 0 if the folder is none that has javac. */
  public static int feature(Path jdk) {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(jdk.resolve("release"))) {
      release.load(in);
    } catch (IOException e) {
      return 0;
    }
    String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
    if (version.isEmpty() || !Files.isExecutable(jdk.resolve("bin/javac"))) {
      return 0;
    }
    return Runtime.Version.parse(version).feature();
  }

  private static List<Path> find() {
    List<Path> found = new ArrayList<>();
    List<Integer> left = new ArrayList<>(VERSIONS);
    found.add(own());
    left.remove((Integer) Runtime.version().feature());
    for (Path jdk : folders()) {
      if (left.remove((Integer) feature(jdk))) {
        found.add(jdk);
      }
    }
    System.err.println("tests of whole processes run on " + found + ", no JDK here: " + left);
    return Collections.unmodifiableList(found);
  }

  private static List<Path> folders() {
    String folder = System.getenv("JARGDIST_JDKS");
    Path path = Path.of(folder == null ? "/usr/lib/jvm" : folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> jdks = Files.list(path)) {
      List<Path> folders = new ArrayList<>();
      for (Path jdk : jdks.sorted().toList()) {
        folders.add(jdk.toRealPath());
      }
      return folders;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
