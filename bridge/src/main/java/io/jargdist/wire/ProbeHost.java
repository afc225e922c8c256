/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Counts for probes, such as one life of a bridge. Each call is answered within a limited time.
 * Thread-safe.
 */
public interface ProbeHost {
  /** Hears what happens without a request, on a thread that must not be made to wait. */
  interface Listener {
    /** A probe was detached without a request. Its numbers can still be read. */
    void detached(ProbeHost host, int probe, ProbeHealth.Detached why);

    /** A probe is attached elsewhere now, since a library was mapped, or is not mapped any more. */
    void mapped(ProbeHost host, Message.Mapped news);

    /** The host has ended without being closed by us. Its counts are gone. */
    void lost(ProbeHost host);

    /** There is a new host, which has not been asked for anything yet. */
    void connected(ProbeHost host);

    /** The host has ended, or we have closed it. */
    void disconnected(ProbeHost host);
  }

  /**
   * @return how the probe is attached, counting nothing until its group is started, with the number
   *     that this host has for it
   * @throws ProbeException if it cannot be attached; then there is no such probe
   * @throws IOException if the host did not answer
   */
  Message.Attached attach(Message.Attach request) throws IOException, ProbeException;

  /**
   * Prepares for requests that are to come, and does not wait. What is wrong with one, {@link
   * #attach} tells.
   */
  default void expect(List<Message.Attach> requests) throws IOException, ProbeException {}

  /**
   * Does everything but attach.
   *
   * @return in a few lines what it found
   */
  String check(Message.Check request) throws IOException, ProbeException;

  /**
   * Lets a group of probes count from now on.
   *
   * @return since when they do
   */
  Instant start(int group) throws IOException, ProbeException;

  /** Marks what all probes of a group have counted up to one instant, for one {@link #read}. */
  void mark(int group) throws IOException, ProbeException;

  /**
   * @return what a probe has counted, and its health: {@link Message.Counts}
   */
  Message read(int probe, Message.Read.What what) throws IOException, ProbeException;

  /** Has the events of these threads left out, and of no others of ours. */
  void ownThreads(Set<Integer> numbers) throws IOException, ProbeException;

  /** Detaches and forgets a probe; nothing happens if the host is gone, and the probe with it. */
  void detach(int probe);

  /** Returns whether it has ended. */
  boolean isClosed();
}
