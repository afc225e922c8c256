/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.ProbePipeline.Planned;
import io.jargdist.cost.MachineCosts;
import io.jargdist.facts.CodeLocation;
import io.jargdist.kernel.Announcements;
import io.jargdist.kernel.UnsafePlaces;
import io.jargdist.os.FolderWatch;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.Syscalls;
import io.jargdist.os.Wakeup;
import io.jargdist.resolve.DynamicLoader;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Has probes attached to libraries when the process maps them. The dynamic loader announces that,
 * and the kernel announces files at paths that a probe waits for. So the process is looked at only
 * when something has happened. Owns a thread and what it waits for, while there are probes to
 * follow. Thread-safe.
 */
final class LibraryWatch implements AutoCloseable {
  /**
   * A loader makes two announcements for each library: before it maps it, or just behind that, and
   * when it is there. If they are as close as this, the library was not mapped before the first
   * one.
   */
  private static final long ANNOUNCED_TWICE_NANOS = 5_000_000;

  /**
   * A process can announce as often as it likes, so looking at it takes at most one part in so many
   * of a processor's time, but for {@link #MOST_SAVED_NANOS} that it may take at once.
   */
  private static final int PART = 5;

  private static final long MOST_SAVED_NANOS = 200_000_000;

  private final long pid;
  private final ProbePipeline pipeline;
  private final MachineCosts costs;
  private final Executor background;
  private final Map<RunningProbe, FollowedProbe> probes = new ConcurrentHashMap<>();

  /** Null until there is a probe to follow. */
  private @Nullable Ears ears;

  private @Nullable Thread thread;
  private boolean closed;

  /** The last announcement, by {@link System#nanoTime}. Only the thread uses it. */
  private long announced = Long.MIN_VALUE / 2;

  /** The time that looking may take at once. Only the thread uses it. */
  private long savedNanos = MOST_SAVED_NANOS;

  /**
   * What the thread waits for.
   *
   * @param loader null if the process has no dynamic loader that announces libraries
   */
  private record Ears(Wakeup wakeup, FolderWatch folders, @Nullable Announcements loader) {
    List<Integer> descriptors() {
      List<Integer> all = new ArrayList<>(List.of(wakeup.fd(), folders.fd()));
      if (loader != null) {
        all.add(loader.fd());
      }
      return all;
    }

    void close() {
      if (loader != null) {
        loader.close();
      }
      folders.close();
      wakeup.close();
    }
  }

  /**
   * @param pid of the process, as this process sees it
   * @param background takes work that can wait
   */
  LibraryWatch(long pid, ProbePipeline pipeline, MachineCosts costs, Executor background) {
    this.background = background;
    this.pid = pid;
    this.pipeline = pipeline;
    this.costs = costs;
  }

  /**
   * Makes sure that a library that is not mapped will be noticed.
   *
   * @param awaited which it is, for people
   * @throws MachineException if it would not
   */
  synchronized void checkAnnounced(String awaited) throws MachineException, KernelException {
    try {
      if (ears == null) {
        ears = open();
      }
      if (ears.loader() == null) {
        throw new MachineException(
            awaited + ", and process " + pid + " has no dynamic loader that would announce it");
      }
    } catch (IOException e) {
      throw new MachineException(
          awaited + ", and would not be noticed: " + IoFailure.sentence(e), e);
    }
  }

  private Ears open() throws MachineException, KernelException, IOException {
    Wakeup wakeup = Wakeup.create();
    FolderWatch folders = null;
    try {
      folders = FolderWatch.of(pid);
      Ears opened = new Ears(wakeup, folders, loader());
      folders = null;
      wakeup = null;
      return opened;
    } finally {
      if (folders != null) {
        folders.close();
      }
      if (wakeup != null) {
        wakeup.close();
      }
    }
  }

