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
import java.util.function.UnaryOperator;

/**
 * Answers a target that shows the probes of a command line as its MBeans. The target may read the
 * probes, but not change them, since it is not trusted with our privilege. It asks to attach, start
 * and detach them as it would ask a bridge of its own. But each of these probes counts already, and
 * goes on when the target detaches it.
 */
final class PublishedProbes implements Server.Handler {
  private final Server.Handler host;
  private final UnaryOperator<Message.Attached> now;
  private final List<Counting> probes;
  private final Runnable onThreads;
  private final List<Counting> taken = new ArrayList<>();

  /** A probe of the command line, as it was asked for and as it is attached. */
  record Counting(Message.Attach request, Message.Attached answer) {
    /** Returns whether a request asks for this probe. The number of the group does not matter. */
    boolean isAskedForBy(Message.Attach other) {
      return request.form() == other.form()
          && request.specifier().equals(other.specifier())
          && request.options().equals(other.options());
    }
  }

  /**
   * @param now tells how a probe is attached now
   * @param probes the probes, all of one group; more may come
   * @param onThreads runs when the target has told which of its threads are ours
   */
  PublishedProbes(
      Server.Handler host,
      UnaryOperator<Message.Attached> now,
      List<Counting> probes,
      Runnable onThreads) {
    this.host = host;
    this.now = now;
    this.probes = probes;
    this.onThreads = onThreads;
  }

  @Override
  public Message handle(Message request) throws ProbeException {
    return switch (request.type()) {
      case ATTACH -> take((Message.Attach) request);
      case START -> start();
      case READ -> host.handle(unmarked((Message.Read) request));
      case OWN_THREADS -> {
        Message done = host.handle(request);
        onThreads.run();
        yield done;
      }
      case DETACH -> new Message.Done();
      case CHECK,
          MARK,
          EXPECT,
          OUTLIVE,
          REMOVE,
          NAMES,
          FIND,
          HELLO,
          ATTACHED,
          STARTED,
          TEXT,
          HISTOGRAM,
          FREQUENCY,
          SUM,
          PAGE,
          FOUND,
          DONE,
          FAILURE,
          DETACHED,
          MAPPED ->
          throw refused();
    };
  }

  /** Takes a probe that the request asks for. Each probe is taken once. */
  private synchronized Message take(Message.Attach request) throws ProbeException {
    for (Counting probe : probes) {
      if (probe.isAskedForBy(request) && !taken.contains(probe)) {
        taken.add(probe);
        return now.apply(probe.answer());
      }
    }
    throw refused();
  }

  /** Answers since when the probes count; they have begun already. */
  private synchronized Message start() throws ProbeException {
    if (taken.isEmpty()) {
      throw refused();
    }
    return host.handle(new Message.Start(taken.get(0).request().group()));
  }

  /**
   * Returns a request that reads the present counts. The counts up to a mark are for the command
   * line, and are told once.
   */
  private static Message unmarked(Message.Read request) {
    return request.what() == Message.Read.What.MARKED
        ? new Message.Read(request.probe(), request.from(), Message.Read.What.NOW)
        : request;
  }

  private static ProbeException refused() {
    return new ProbeException(
        Failure.Kind.MACHINE, "this bridge shows what its command line counts only");
  }
}
