/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.resolve.MachineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what another compiler made in a folder, by the text, the kernel and the libbcc that made
 * it. A file that is not whole counts as absent. Thread-safe, also between processes.
 */
public final class CachingCompiler implements Compiler {
  private static final int KEPT_IMAGES = 256;
  private static final List<Path> LIBRARY_FOLDERS =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib/aarch64-linux-gnu"),
          Path.of("/usr/lib64"),
          Path.of("/usr/lib"),
          Path.of("/usr/local/lib"));

  private final Compiler compiler;
  private final Path folder;

  /**
   * @param folder private to this user: programs in it are trusted
   */
  public CachingCompiler(Compiler compiler, Path folder) {
    this.compiler = compiler;
    this.folder = folder;
  }

  @Override
  public ProgramImage compile(String text) throws CompileException, MachineException {
    Path file = file(text);
    ProgramImage known = file == null ? null : read(file);
    if (known != null) {
      return known;
    }
    ProgramImage image = compiler.compile(text);
    if (file != null) {
      write(file, image);
    }
    return image;
  }

  private static @Nullable ProgramImage read(Path file) {
    try {
      return ProgramImage.decode(Files.readAllBytes(file));
    } catch (IOException e) {
      return null;
    }
  }

  /** A cache that cannot be written costs time, nothing else. */
  private void write(Path file, ProgramImage image) {
    try {
      Path temporary = Files.createTempFile(folder, "new-", ".image");
      Files.write(temporary, image.encode());
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      removeOldest();
    } catch (IOException e) {
      // See above.
    }
  }

  private void removeOldest() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> newestFirst =
          files.sorted(Comparator.comparing(CachingCompiler::modified).reversed()).toList();
      for (Path file :
          newestFirst.subList(Math.min(KEPT_IMAGES, newestFirst.size()), newestFirst.size())) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  /** Null if it is not known what would compile the text. */
  private @Nullable Path file(String text) {
    try {
      for (Path libraryFolder : LIBRARY_FOLDERS) {
        Path library = libraryFolder.resolve("libbcc.so.0");
        if (Files.isRegularFile(library)) {
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          String made =
              String.join(
                  "\0",
                  KernelIdentity.release(),
                  KernelIdentity.version(),
                  library.toRealPath().toString(),
                  Long.toString(Files.size(library)),
                  Files.getLastModifiedTime(library).toString(),
                  text);
          byte[] hash = digest.digest(made.getBytes(StandardCharsets.UTF_8));
          return folder.resolve(HexFormat.of().formatHex(hash) + ".image");
        }
      }
      return null;
    } catch (IOException | NoSuchAlgorithmException e) {
      return null;
    }
  }
}