  private @Nullable Announcements loader() throws MachineException, KernelException, IOException {
    try (TargetLibraries libraries = new TargetLibraries(TargetProcess.of(pid))) {
      CodeLocation function = DynamicLoader.announces(libraries);
      if (function == null) {
        return null;
      }
      UnsafePlaces.checkEntry(
          MachineCosts.kindAt(function), UnsafePlaces.of(pid), function.display());
      return Announcements.of(function, Math.toIntExact(pid), pipeline.usesLinks());
    }
  }

  /** Follows a probe until it is forgotten. */
  synchronized void follow(FollowedProbe probe) {
    if (closed) {
      return;
    }
    probes.put(probe.probe(), probe);
    if (thread == null) {
      thread = new DaemonFactory("library-watch").newThread(this::watch);
      thread.start();
    }
    wake();
  }

  synchronized void forget(RunningProbe probe) {
    if (probes.remove(probe) != null && probes.isEmpty()) {
      wake();
    }
  }

  private void wake() {
    try {
      if (ears != null) {
        ears.wakeup().raise();
      }
    } catch (KernelException e) {
      throw new IllegalStateException("a thread cannot be woken", e);
    }
  }

  /** Returns a probe as it is followed; null if it is not. */
  @Nullable FollowedProbe followed(RunningProbe probe) {
    return probes.get(probe);
  }

  private void watch() {
    try {
      Ears open;
      long looked = System.nanoTime();
      while ((open = listening()) != null) {
        long begun = System.nanoTime();
        savedNanos = Math.min(MOST_SAVED_NANOS, savedNanos + (begun - looked) / PART);
        look(open);
        looked = System.nanoTime();
        savedNanos -= looked - begun;
        if (savedNanos < 0) {
          // What is announced meanwhile gathers.
          LockSupport.parkNanos(-savedNanos * PART);
        }
        Syscalls.awaitReadable("waiting for libraries", open.descriptors());
      }
    } catch (MachineException | KernelException | IOException | RuntimeException e) {
      if (Files.exists(Path.of("/proc", Long.toString(pid)))) {
        String why = IoFailure.sentence(e);
        probes.values().forEach(probe -> probe.deaf(why));
      }
      synchronized (this) {
        stop();
      }
    }
  }

  /** Returns what to wait for; null if there is nothing to wait for any more. */
  private synchronized @Nullable Ears listening()
      throws MachineException, KernelException, IOException {
    if (closed || probes.isEmpty()) {
      stop();
    } else if (ears == null) {
      ears = open();
      // What was mapped meanwhile was not announced.
      wake();
    }
    return ears;
  }

  private void stop() {
    thread = null;
    Ears open = ears;
    ears = null;
    if (open != null) {
      open.close();
    }
  }

  /** Takes note of what has happened, and looks at the process if that may concern a probe. */
  private void look(Ears open) throws MachineException, KernelException, IOException {
    boolean woken = open.wakeup().clear();
    boolean changed = open.folders().changed();
    List<Long> times = open.loader() == null ? List.of() : open.loader().take();
    if (!woken && !changed && times.isEmpty()) {
      return;
    }
    long notBefore = Long.MIN_VALUE;
    if (!times.isEmpty()) {
      long first = times.get(0);
      notBefore = first - announced < ANNOUNCED_TWICE_NANOS ? announced : first;
      announced = times.get(times.size() - 1);
    }
    watchFolders(open.folders());
    long now = System.nanoTime();
    TargetProcess target = TargetProcess.of(pid);
    for (FollowedProbe probe : probes.values()) {
      Planned further = probe.look(pipeline, target, open.folders().written(), now, notBefore);
      if (further != null) {
        probe.probe().meter().alsoCosts(costs.ofHit(further.plan()).get());
        background.execute(() -> decode(further));
      }
    }
  }

  private void watchFolders(FolderWatch folders) {
    Set<String> paths = new HashSet<>();
    probes.values().forEach(probe -> paths.addAll(probe.paths()));
    try {
      folders.watch(paths);
    } catch (IOException e) {
      // The loader's announcements are left.
    }
  }

  private void decode(Planned further) {
    try (further) {
      pipeline.decode(further);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    wake();
    if (thread == null) {
      stop();
    }
  }
}
