/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The third-party jars that travel inside jargdist.jar, under {@code lib/}: unpacked to {@link
 * PrivateDirectory}, each under a name that tells its content, which is compared at every start.
 *
 * <p>A child is started only from files that no other user can replace. Everything is streamed, so
 * a JVM that starts a bridge never has a jar in its heap.
 */
public final class BundledLibraries {
  private static final String LIBRARIES = "lib/";
  private static final String NATIVE_JAR = LIBRARIES + "jffi-.*-native\\.jar";
  private static final String NATIVE_FILE = "jni/%s-Linux/libjffi-1.2.so";

  private BundledLibraries() {}

  /**
   * What a JVM needs to run our code with its libraries.
   *
   * @param classPath jargdist.jar and what it brings; in a build that runs from folders of classes,
   *     this JVM's own class path
   * @param properties of the system, {@code NAME=VALUE}: where jffi finds its native part, which it
   *     would unpack at every start otherwise
   */
  public record Unpacked(List<Path> classPath, List<String> properties) {
    public Unpacked {
      classPath = List.copyOf(classPath);
      properties = List.copyOf(properties);
    }
  }

  /**
   * Unpacks the libraries for a child of this JVM.
   *
   * @throws IOException if another user can replace the jar, or the files cannot be made
   */
  public static Unpacked forChild() throws IOException {
    Path self = self();
    if (Files.isDirectory(self)) {
      return fromFolders();
    }
    Path trusted;
    try {
      trusted = PathTrust.LASTING.check(self);
    } catch (IOException lasting) {
      try {
        trusted = copied(PathTrust.NOW.check(self));
      } catch (IOException e) {
        throw new IOException(
            "no process is started from "
                + self
                + ", since "
                + e.getMessage()
                + ": have jargdist.jar where only root and this JVM's user can write",
            e);
      }
    }
    return unpack(trusted);
  }

  /**
   * Unpacks the libraries for this process, which was started from the jar just now: its user
   * trusts the jar, wherever it is. It goes on with a copy if others could replace the jar.
   */
  public static Unpacked forCommand() throws IOException {
    Path self = self();
    if (Files.isDirectory(self)) {
      return fromFolders();
    }
    Path lasting;
    try {
      lasting = PathTrust.LASTING.check(self);
    } catch (IOException e) {
      lasting = copied(self);
    }
    return unpack(lasting);
  }

  /** Returns the jar or folder that this class came from. */
  public static Path self() throws IOException {
    try {
      return Path.of(
          BundledLibraries.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the agent's jar has no usable path", e);
    }
  }

  private static Unpacked fromFolders() {
    List<Path> path =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            .map(Path::of)
            .map(Path::toAbsolutePath)
            .toList();
    return new Unpacked(path, List.of());
  }

  private static Path copied(Path jar) throws IOException {
    Checksum checksum = Checksum.of(jar);
    String name = Long.toHexString(checksum.crc()) + "-jargdist.jar";
    Path copy = PrivateDirectory.subdirectory("lib").resolve(name);
    return unpack(() -> Files.newInputStream(jar), checksum, copy);
  }

  private static Unpacked unpack(Path self) throws IOException {
    List<Path> path = new ArrayList<>();
    List<String> properties = new ArrayList<>();
    path.add(self);
    Path folder = PrivateDirectory.subdirectory("lib");
    try (JarFile jar = new JarFile(self.toFile())) {
      for (JarEntry entry : libraries(jar)) {
        Path library = unpack(jar, entry, folder, entry.getName().substring(LIBRARIES.length()));
        path.add(library);
        if (entry.getName().matches(NATIVE_JAR)) {
          properties.addAll(nativeLibrary(library));
        }
      }
    }
    // The class path of this JVM has the libraries if the build bundles none.
    return path.size() == 1 ? fromFolders() : new Unpacked(path, properties);
  }

  private static List<String> nativeLibrary(Path library) throws IOException {
    Path folder = PrivateDirectory.subdirectory("native");
    List<String> properties = new ArrayList<>();
    // jffi unpacks its native part into this folder if it does not find it. Its default is /tmp.
    properties.add("jffi.extract.dir=" + folder);
    String architecture = System.getProperty("os.arch", "").equals("amd64") ? "x86_64" : "aarch64";
    try (JarFile jar = new JarFile(library.toFile())) {
      JarEntry entry = jar.getJarEntry(NATIVE_FILE.replace("%s", architecture));
      if (entry != null) {
        Path own = PrivateDirectory.subdirectory("native-" + Long.toHexString(entry.getCrc()));
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        Path file = own.resolve(name);
        unpack(() -> jar.getInputStream(entry), Checksum.of(entry), file);
        properties.add("jffi.boot.library.path=" + own);
      }
    }
    return properties;
  }

  private static List<JarEntry> libraries(JarFile jar) {
    List<JarEntry> found = new ArrayList<>();
    for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
      JarEntry entry = entries.nextElement();
      if (entry.getName().startsWith(LIBRARIES) && entry.getName().endsWith(".jar")) {
        found.add(entry);
      }
    }
    return found;
  }

  private static Path unpack(JarFile jar, JarEntry entry, Path folder, String name)
      throws IOException {
    return unpack(
        () -> jar.getInputStream(entry),
        Checksum.of(entry),
        folder.resolve(Long.toHexString(entry.getCrc()) + "-" + name));
  }

  private interface Content {
    InputStream open() throws IOException;
  }

  /** Makes a file of the content, unless there is one that has it. */
  private static Path unpack(Content content, Checksum expected, Path target) throws IOException {
    if (Files.isRegularFile(target) && Checksum.of(target).equals(expected)) {
      return target;
    }
    Path folder = target.getParent();
    Path temporary = Files.createTempFile(folder, "new-", ".part");
    try (InputStream in = content.open()) {
      try (OutputStream out = Files.newOutputStream(temporary)) {
        in.transferTo(out);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return target;
  }
}
