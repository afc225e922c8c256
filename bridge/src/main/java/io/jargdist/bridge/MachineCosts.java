/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.child.PrivateDirectory;
import io.jargdist.kernel.KernelException;
import io.jargdist.kernel.UprobeMeasurement;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What probes cost on this machine: measured when it is first asked for, and kept on disk until the
 * next boot. Thread-safe.
 */
final class MachineCosts {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private @Nullable UprobeCosts costs;

  /** {@link UprobeCosts#UNKNOWN} if this process cannot measure. */
  synchronized UprobeCosts uprobes() {
    if (costs == null) {
      costs = readOrMeasure();
    }
    return costs;
  }

  private static UprobeCosts readOrMeasure() {
    Path file = null;
    try {
      Path folder = PrivateDirectory.subdirectory("measured");
      file = folder.resolve("uprobes-" + Files.readString(BOOT_ID).strip());
      return UprobeCosts.decode(Files.readString(file));
    } catch (IOException e) {
      // Not measured since the boot, or by another version.
    }
    try {
      UprobeCosts measured = UprobeMeasurement.measure(PrivateDirectory.subdirectory("native"));
      if (file != null) {
        write(file, measured);
      }
      return measured;
    } catch (IOException | KernelException e) {
      return UprobeCosts.UNKNOWN;
    }
  }

  /** What cannot be written is measured again. */
  private static void write(Path file, UprobeCosts measured) {
    try {
      Path folder = file.resolveSibling("");
      try (Stream<Path> files = Files.list(folder)) {
        for (Path old : files.toList()) {
          Files.deleteIfExists(old);
        }
      }
      Path temporary = Files.createTempFile(folder, "new-", "");
      Files.writeString(temporary, measured.encode());
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // See above.
    }
  }
}
