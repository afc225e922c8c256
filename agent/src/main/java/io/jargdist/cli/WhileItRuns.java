/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.os.ProcessReference;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import java.io.IOException;
import java.time.Duration;

/**
 * Does work that needs a process. When the process ends meanwhile, the work fails in many ways: a
 * connection is reset, a file of /proc is gone, a bridge refuses to serve. The user is told the one
 * cause.
 */
final class WhileItRuns {
  /**
   * The kernel closes what a process has open a little before it says that the process has ended.
   */
  static final Duration GRACE = Duration.ofMillis(500);

  /**
   * A wrong specifier is rarely due to the end of the process, and the user waits for the answer.
   */
  private static final Duration SHORT_GRACE = Duration.ofMillis(20);

  private WhileItRuns() {}

  /** The work that needs the process. */
  interface Work<T> {
    T run(ProcessReference target) throws Exception;
  }

  /**
   * @param pid of a process that must exist
   * @throws Exception of the work, or an IOException that says that the process has ended
   */
  static <T> T call(long pid, Work<T> work) throws Exception {
    try (ProcessReference target = TargetJvm.open(pid)) {
      try {
        return work.run(target);
      } catch (UsageException | ClosedOutputException e) {
        throw e;
      } catch (Exception e) {
        boolean specifier =
            e instanceof ProbeException failure && failure.kind() == Failure.Kind.SPECIFIER;
        if (target.endsWithin(specifier ? SHORT_GRACE : GRACE)) {
          throw new IOException("process " + pid + " has ended", e);
        }
        throw e;
      }
    }
  }
}
