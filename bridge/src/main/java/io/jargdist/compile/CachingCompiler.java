/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.MachineException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Caches what another compiler made in a folder, by the text, the kernel and the libbcc that made
 * it. A file that is not whole counts as absent. Thread-safe, also between processes.
 */
public final class CachingCompiler implements Compiler {
  private static final int MOST_IMAGES = 256;

  private final Compiler compiler;
  private final FileCache files;

  /**
   * @param folder private to this user: programs in it are trusted
   */
  public CachingCompiler(Compiler compiler, Path folder) {
    this.compiler = compiler;
    this.files = new FileCache(folder, MOST_IMAGES);
  }

  @Override
  public ProgramImage compile(String text) throws CompileException, MachineException {
    String name = name(text);
    ProgramImage known = name == null ? null : files.read(name, ProgramImage::decode);
    if (known != null) {
      return known;
    }
    ProgramImage image = compiler.compile(text);
    if (name != null) {
      files.write(name, image.encode());
    }
    return image;
  }

  /** Returns null if it is not known which libbcc would compile the text. */
  private static @Nullable String name(String text) {
    String compiler = CompilerIdentity.text();
    return compiler == null
        ? null
        : FileCache.nameFor((compiler + "\0" + text).getBytes(StandardCharsets.UTF_8), ".image");
  }
}
