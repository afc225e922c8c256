/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Works on files with the rights of a target's user. Work that this user may not do fails. The work
 * has that user's identity for the kernel, also where it connects to a socket, no supplementary
 * groups, and no capabilities.
 *
 * <p>Each piece of work has a thread of its own, which gives our rights up for good and ends with
 * the work, so no way leads back to them. The work has a deadline, since a target may have mounted
 * a file system that never answers.
 */
public final class TargetRights {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final long pid;
  private final int uid;
  private final int gid;
  private final ProcessStatus self;

  /**
   * @param process whose user it is
   */
  public TargetRights(long pid, ProcessStatus process) throws IOException {
    this.pid = pid;
    this.uid = process.effectiveUid();
    this.gid = process.effectiveGid();
    this.self = ProcessStatus.of("self");
  }

  /** Something that opens, makes or deletes files. */
  public interface FileWork<T> {
    T run() throws IOException;
  }

  /** Such work without a result. */
  public interface FileAction {
    void run() throws IOException;
  }

  /** Runs the work like {@link #call}. */
  public void act(FileAction action) throws IOException {
    call(
        () -> {
          action.run();
          return true;
        });
  }

  /**
   * Runs the work.
   *
   * @throws IOException also if it does not end within 30 s
   */
  public <T> T call(FileWork<T> work) throws IOException {
    return call(work, DEADLINE);
  }

  <T> T call(FileWork<T> work, Duration deadline) throws IOException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              giveUpOurRights();
              return work.run();
            });
    Thread thread = new Thread(task, "rights of uid " + Integer.toUnsignedString(uid));
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "a file system of process "
              + pid
              + " does not answer within "
              + deadline.toSeconds()
              + " s",
          e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KernelException cause) {
        throw new IOException(cause.getMessage(), cause);
      } else if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private void giveUpOurRights() throws KernelException, IOException {
    try {
      Syscalls.takeRightsOf(uid, gid);
    } catch (KernelException e) {
      // EPERM means that our user may not change, which is not needed if it is the same.
      if (!e.isPermission() || self.effectiveUid() != uid) {
        throw e;
      }
    }
    Syscalls.dropCapabilities();
  }
}
