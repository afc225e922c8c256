/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the requests whose text was compiled here, so that a compiler is started only for new
 * ones. This is a guess, since a request leads to another text if a library has changed.
 * Thread-safe, also between processes.
 */
public final class TextOrigins {
  private static final int MOST = 1024;

  private final FileCache files;

  /**
   * @param folder a folder that is private to this user
   */
  public TextOrigins(Path folder) {
    this.files = new FileCache(folder, MOST);
  }

  /** Returns whether the text of a request has probably been compiled. */
  public boolean isKnown(String request) {
    String name = name(request);
    return name != null && files.read(name, content -> true) != null;
  }

  /** Notes that the text of a request has been compiled. */
  public void add(String request) {
    String name = name(request);
    if (name != null) {
      files.write(name, new byte[0]);
    }
  }

  private static @Nullable String name(String request) {
    String compiler = CompilerIdentity.text();
    return compiler == null
        ? null
        : FileCache.nameFor((compiler + "\0" + request).getBytes(StandardCharsets.UTF_8), ".known");
  }
}
