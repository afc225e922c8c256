/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.KernelFile;
import java.io.IOException;
import java.nio.file.Path;

/** The running kernel's uname. */
final class KernelIdentity {
  private KernelIdentity() {}

  static String release() throws IOException {
    return KernelFile.text(Path.of("/proc/sys/kernel/osrelease")).strip();
  }

  static String version() throws IOException {
    return KernelFile.text(Path.of("/proc/sys/kernel/version")).strip();
  }
}
