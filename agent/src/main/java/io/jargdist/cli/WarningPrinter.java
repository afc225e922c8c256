/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.wire.Message;
import java.util.HashSet;
import java.util.Set;

/** Says on stderr what attached probes cannot see: once, also if it holds for several of them. */
final class WarningPrinter {
  private final Progress progress;
  private final Set<String> said = new HashSet<>();

  WarningPrinter(Progress progress) {
    this.progress = progress;
  }

  void print(Message.Attached attached) {
    attached.warnings().forEach(this::print);
    attached.libraries().late().forEach(this::print);
  }

  private void print(String warning) {
    if (said.add(warning)) {
      progress.clear();
      Output.STDERR.complain("warning: " + warning);
    }
  }
}
