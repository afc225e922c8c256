/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.ProbePipeline.Planned;
import io.jargdist.codegen.ProbePlan.AttachPoint;
import io.jargdist.codegen.ProbePlan.Moment;
import io.jargdist.codegen.ProbePlan.ProgramPlan;
import io.jargdist.codegen.ProbePlan.UprobePoint;
import io.jargdist.cost.HitCost;
import io.jargdist.cost.MachineCosts;
import io.jargdist.resolve.SystemCallWrappers;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Specifier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says for people what a hit of a probe costs here, and which other probe costs less. */
final class Price {
  private final MachineCosts costs;

  Price(MachineCosts costs) {
    this.costs = costs;
  }

  /** Returns whole lines; the first one is the price. */
  List<String> lines(Planned planned) {
    costs.awaitMeasurement();
    List<String> lines = new ArrayList<>();
    HitCost cost = costs.ofHit(planned.plan()).get();
    Set<String> manners = manners(planned);
    if (manners.isEmpty()) {
      lines.add("cost: known when the library is mapped");
      return lines;
    }
    boolean user = usesUprobes(planned);
    if (user && costs.at(null) == null) {
      lines.add(
          "cost: not measured, since uprobes cannot be measured here; taken for "
              + micros(cost.alone())
              + " a hit");
      return lines;
    }
    lines.add("cost: " + String.join(" and ", manners) + ", " + perHit(cost));
    Specifier specifier = planned.specifier();
    String tracepoint =
        usesEntry(specifier) ? null : SystemCallWrappers.tracepoint(specifier.point());
    if (tracepoint != null) {
      HitCost instead = costs.ofTracepoint();
      if (instead != null && instead.alone() < cost.alone()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "cheaper: %s sees the system calls themselves for %s",
                tracepoint,
                perHit(instead)));
      }
    }
    String entry = entryOf(specifier);
    HitCost atReturn = usesReturnInstructions(planned) ? costs.at(null) : costs.ofReturn();
    if (entry != null && atReturn != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "cheaper: %s counts the same calls without %s for the return",
              entry,
              micros(atReturn.alone())));
    }
    return lines;
  }

  /** Returns how the kernel is entered. */
  private Set<String> manners(Planned planned) {
    Set<String> manners = new LinkedHashSet<>();
    Set<String> returns = new LinkedHashSet<>();
    for (ProgramPlan program : planned.plan().programs()) {
      for (AttachPoint point : program.present()) {
        switch (point.kind()) {
          case UPROBE -> {
            UprobePoint uprobe = (UprobePoint) point;
            switch (uprobe.moment()) {
              case REACHED -> manners.add(manner(uprobe));
              case RETURNED -> {
                manners.add(manner(uprobe));
                returns.add("a return");
              }
              case RETURNS -> returns.add("a return instruction, " + manner(uprobe));
            }
          }
          case KPROBE -> manners.add(point.atReturn() ? "kretprobe" : "kprobe");
          case TRAMPOLINE -> manners.add(point.atReturn() ? "fexit" : "fentry");
          case TRACEPOINT -> manners.add("tracepoint");
          case RAW_TRACEPOINT -> {}
        }
      }
    }
    manners.addAll(returns);
    return manners;
  }

  private String manner(UprobePoint point) {
    try {
      return costs.mannerAt(point.location()).text();
    } catch (IOException e) {
      return "unreadable";
    }
  }

  private static boolean usesUprobes(Planned planned) {
    return uprobes(planned).findAny().isPresent();
  }

  private static boolean usesReturnInstructions(Planned planned) {
    return uprobes(planned).anyMatch(point -> point.moment() == Moment.RETURNS);
  }

  private static Stream<UprobePoint> uprobes(Planned planned) {
    return planned.plan().programs().stream()
        .flatMap(program -> program.attachPoints().stream())
        .filter(UprobePoint.class::isInstance)
        .map(UprobePoint.class::cast);
  }

  /** Returns whether the two ends of a call are needed together. */
  private static boolean usesEntry(Specifier specifier) {
    return specifier.isPair()
        || specifier.text().contains("$latency")
        || specifier.text().contains("$entry");
  }

  /**
   * Returns the specifier of the entry, if that is enough.
   *
   * @return null if it is not, or if it is what was asked for
   */
  private static @Nullable String entryOf(Specifier specifier) {
    // Without a value of its own, the returned value is collected.
    boolean usesReturn =
        specifier.values().isEmpty()
            || usesEntry(specifier)
            || specifier.text().contains("$retval");
    if (usesReturn
        || !(specifier.point() instanceof ProbePoint.UserFunction function)
        || !function.atReturn()) {
      return null;
    }
    return "p" + function.text().substring(1) + "()";
  }

  private static String perHit(HitCost cost) {
    String alone = micros(cost.alone()) + " a hit";
    return cost.processors() == 1
        ? alone
        : String.format(
            Locale.ROOT,
            "%s (%s while all %d processors are hit)",
            alone,
            micros(cost.together()),
            cost.processors());
  }

  /** Returns a time with two digits that matter. */
  static String micros(double nanos) {
    String format = nanos < 995 ? "%.2f us" : nanos < 9950 ? "%.1f us" : "%.0f us";
    return String.format(Locale.ROOT, format, nanos / 1000);
  }
}
