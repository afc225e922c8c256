/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A running process and the files that it has mapped to run code from. A moment's view; ask again
 * for libraries that are loaded later.
 *
 * @param pid as this process sees it
 */
public record TargetProcess(long pid, PidFilter filter, List<MappedFile> files) {
  public TargetProcess {
    files = List.copyOf(files);
  }

  /**
   * A mapped file.
   *
   * @param path as the target sees it, without a {@code (deleted)} mark
   * @param openPath what to open: the mapping's own link, which leads to the file that runs even if
   *     another one has its name by now, or if it is in a container
   */
  public record MappedFile(String path, Path openPath) {
    /** The last part of its path. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  /**
   * @throws MachineException if there is no such process, or it may not be looked at
   */
  public static TargetProcess of(long pid) throws MachineException {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      Map<String, MappedFile> files = new LinkedHashMap<>();
      for (String line : Files.readAllLines(process.resolve("maps"))) {
        // address perms offset dev inode path; the path may have blanks.
        String[] parts = line.split("\\s+", 6);
        if (parts.length == 6 && parts[1].charAt(2) == 'x' && parts[5].startsWith("/")) {
          String path = parts[5].replace(" (deleted)", "");
          files.putIfAbsent(path, new MappedFile(path, openPath(process, parts[0], path)));
        }
      }
      return new TargetProcess(pid, PidFilter.of(pid), new ArrayList<>(files.values()));
    } catch (NoSuchFileException e) {
      throw new MachineException("there is no process " + pid, e);
    } catch (IOException e) {
      throw new MachineException(
          "process " + pid + " may not be inspected (" + e.getMessage() + "): run as root", e);
    }
  }

  private static Path openPath(Path process, String range, String path) {
    // The kernel prints these links without leading zeros, maps pads small addresses.
    int dash = range.indexOf('-');
    String link =
        Long.toHexString(Long.parseUnsignedLong(range.substring(0, dash), 16))
            + "-"
            + Long.toHexString(Long.parseUnsignedLong(range.substring(dash + 1), 16));
    Path mapFile = process.resolve("map_files").resolve(link);
    return Files.isReadable(mapFile) ? mapFile : process.resolve("root" + path);
  }
}
