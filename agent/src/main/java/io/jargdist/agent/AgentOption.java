/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.snapshot.BucketScheme;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An option of probes, or of the agent that runs them. The command line, its help, its completion
 * and the list that an agent shows are made of these options, in the order of the help.
 */
public enum AgentOption {
  HISTOGRAM("-H", "--histogram", "SPECIFIER", "adds a histogram; can be repeated"),
  COUNT("-C", "--count", "SPECIFIER", "adds a frequency table; can be repeated"),
  SUM("-S", "--sum", "SPECIFIER", "adds a table of sums; can be repeated"),
  STRING_SIZE("-z", "--string-size", "BYTES", "bytes read of each char* (default: 80)"),
  BUCKETS(
      "",
      "--buckets",
      "SCHEME",
      "buckets of histograms: " + BucketScheme.SYNTAX + ", for example log2/3 (default: log2)"),
  THREAD("-t", "--tid", "TID", "counts only this thread's events"),
  INCLUDE(
      "-I",
      "--include",
      "HEADER",
      "a header whose types and constants the specifiers use; all of them are known without it"),
  TABLE_ENTRIES("", "--table-entries", "N", "distinct keys that a table holds (default: 10240)"),
  TABLE_SLOTS(
      "",
      "--table-slots",
      "N",
      "pairs of a key and a bucket that a histogram with keys holds (default: 81920)"),
  CALL_ENTRIES(
      "", "--call-entries", "N", "threads that a return probe can follow (default: 10240)"),
  SCOPE(
      "",
      "--scope",
      "SCOPE",
      "process, or system to count other processes, too; a JVM's own bridge must be allowed to"
          + " (default: process)",
      "process",
      "system"),
  ALLOW(Audience.AGENT, "--allow", "system-scope"),
  NO_PLACEMENT(
      "",
      "--no-placement",
      "",
      "probes functions at their first instruction, even where a later one costs less and sees the"
          + " same"),
  COUNT_JARGDIST(
      "",
      "--count-jargdist",
      "",
      "counts the events of jargdist's own threads in the process, too"),
  RETURNS(
      "",
      "--returns",
      "WAY",
      "how r: sees returns: by sites, which are all instructions by which a function returns, or by a"
          + " trampoline, which replaces return addresses and costs less (default: sites where a"
          + " trampoline could do harm)",
      "auto",
      "sites",
      "trampoline"),
  MAX_OVERHEAD(
      "",
      "--max-overhead",
      "PERCENT",
      "paces or detaches a probe that for 3 s takes more than so much of the CPU time that the process"
          + " itself uses, and at least of one CPU; 0 for no limit (default: 5)"),
  TTL("", "--ttl", "TIME", "detaches each probe after this time, such as 30s, 10m or 1h30m"),
  CONTROL(Audience.AGENT, "--control", "off", "local", "on"),
  /** The socket at which a command line waits for the agent. */
  CONTROL_SOCKET(Audience.JARGDIST, "--control-socket"),
  /** The socket at which a command line waits as the bridge of its probes. */
  BRIDGE_SOCKET(Audience.JARGDIST, "--bridge-socket");

  private enum Audience {
    /** All users who add probes, in any way. */
    PROBES,
    /** Users who start an agent. */
    AGENT,
    /** A command line of ours, which starts one. */
    JARGDIST
  }

  private final Audience audience;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> names;

  private final String label;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> choices;

  /**
   * @param letter empty if it has none
   * @param label of its value; empty if it takes none
   * @param help what it does
   * @param choices all values that it takes; none if there are too many
   */
  AgentOption(String letter, String name, String label, String help, String... choices) {
    this.audience = Audience.PROBES;
    this.names = letter.isEmpty() ? List.of(name) : List.of(letter, name);
    this.label = label;
    this.help = help;
    this.choices = List.of(choices);
  }

  AgentOption(Audience audience, String name, String... choices) {
    this.audience = audience;
    this.names = List.of(name);
    this.label = "VALUE";
    this.help = "";
    this.choices = List.of(choices);
  }

  /**
   * @return null if there is none of this name
   */
  static @Nullable AgentOption named(String name) {
    return Arrays.stream(values())
        .filter(option -> option.names.contains(name))
        .findFirst()
        .orElse(null);
  }

  /** Returns the options of probes, without those of the agent. */
  public static Stream<AgentOption> ofProbes() {
    return Arrays.stream(values()).filter(AgentOption::isOfProbes);
  }

  boolean isOfProbes() {
    return audience == Audience.PROBES;
  }

  /** Lists the options that people may use, for a user who gave an unknown one. */
  static String usage() {
    return Arrays.stream(values())
        .filter(option -> option.audience != Audience.JARGDIST)
        .map(AgentOption::withValue)
        .collect(Collectors.joining(", ", "the agent's options are ", ""));
  }

  private String withValue() {
    String value = choices.isEmpty() ? label : String.join("|", choices);
    return (names.get(0) + " " + value).strip();
  }

  /** Returns the names with their dashes, the short one first. */
  public List<String> names() {
    return names;
  }

  /** The long one of its names. */
  public String longName() {
    return names.get(names.size() - 1);
  }

  /** Empty if it takes no value. */
  public String label() {
    return label;
  }

  boolean isFlag() {
    return label.isEmpty();
  }

  public String help() {
    return help;
  }

  /**
   * Returns a value if this option takes it.
   *
   * @throws IllegalArgumentException if it is another one; the message says which it takes
   */
  public String chosen(String value) {
    if (!choices.contains(value)) {
      throw new IllegalArgumentException(
          longName() + " takes " + String.join(" or ", choices) + ", not " + value);
    }
    return value;
  }
}
