/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A tool of the same kind, started anew for each question. */
enum Peer {
  ARGDIST("argdist-bpfcc", "bpfcc-tools", "open uprobes") {
    @Override
    List<String> command(Target target) {
      return Argdist.command(
          List.of(
              "-v",
              "-p",
              target.pid(),
              "-H",
              "p:c:write(int fd, void *buf, size_t count):size_t:count"));
    }
  },
  BPFTRACE("bpftrace", "bpftrace", "attached") {
    @Override
    List<String> command(Target target) throws IOException {
      String libc = target.libraryPath("libc.so.6");
      String program =
          "uprobe:"
              + libc
              + ":write { @ = hist(arg2); } interval:ms:1 { printf(\"attached\\n\"); }";
      return List.of("bpftrace", "-B", "none", "-p", target.pid(), "-e", program);
    }
  };

  private final String program;
  private final String debianPackage;
  private final String firstWordsWhenAttached;

  Peer(String program, String debianPackage, String firstWordsWhenAttached) {
    this.program = program;
    this.debianPackage = debianPackage;
    this.firstWordsWhenAttached = firstWordsWhenAttached;
  }

  String program() {
    return program;
  }

  /** Says so if it is not there or does not work. */
  boolean isUsable(Target target) {
    boolean installed =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> new File(folder, program).canExecute());
    if (!installed) {
      System.out.printf(
          Locale.ROOT,
          "%s is not installed, so left out: apt-get install %s%n",
          program,
          debianPackage);
      return false;
    }
    try {
      millisToAttach(target);
      return true;
    } catch (IOException e) {
      System.out.printf(Locale.ROOT, "left out, since it does not work here: %s%n", e.getMessage());
      return false;
    }
  }

  /**
   * Returns the time from starting the process to the line that it prints when its probe is
   * attached.
   */
  double millisToAttach(Target target) throws IOException {
    long start = System.nanoTime();
    Watcher watcher = Watcher.start(firstWordsWhenAttached, command(target));
    double millis = (System.nanoTime() - start) / 1e6;
    watcher.close();
    return millis;
  }

  abstract List<String> command(Target target) throws IOException;
}
