/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.facts.CodeLocation;
import io.jargdist.os.RegularFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds the files of places open, so that programs can be attached there again later: to these same
 * files, whatever has become of their paths. Owns the open files.
 */
final class OpenPlaces implements AutoCloseable {
  private final Map<String, RegularFile> byPath = new HashMap<>();

  /**
   * Returns the same places, in files that are open as long as this is not closed.
   *
   * @param points in files that are open now
   */
  List<AttachPoint> opened(List<AttachPoint> points) throws IOException {
    List<AttachPoint> opened = new ArrayList<>();
    for (AttachPoint point : points) {
      opened.add(point instanceof UprobePoint uprobe ? opened(uprobe) : point);
    }
    return opened;
  }

  private UprobePoint opened(UprobePoint point) throws IOException {
    CodeLocation location = point.location();
    RegularFile file = byPath.get(location.path());
    if (file == null) {
      file = RegularFile.open(location.path(), location.display());
      byPath.put(location.path(), file);
    }
    return new UprobePoint(
        new CodeLocation(file.path(), location.offset(), location.display()),
        point.moment(),
        point.semaphoreOffset());
  }

  @Override
  public void close() {
    byPath.values().forEach(RegularFile::close);
    byPath.clear();
  }
}
