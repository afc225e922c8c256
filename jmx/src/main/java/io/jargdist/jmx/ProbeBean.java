/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;
import static io.jargdist.jmx.BeanInfo.TEXT;

import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import javax.management.MBeanOperationInfo;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;

/**
 * The MBean of a probe.
 *
 * <p>A request for attributes asks the bridge once, if it asks for any that needs it. When the
 * bridge does not answer, the request is answered all the same: with the last known numbers, and
 * with the reason in State and LastError.
 *
 * <p>{@code reset} moves the zero of this MBean's attributes. The counts of the kernel, and those
 * that other readers of the probe see, stay.
 *
 * <p>Interval has the events between two readings of Interval, by any readers, at least a second
 * apart: the first reading a second or more after the previous such one ends an interval, which is
 * shown until the next has ended. The first interval has everything since the probe began. A reset
 * has no influence.
 *
 * <p>Safe for use by several threads; they wait for each other's question to the bridge.
 */
abstract class ProbeBean<S extends Snapshot<S>> implements Bean {
  private static final long SHORTEST_INTERVAL_NANOS = 1_000_000_000;

  private static final String[] ESTIMATE_ITEMS = {"count", "low", "high"};
  private static final CompositeType ESTIMATE = estimateType();

  /** Attributes that are known without asking the bridge. */
  private static final Set<String> FIXED =
      Set.of("Specifier", "Placement", "Unit", "Started", "Scheme", "PercentileError");

  private final Probe probe;
  private final ProbeControl control;
  private final MBeans beans;
  private final LongSupplier nanoTime;
  private final S empty;

  private S latest;
  private S baseline;
  private S intervalStart;
  private long intervalStartNanos;
  private S interval;
  private @Nullable String unanswered;

  ProbeBean(Probe probe, ProbeControl control, MBeans beans, LongSupplier nanoTime, S empty) {
    this.probe = probe;
    this.control = control;
    this.beans = beans;
    this.nanoTime = nanoTime;
    this.empty = empty;
    latest = baseline = intervalStart = interval = empty;
    intervalStartNanos = nanoTime.getAsLong();
  }

  /** Asks the bridge. */
  abstract S ask() throws IOException;

  /**
   * Returns the attributes that only this kind of probe has.
   *
   * @param ever counted since the probe began
   * @param current counted since the last reset
   */
  abstract @Nullable Object value(String attribute, S ever, S current);

  /** argdist's rows, not too many to look at; none or only a header without events. */
  abstract List<String> rows(S snapshot);

  /** argdist's rows, all of them. */
  List<String> allRows(S snapshot) {
    return rows(snapshot);
  }

  static BeanInfo describeProbe(BeanInfo info) {
    return info.attribute("Specifier", TEXT, "What is measured, in argdist's language")
        .attribute(
            "Placement",
            LINES,
            "Where the kernel runs the probe's programs, and why there; a function is probed behind"
                + " its entry where that costs less and sees the same")
        .attribute(
            "Warnings",
            LINES,
            "What the probe cannot see, and what to do about it; empty if nothing is known")
        .attribute("State", TEXT, "running, or why not")
        .attribute("Started", Date.class.getName(), "When counting began; null if it has not")
        .attribute("LastError", TEXT, "What last went wrong; empty if nothing did")
        .gauge(
            "HitsPerSecond",
            "double",
            "hits per second",
            "How often the kernel ran the probe in the last second, also for events that are not"
                + " counted; NaN if that is not known")
        .gauge(
            "OverheadPercent",
            "double",
            "%",
            "What the probe takes of one CPU: HitsPerSecond times what a hit costs, which was measured"
                + " on code of our own; if it is more than --max-overhead allows for 3 s, the probe is paced or detached")
        .counter("Count", "events", "Events counted since the start or the last reset")
        .counter(
            "Lost", "events", "Events that should have been counted and were not; 0 is a promise")
        .attribute("LostDetail", TEXT, "Lost by reason; empty if nothing was lost")
        .gauge(
            "Open",
            Long.class.getName(),
            "pairs",
            "Pairs that have begun and not ended; null if the probe is not of pairs")
        .gauge(
            "Coverage",
            "double",
            "",
            "The part of the time since the start or the last reset that the probe has seen: 1, or"
                + " less for a probe that is attached at random moments only since it would cost"
                + " more than --max-overhead allows otherwise; NaN if that is not known")
        .composite(
            "Estimate",
            ESTIMATE,
            "How many events there were in all of that time: Count, or what the random moments tell"
                + " of it, with the interval that holds the number with a chance of 95 %; it is as"
                + " of the last whole period of 5 s or more");
  }

