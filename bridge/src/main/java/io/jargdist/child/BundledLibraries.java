/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The third-party jars that travel inside jargdist.jar, under {@code lib/}: unpacked to {@link
 * PrivateDirectory}, each under the hash of its content, which is verified at every start.
 */
public final class BundledLibraries {
  private BundledLibraries() {}

  /**
   * The class path of a child: jargdist.jar and what it brings. In a build that runs from folders
   * of classes, this JVM's own class path.
   */
  public static List<Path> classPath() throws IOException {
    Path self = self();
    if (Files.isDirectory(self) || !hasLibraries(self)) {
      return Arrays.stream(System.getProperty("java.class.path").split(":"))
          .map(Path::of)
          .map(Path::toAbsolutePath)
          .toList();
    }
    List<Path> path = new ArrayList<>();
    path.add(self);
    Path directory = PrivateDirectory.subdirectory("lib");
    try (JarFile jar = new JarFile(self.toFile())) {
      for (JarEntry entry : libraries(jar)) {
        try (InputStream in = jar.getInputStream(entry)) {
          path.add(
              unpack(in.readAllBytes(), entry.getName().substring("lib/".length()), directory));
        }
      }
    }
    return path;
  }

  /** The jar or folder that this class came from. */
  public static Path self() throws IOException {
    try {
      return Path.of(
          BundledLibraries.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the agent's jar has no usable path", e);
    }
  }

  private static boolean hasLibraries(Path self) throws IOException {
    try (JarFile jar = new JarFile(self.toFile())) {
      return !libraries(jar).isEmpty();
    }
  }

  private static List<JarEntry> libraries(JarFile jar) {
    List<JarEntry> found = new ArrayList<>();
    for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
      JarEntry entry = entries.nextElement();
      if (entry.getName().startsWith("lib/") && entry.getName().endsWith(".jar")) {
        found.add(entry);
      }
    }
    return found;
  }

  private static Path unpack(byte[] content, String name, Path directory) throws IOException {
    Path target = directory.resolve(hash(content).substring(0, 16) + "-" + name);
    if (Files.exists(target) && Arrays.equals(Files.readAllBytes(target), content)) {
      return target;
    }
    Path temporary = Files.createTempFile(directory, "new-", ".jar");
    Files.write(temporary, content);
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
    return target;
  }

  private static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
