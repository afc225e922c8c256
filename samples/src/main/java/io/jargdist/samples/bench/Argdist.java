/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The command line of bcc's argdist, as Debian has it, with one repair: its Python code passes six
 * of seven arguments to {@code bpf_attach_uprobe}, so that the offset of a reference counter is
 * whatever is on the stack, and the kernel refuses a second probe at a place for which another
 * offset is given, whoever asks for it.
 */
public final class Argdist {
  public static final Path PROGRAM = Path.of("/usr/sbin/argdist-bpfcc");

  /** What it says on stderr when it needed the repair. */
  public static final String REPAIRED = "argdist passes six arguments of seven";

  private static final String REPAIR =
      String.format(
          Locale.ROOT,
          """
      import bcc, ctypes, sys
      lib = bcc.libbcc.lib
      attach = lib.bpf_attach_uprobe
      if len(attach.argtypes) == 6:
          print("%s", file=sys.stderr)
          attach.argtypes = attach.argtypes + [ctypes.c_uint]
          lib.bpf_attach_uprobe = lambda *arguments: attach(*arguments, 0)
      """,
          REPAIRED);

  private Argdist() {}

  /** Its output is not held back, wherever it goes. */
  public static List<String> command(List<String> arguments) {
    return python(
        String.format(
            Locale.ROOT, "import runpy%nrunpy.run_path('%s', run_name='__main__')", PROGRAM),
        arguments);
  }

  /** Another program with bcc's Python module. */
  static List<String> python(String program, List<String> arguments) {
    return Stream.concat(
            Stream.of("/usr/bin/python3", "-u", "-c", REPAIR + program), arguments.stream())
        .toList();
  }
}
