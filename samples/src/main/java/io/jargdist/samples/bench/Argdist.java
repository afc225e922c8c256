/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The command line of bcc's argdist, as Debian has it, with repairs. Its Python code passes six of
 * seven arguments to {@code bpf_attach_uprobe}, so that the offset of a reference counter is
 * whatever is on the stack, and the kernel refuses a second probe at a place for which another
 * offset is given, by any program. And it passes pointers where the function that it makes of
 * {@code STRCMP} takes numbers, of which clang 14 warns and which later ones refuse. That of bcc
 * 0.31 (Debian 13) ends when it prints the first frequency table of a USDT probe, since it has not
 * set {@code htab_batch_ops}.
 */
public final class Argdist {
  public static final Path PROGRAM = Path.of("/usr/sbin/argdist-bpfcc");

  /** The message on stderr when it needed the repair. */
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
      make = bcc.BPF.__init__
      def lenient(self, *arguments, cflags=(), **others):
          make(self, *arguments, cflags=[*cflags, "-Wno-error=int-conversion"], **others)
      bcc.BPF.__init__ = lenient
      """,
          REPAIRED);

  private Argdist() {}

  /** Its output is not held back, wherever it goes. */
  public static List<String> command(List<String> arguments) {
    return python(
        String.format(
            Locale.ROOT,
            """
            text = open('%1$s').read().replace(
                "self.bpf = bpf\\n", "self.bpf = bpf; self.htab_batch_ops = False\\n")
            exec(compile(text, '%1$s', 'exec'), {'__name__': '__main__'})
            """,
            PROGRAM),
        arguments);
  }

  /**
   * Returns whether it has {@code $COMM}, as the one of bcc 0.31 has, and the one of 0.26 has not.
   */
  public static boolean knowsComm() throws IOException {
    return Files.readString(PROGRAM).contains("\"$COMM\"");
  }

  /** Another program with bcc's Python module. */
  static List<String> python(String program, List<String> arguments) {
    return Stream.concat(
            Stream.of("/usr/bin/python3", "-u", "-c", REPAIR + program), arguments.stream())
        .toList();
  }
}
