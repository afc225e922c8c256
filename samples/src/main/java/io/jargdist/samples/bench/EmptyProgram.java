/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A BPF program that does nothing, attached by bcc: what a probe costs whatever it does. */
final class EmptyProgram {
  static final String ATTACHED = "attached";

  /** Arguments: the target's process, then kind and place, in turn. */
  private static final String ATTACH =
      String.format(
          Locale.ROOT,
          """
      import signal
      program = bcc.BPF(text="int empty(void *context) { return 0; }")
      pid = int(sys.argv[1])
      for kind, place in zip(sys.argv[2::2], sys.argv[3::2]):
          if kind == "t":
              program.attach_tracepoint(tp=place, fn_name="empty")
              continue
          path, function = place.split(":")
          symbol, _, distance = function.partition("+")
          path, address = bcc.BPF._check_path_symbol(path, symbol, None, pid, int(distance or 0))
          attach_at = program.attach_uretprobe if kind == "r" else program.attach_uprobe
          attach_at(name=path, addr=address, fn_name="empty", pid=pid)
      print("%s")
      signal.pause()
      """,
          ATTACHED);

  private EmptyProgram() {}

  /**
   * Prints {@link #ATTACHED} and waits to be ended.
   *
   * @param places for each: p, r or t, and {@code FILE:FUNCTION}, with {@code +BYTES} if the probe
   *     is behind the entry, or {@code CATEGORY:EVENT}
   */
  static List<String> command(Target target, String... places) {
    return Argdist.python(
        ATTACH, Stream.concat(Stream.of(target.pid()), Stream.of(places)).toList());
  }
}
