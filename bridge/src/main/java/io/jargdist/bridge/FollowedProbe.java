/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.ProbePipeline.Planned;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.LibraryCopies;
import io.jargdist.resolve.LibraryCopies.Copy;
import io.jargdist.resolve.LibraryCopies.Problem;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth.Detached;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A probe of libraries, of which its process can map further copies. All of them count into the
 * same tables, since the same programs are attached there. Thread-safe.
 */
final class FollowedProbe {
  private static final int MOST_LATE = 20;

  private final int number;
  private final Planned first;
  private final RunningProbe probe;
  private final Executor background;
  private final Consumer<Message.Mapped> news;
  private final Consumer<Detached> end;
  private final Map<Copy, Attached> attached = new LinkedHashMap<>();
  private final List<String> elsewhere;
  private final Set<String> late = new LinkedHashSet<>();
  private LibraryState state;
  private long lookedNanos;

  /**
   * Where the probe is attached in a file.
   *
   * @param displays the places, for people
   */
  private record Attached(LoadedProbe.@Nullable File file, List<String> displays) {}

  /**
   * @param first how the probe was planned and is attached; its files are still open
   * @param plannedNanos when the process was looked at for that, by {@link System#nanoTime}
   * @param background takes work that can wait
   * @param news hears where the probe is attached later
   * @param end hears that the probe will never count; then it is not to be looked at any more
   */
  FollowedProbe(
      int number,
      Planned first,
      long plannedNanos,
      RunningProbe probe,
      Executor background,
      Consumer<Message.Mapped> news,
      Consumer<Detached> end) {
    this.number = number;
    this.first = first;
    this.lookedNanos = plannedNanos;
    this.probe = probe;
    this.background = background;
    this.news = news;
    this.end = end;
    this.elsewhere = first.displays(point -> !(point instanceof UprobePoint));
    for (Copy copy : first.copies().found()) {
      List<String> displays = first.displaysIn(copy.openPath());
      attached.put(copy, new Attached(probe.loaded().file(copy.openPath()), displays));
      first.copies().add(copy, !displays.isEmpty());
    }
    this.state = stateNow();
    probe.libraries(state);
  }

  private LibraryState stateNow() {
    LibraryCopies copies = first.copies();
    List<String> sentences = new ArrayList<>();
    if (!copies.isPlaced()) {
      sentences.addAll(copies.hints());
    }
    sentences.addAll(late);
    return new LibraryState(copies.awaited(), copies.isPlaced(), sentences);
  }

  RunningProbe probe() {
    return probe;
  }

  /** Returns the paths at which files can come to be. */
  Set<String> paths() {
    return first.copies().paths();
  }

  /**
   * Looks whether the process has mapped other files since the last look, attaches the probe there,
   * and releases the files that nobody can call any more.
   *
   * @param target as it is now
   * @param written the paths of files that are being written
   * @param lookNanos when the process was looked at for that, by {@link System#nanoTime}
   * @param notBefore when files that are new were not mapped yet
   * @return how the probe was planned in files that are new; the caller owns it; null if there are
   *     none
   */
  synchronized @Nullable Planned look(
      ProbePipeline pipeline,
      TargetProcess target,
      Set<String> written,
      long lookNanos,
      long notBefore) {
    List<String> points = attachPoints();
    List<String> happened = new ArrayList<>();
    for (Copy gone : first.copies().lookAgain(target, written)) {
      Attached in = attached.remove(gone);
      LoadedProbe.File file = in == null ? null : in.file();
      if (file != null) {
        background.execute(() -> probe.loaded().remove(file));
      }
    }
    Planned further = null;
    try {
      further = pipeline.planFurther(first, target);
      if (further != null) {
        attach(further, Math.max(notBefore, lookedNanos), happened);
      }
    } catch (SpecifierException e) {
      late(e.diagnostic().reason());
    } catch (MachineException | RuntimeException e) {
      late("Libraries that were mapped later are not counted: " + e.getMessage());
    }
    lookedNanos = lookNanos;
    for (Problem problem : first.copies().problems()) {
      if (problem.isFinal()) {
        end.accept(new Detached(problem.reason(), Detached.Cause.FAILED));
        return further;
      }
      late(problem.reason());
    }
    tell(points, happened);
    return further;
  }

  private void attach(Planned further, long notBefore, List<String> happened) {
    boolean wasPlaced = state.placed();
    for (Copy copy : first.copies().found()) {
      List<String> displays = further.displaysIn(copy.openPath());
      boolean same = further.plan().isSameProgram(first.plan());
      first.copies().add(copy, same && !displays.isEmpty());
      if (displays.isEmpty()) {
        continue;
      } else if (!same) {
        late(
            copy.path()
                + " is not counted: it has the probe's arguments elsewhere than the files that were"
                + " there before.");
        continue;
      }
      try {
        LoadedProbe.File file = probe.loaded().add(further.plan(), copy.openPath());
        long now = System.nanoTime();
        if (file == null) {
          return;
        }
        attached.put(copy, new Attached(file, displays));
        happened.add(copy.path());
        if (copy.isMapped()) {
          late(
              String.format(
                  Locale.ROOT,
                  "%s was mapped up to %.1f ms before it was probed. Calls in that time are not"
                      + " counted.",
                  copy.path(),
                  (now - notBefore) / 1e6));
        }
      } catch (KernelException | IOException e) {
        late(copy.path() + " is not counted: " + IoFailure.sentence(e));
      }
    }
    if (!wasPlaced && first.copies().isPlaced()) {
      probe.begins();
    }
    further.warnings().forEach(this::late);
  }

  private void late(String sentence) {
    late.remove(sentence);
    late.add(sentence);
    if (late.size() > MOST_LATE) {
      late.remove(late.iterator().next());
    }
  }

  private void tell(List<String> before, List<String> happened) {
    LibraryState now = stateNow();
    if (now.equals(state) && attachPoints().equals(before) && happened.isEmpty()) {
      return;
    }
    boolean came = state.awaited() != null && now.awaited() == null;
    state = now;
    probe.libraries(now);
    String what =
        !happened.isEmpty()
            ? "it counts in " + String.join(" and ", happened) + " from now on"
            : came ? "what it waited for is mapped" : "";
    news.accept(new Message.Mapped(number, attachPoints(), now, Instant.now(), what));
  }

  /** Returns for people where the probe is attached now. */
  synchronized List<String> attachPoints() {
    List<String> points = new ArrayList<>(elsewhere);
    attached.values().forEach(each -> points.addAll(each.displays()));
    return points;
  }

  /** Says that libraries which are mapped from now on will not be noticed. */
  synchronized void deaf(String why) {
    late("Libraries that are mapped later are not counted: " + why);
    tell(attachPoints(), List.of());
  }

  synchronized LibraryState state() {
    return state;
  }
}
