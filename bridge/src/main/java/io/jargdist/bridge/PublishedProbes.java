/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.Server;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a target that shows the probes of a command line as its MBeans. The target may read them
 * and changes nothing, since it has less privilege than we have and is not trusted with more. It
 * asks to attach, start and detach them as it would ask a bridge of its own: each of these probes
 * counts already, and goes on when the target wants it no more.
 */
final class PublishedProbes implements Server.Handler {
  private final Server.Handler bridge;
  private final List<Counting> probes;
  private final Runnable onThreads;
  private final List<Counting> taken = new ArrayList<>();

  /** A probe of the command line, as it was asked for and as it is attached. */
  record Counting(Message.Attach request, Message.Attached answer) {
    /** Whatever the group that somebody knows it by. */
    boolean isAskedForBy(Message.Attach other) {
      return request.form() == other.form()
          && request.specifier().equals(other.specifier())
          && request.options().equals(other.options());
    }
  }

  /**
   * @param probes all of one group; more may come
   * @param onThreads run when the target has told which threads there are ours
   */
  PublishedProbes(Server.Handler bridge, List<Counting> probes, Runnable onThreads) {
    this.bridge = bridge;
    this.probes = probes;
    this.onThreads = onThreads;
  }

  @Override
  public Message handle(Message request) throws ProbeException {
    return switch (request.type()) {
      case ATTACH -> take((Message.Attach) request);
      case START -> start();
      case READ -> bridge.handle(unmarked((Message.Read) request));
      case OWN_THREADS -> {
        Message done = bridge.handle(request);
        onThreads.run();
        yield done;
      }
      case DETACH -> new Message.Done();
      case CHECK,
          MARK,
          KEEP,
          REMOVE,
          NAMES,
          FIND,
          HELLO,
          ATTACHED,
          STARTED,
          TEXT,
          HISTOGRAM,
          FREQUENCY,
          PAGE,
          FOUND,
          DONE,
          FAILURE,
          ENDED ->
          throw refused();
    };
  }

  /** Each once. */
  private synchronized Message take(Message.Attach request) throws ProbeException {
    for (Counting probe : probes) {
      if (probe.isAskedForBy(request) && !taken.contains(probe)) {
        taken.add(probe);
        return probe.answer();
      }
    }
    throw refused();
  }

  /** They count already: the answer is since when. */
  private synchronized Message start() throws ProbeException {
    if (taken.isEmpty()) {
      throw refused();
    }
    return bridge.handle(new Message.Start(taken.get(0).request().group()));
  }

  /** What was counted up to a mark is for the command line, and is told once. */
  private static Message unmarked(Message.Read request) {
    return new Message.Read(request.probe(), request.from(), /* marked= */ false);
  }

  private static ProbeException refused() {
    return new ProbeException(
        Failure.Kind.MACHINE, "this bridge shows what its command line counts only");
  }
}