  /**
   * @param rows what {@link #rows} returns, for people
   */
  static BeanInfo describeInterval(BeanInfo info, String rows) {
    return info.attribute(
            "Interval",
            LINES,
            rows
                + ", for what happened between the last two readings of this attribute, by"
                + " anyone, that were at least one second apart")
        .operation("dump", TEXT, MBeanOperationInfo.INFO, "All of argdist's rows, as one text")
        .operation(
            "reset",
            "void",
            MBeanOperationInfo.ACTION,
            "Counts from zero again, on this MBean; nothing in the kernel is cleared")
        .operation(
            "remove", "void", MBeanOperationInfo.ACTION, "Stops this probe and removes its MBean");
  }

  @Override
  public Changes changes() {
    return beans.changes();
  }

  @Override
  public String subject() {
    return probe.name();
  }

  @Override
  public synchronized ProbeValues read(List<String> attributes) {
    if (!FIXED.containsAll(attributes)) {
      refresh();
    }
    if (attributes.contains("Interval") && unanswered == null) {
      advanceInterval();
    }
    // There is nothing to subtract if there was no reset, and a frequency table may be large.
    S current = baseline == empty ? latest : latest.minus(baseline);
    return new ProbeValues(latest, current, interval, unanswered);
  }

  private void refresh() {
    try {
      latest = ask();
      unanswered = null;
    } catch (IOException | RuntimeException e) {
      unanswered =
          e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    }
  }

  private void advanceInterval() {
    long now = nanoTime.getAsLong();
    if (now - intervalStartNanos >= SHORTEST_INTERVAL_NANOS) {
      interval = latest.minus(intervalStart);
      intervalStart = latest;
      intervalStartNanos = now;
    }
  }

  @Override
  public @Nullable Object call(String operation, List<String> arguments) {
    return switch (operation) {
      case "dump" -> read(List.of("Count")).dump();
      case "reset" -> reset();
      case "remove" -> remove();
      default -> throw new IllegalArgumentException(operation);
    };
  }

  private @Nullable Object reset() {
    synchronized (this) {
      refresh();
      if (unanswered != null) {
        throw new IllegalStateException("not reset, " + unanswered);
      }
      baseline = latest;
    }
    beans.wasReset(probe.name());
    return null;
  }

  private @Nullable Object remove() {
    control.remove(probe.name());
    return null;
  }

  private static CompositeData estimate(Sampling sampling) {
    try {
      return new CompositeDataSupport(
          ESTIMATE,
          ESTIMATE_ITEMS,
          new Object[] {
            Math.round(sampling.estimate()), Math.round(sampling.low()), Math.round(sampling.high())
          });
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompositeType estimateType() {
    try {
      return new CompositeType(
          "Estimate",
          "a number and the interval that it is in",
          ESTIMATE_ITEMS,
          new String[] {
            "the number", "the lower end of the interval", "the upper end of the interval"
          },
          new OpenType<?>[] {SimpleType.LONG, SimpleType.LONG, SimpleType.LONG});
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  static String[] array(List<String> rows) {
    return rows.toArray(new String[0]);
  }

  private final class ProbeValues implements Values {
    private final S ever;
    private final S current;
    private final S interval;
    private final @Nullable String unanswered;

    ProbeValues(S ever, S current, S interval, @Nullable String unanswered) {
      this.ever = ever;
      this.current = current;
      this.interval = interval;
      this.unanswered = unanswered;
    }

    @Override
    public @Nullable Object value(String attribute) {
      return switch (attribute) {
        case "Specifier" -> probe.specifier();
        case "Placement" -> array(probe.placement());
        case "Warnings" -> array(probe.warnings());
        case "State" -> unanswered == null ? probe.state() : "no answer: " + unanswered;
        case "Started" -> started();
        case "LastError" -> lastError();
        case "HitsPerSecond" -> probe.hitsPerSecond();
        case "OverheadPercent" -> probe.overheadPercent();
        case "Count" -> current.count();
        case "Lost" -> current.losses().total();
        case "LostDetail" -> current.losses().detail();
        case "Open" -> probe.open();
        case "Coverage" -> current.sampling().coverage();
        case "Estimate" -> estimate(current.sampling());
        case "Interval" -> array(rows(interval));
        default -> ProbeBean.this.value(attribute, ever, current);
      };
    }

    private @Nullable Date started() {
      Instant started = probe.started();
      return started == null ? null : Date.from(started);
    }

    private String lastError() {
      String last = unanswered != null ? unanswered : probe.lastError();
      return last == null ? "" : last;
    }

    String dump() {
      Losses losses = current.losses();
      StringBuilder text = new StringBuilder(probe.specifier()).append('\n');
      text.append(current.count()).append(" events, ").append(losses.total()).append(" lost");
      if (losses.total() != 0) {
        text.append(" (").append(losses.detail()).append(')');
      }
      if (current.sampling().isKnown() && !current.sampling().isWhole()) {
        text.append('\n').append(current.sampling().line());
      }
      if (unanswered != null) {
        text.append("\nas last known: ").append(unanswered);
      }
      for (String row : allRows(current)) {
        text.append('\n').append(row);
      }
      return text.toString();
    }
  }
}
