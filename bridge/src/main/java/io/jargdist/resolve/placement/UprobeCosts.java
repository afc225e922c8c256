/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve.placement;

import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The measured cost of probes of user code with this kernel and machine, and the best way to attach
 * them.
 *
 * @param links whether uprobe_multi links work, and see all threads of a process
 * @param nanos of one hit of an entry probe at an instruction of that kind, with a program that
 *     does nothing but count; empty if nothing could be measured
 * @param returnNanos what a return probe costs in addition to its entry; 0 if not measured
 */
public record UprobeCosts(boolean links, Map<InstructionKind, Integer> nanos, int returnNanos) {
  /** The costs before a measurement, which are not known. */
  public static final UprobeCosts UNKNOWN = new UprobeCosts(false, Map.of(), 0);

  /** Measured ratios are 0.05 on bare metal and 0.25 in virtual machines that trap exceptions. */
  private static final double CHEAP = 0.6;

  /** What a kernel does with a probed instruction. */
  public enum Manner {
    EMULATED("emulated", "which the kernel emulates"),
    SINGLE_STEPPED("single-stepped", "which the kernel single-steps"),
    REPLACED("no trap", "which the kernel replaces by a call");

    private final String text;
    private final String clause;

    Manner(String text, String clause) {
      this.text = text;
      this.clause = clause;
    }

    /** Returns it for people. */
    public String text() {
      return text;
    }

    /** Returns it for people, to follow the instruction's name. */
    String clause() {
      return clause;
    }
  }

  private static final String LINKS = "links";
  private static final String RETURN = "return";

  public UprobeCosts {
    nanos = Map.copyOf(nanos);
  }

  /**
   * Returns what a hit at an instruction costs, in ns. Kinds that were not measured are taken for
   * single-stepped, as {@link InstructionKind#MOVE} was when this was written.
   *
   * @return null if nothing was measured
   */
  public @Nullable Integer nanosAt(@Nullable InstructionKind kind) {
    Integer slow = nanos.get(InstructionKind.MOVE);
    return kind == null ? slow : nanos.getOrDefault(kind, slow);
  }

  /** Returns whether a hit there costs much less than where the kernel single-steps. */
  public boolean isCheap(@Nullable InstructionKind kind) {
    Integer cost = kind == null ? null : nanos.get(kind);
    Integer slow = nanos.get(InstructionKind.MOVE);
    return cost != null && slow != null && cost <= slow * CHEAP;
  }

  /**
   * Returns what the kernel does with an instruction, as the measured costs tell. A nop that it
   * replaces costs less than the nop of one byte, at which it traps.
   */
  public Manner mannerAt(@Nullable InstructionKind kind) {
    if (!isCheap(kind)) {
      return Manner.SINGLE_STEPPED;
    }
    int trap = nanos.getOrDefault(InstructionKind.NOP, 0);
    boolean longNop = kind == InstructionKind.NOP_5 || kind == InstructionKind.NOP_10;
    return longNop && nanos.getOrDefault(kind, trap) < trap * CHEAP
        ? Manner.REPLACED
        : Manner.EMULATED;
  }

  /** Returns the same, but for some kinds of instructions as if they had not been measured. */
  public UprobeCosts without(Set<InstructionKind> avoided) {
    Map<InstructionKind, Integer> rest = new HashMap<>(nanos);
    rest.keySet().removeAll(avoided);
    return new UprobeCosts(links, rest, returnNanos);
  }

  /**
   * Returns the lower of two measurements for each kind, since other work can only make a
   * measurement higher. Links are as the later one says.
   */
  public UprobeCosts lowest(UprobeCosts later) {
    if (nanos.isEmpty() || later.nanos.isEmpty()) {
      return later.nanos.isEmpty() ? this : later;
    }
    Map<InstructionKind, Integer> lowest = new EnumMap<>(nanos);
    later.nanos.forEach((kind, cost) -> lowest.merge(kind, cost, Math::min));
    int lowestReturn =
        returnNanos == 0 || later.returnNanos == 0
            ? Math.max(returnNanos, later.returnNanos)
            : Math.min(returnNanos, later.returnNanos);
    return new UprobeCosts(later.links, lowest, lowestReturn);
  }

  /** Returns the costs as lines of {@code key=value}. */
  public String encode() {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add(LINKS + "=" + links);
    new EnumMap<>(nanos).forEach((kind, cost) -> lines.add(kind + "=" + cost));
    lines.add(RETURN + "=" + returnNanos);
    return lines.toString();
  }

  /**
   * @throws IOException if the text is not what {@link #encode()} writes
   */
  public static UprobeCosts decode(String text) throws IOException {
    try {
      Properties lines = new Properties();
      lines.load(new java.io.StringReader(text));
      Map<InstructionKind, Integer> nanos = new EnumMap<>(InstructionKind.class);
      for (InstructionKind kind : InstructionKind.values()) {
        String line = lines.getProperty(kind.name());
        // A kernel may refuse to probe a 10-byte nop.
        if (line != null || kind != InstructionKind.NOP_10) {
          nanos.put(kind, Integer.valueOf(line));
        }
      }
      return new UprobeCosts(
          lines.getProperty(LINKS).equals("true"),
          nanos,
          Integer.parseInt(lines.getProperty(RETURN)));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new IOException("not the costs of probes", e);
    }
  }
}
