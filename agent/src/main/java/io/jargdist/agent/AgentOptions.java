/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.bridge.protocol.Limits;
import io.jargdist.bridge.protocol.ProbeOptions;
import io.jargdist.jmx.Control;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Includes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is asked for, in the words of the command line.
 *
 * @param probes in the order written
 * @param maxOverhead what probes may cost that are added by JMX later, in percent of a CPU; null to
 *     leave it as it is
 * @param allowsSystemScope whether this agent may count other processes, too
 * @param control who may change probes by JMX; null to leave it as it is
 * @param controlSocket where a command line waits that wants to use this agent
 * @param bridgeSocket where it waits as the bridge of its probes; null if this JVM is to start one
 */
record AgentOptions(
    List<Requested> probes,
    ProbeOptions options,
    @Nullable Double maxOverhead,
    boolean allowsSystemScope,
    @Nullable Control control,
    @Nullable Path controlSocket,
    @Nullable Path bridgeSocket) {
  private static final String USAGE =
      "the agent's options are -H SPECIFIER, -C SPECIFIER, --buckets SCHEME, -z BYTES, -t TID,"
          + " -I HEADER,"
          + " --table-entries N, --call-entries N, --scope process|system, --allow system-scope,"
          + " --no-placement, --count-jargdist, --max-overhead PERCENT, --ttl TIME, --control off|local|on";

  private static final String NO_PLACEMENT = "--no-placement";
  private static final String COUNT_JARGDIST = "--count-jargdist";
  private static final String CONTROL_SOCKET = "--control-socket";
  private static final String BRIDGE_SOCKET = "--bridge-socket";
  private static final Set<String> NAMES =
      Set.of(
          "-H",
          "--histogram",
          "-C",
          "--count",
          "-z",
          "--string-size",
          "-t",
          "--tid",
          "-I",
          "--include",
          "--table-entries",
          "--call-entries",
          "--scope",
          "--allow",
          "--buckets",
          "--control",
          "--max-overhead",
          "--ttl",
          CONTROL_SOCKET,
          BRIDGE_SOCKET);

  AgentOptions {
    probes = List.copyOf(probes);
  }

  record Requested(Form form, String specifier) {}

  /**
   * @throws IllegalArgumentException if it is not understood; the message says what would be
   */
  static AgentOptions parse(List<String> words) {
    List<Requested> probes = new ArrayList<>();
    int stringSize = ProbeOptions.DEFAULT.stringSize();
    int tableEntries = ProbeOptions.DEFAULT.tableEntries();
    int callEntries = ProbeOptions.DEFAULT.callEntries();
    BucketScheme buckets = Log2Buckets.DEFAULT;
    Integer thread = null;
    boolean systemWide = false;
    boolean allowsSystemScope = false;
    boolean placement = ProbeOptions.DEFAULT.placement();
    boolean ownThreads = false;
    Double maxOverhead = null;
    Duration ttl = null;
    Control control = null;
    Path socket = null;
    Path bridge = null;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals(NO_PLACEMENT)) {
        placement = false;
        continue;
      } else if (word.equals(COUNT_JARGDIST)) {
        ownThreads = true;
        continue;
      }
      boolean joined = word.startsWith("--") && word.contains("=");
      String name = joined ? word.substring(0, word.indexOf('=')) : word;
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("unknown option " + word + ": " + USAGE);
      }
      if (!joined && ++i == words.size()) {
        throw new IllegalArgumentException(
            "option " + word + " has no value; " + Words.NOT_SPLIT + "; " + USAGE);
      }
      String value = joined ? word.substring(word.indexOf('=') + 1) : words.get(i);
      switch (name) {
        case "-H", "--histogram" -> probes.add(new Requested(Form.HISTOGRAM, value));
        case "-C", "--count" -> probes.add(new Requested(Form.FREQUENCY, value));
        case "-z", "--string-size" -> stringSize = number(name, value);
        case "-t", "--tid" -> thread = number(name, value);
        case "--buckets" -> buckets = BucketScheme.parse(value);
        case "-I", "--include" -> Includes.check(value);
        case "--table-entries" -> tableEntries = number(name, value);
        case "--call-entries" -> callEntries = number(name, value);
        case "--scope" -> systemWide = chosen(name, value, "process", "system").equals("system");
        case "--allow" -> allowsSystemScope = !chosen(name, value, "system-scope").isEmpty();
        case "--max-overhead" -> maxOverhead = Limits.percent(value);
        case "--ttl" -> ttl = Limits.duration(value);
        case "--control" -> control = Control.of(value);
        case BRIDGE_SOCKET -> bridge = Path.of(value);
        default -> socket = Path.of(value);
      }
    }
    return new AgentOptions(
        probes,
        new ProbeOptions(
            stringSize,
            tableEntries,
            callEntries,
            buckets,
            thread,
            systemWide,
            placement,
            ownThreads,
            new Limits(
                maxOverhead == null ? Limits.DEFAULT.maxOverheadPercent() : maxOverhead, ttl)),
        maxOverhead,
        allowsSystemScope,
        control,
        socket,
        bridge);
  }

  private static String chosen(String option, String value, String... choices) {
    List<String> allowed = List.of(choices);
    if (!allowed.contains(value)) {
      throw new IllegalArgumentException(
          option + " takes " + String.join(" or ", allowed) + ", not " + value);
    }
    return value;
  }

  private static int number(String option, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The message below fits.
    }
    throw new IllegalArgumentException(option + " takes a positive number, not " + value);
  }
}
