/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;

/**
 * Works on files with the rights of another user (setfsuid(2)): what that user may not do, fails.
 * Without the privilege to change, the rights stay our own, which are not more.
 */
public final class UserRights {
  private final ProcessStatus user;
  private final ProcessStatus self;

  /**
   * @param process whose user it is
   */
  public UserRights(ProcessStatus process) throws IOException {
    this.user = process;
    this.self = ProcessStatus.of("self");
  }

  /** Something that opens, makes or deletes files. */
  public interface FileWork<T> {
    T run() throws IOException;
  }

  /** Runs the work on this thread, which has its own rights again afterwards. */
  public <T> T call(FileWork<T> work) throws IOException {
    Syscalls.useRightsOf(user.effectiveUid(), user.effectiveGid());
    try {
      return work.run();
    } finally {
      Syscalls.useRightsOf(self.effectiveUid(), self.effectiveGid());
    }
  }
}
