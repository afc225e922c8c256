/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.jmx.Control;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Includes;
import io.jargdist.wire.Limits;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.ReturnWay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options that an agent was given, in the words of the command line.
 *
 * @param given what was said at all
 * @param probes in the order written
 * @param maxOverhead what probes may cost that are added by JMX later, in percent of a CPU; null to
 *     leave it as it is
 * @param allowsSystemScope whether this agent may count other processes, too
 * @param control who may change probes by JMX; null to leave it as it is
 * @param controlSocket where a command line waits that wants to use this agent
 * @param bridgeSocket where it waits as the bridge of its probes; null if this JVM is to start one
 */
record AgentOptions(
    Set<AgentOption> given,
    List<Requested> probes,
    ProbeOptions options,
    @Nullable Double maxOverhead,
    boolean allowsSystemScope,
    @Nullable Control control,
    @Nullable Path controlSocket,
    @Nullable Path bridgeSocket) {
  AgentOptions {
    given = Set.copyOf(given);
    probes = List.copyOf(probes);
  }

  record Requested(Form form, String specifier) {}

  /**
   * @throws IllegalArgumentException if it is not understood; the message says what would be
   */
  static AgentOptions parse(List<String> words) {
    Set<AgentOption> given = EnumSet.noneOf(AgentOption.class);
    List<Requested> probes = new ArrayList<>();
    int stringSize = ProbeOptions.DEFAULT.stringSize();
    int tableEntries = ProbeOptions.DEFAULT.tableEntries();
    int tableSlots = ProbeOptions.DEFAULT.tableSlots();
    int callEntries = ProbeOptions.DEFAULT.callEntries();
    BucketScheme buckets = Log2Buckets.DEFAULT;
    Integer thread = null;
    boolean systemWide = false;
    boolean allowsSystemScope = false;
    boolean placement = ProbeOptions.DEFAULT.placement();
    boolean ownThreads = false;
    ReturnWay returns = ProbeOptions.DEFAULT.returns();
    Double maxOverhead = null;
    Duration ttl = null;
    Control control = null;
    Path socket = null;
    Path bridge = null;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean joined = word.startsWith("--") && word.contains("=");
      String name = joined ? word.substring(0, word.indexOf('=')) : word;
      AgentOption option = AgentOption.named(name);
      if (option == null || (joined && option.isFlag())) {
        throw new IllegalArgumentException("unknown option " + word + ": " + AgentOption.usage());
      }
      boolean next = !joined && !option.isFlag();
      if (next && ++i == words.size()) {
        throw new IllegalArgumentException(
            "option " + word + " has no value; " + Words.NOT_SPLIT + "; " + AgentOption.usage());
      }
      String value = next ? words.get(i) : word.substring(word.indexOf('=') + 1);
      given.add(option);
      switch (option) {
        case HISTOGRAM -> probes.add(new Requested(Form.HISTOGRAM, value));
        case COUNT -> probes.add(new Requested(Form.FREQUENCY, value));
        case SUM -> probes.add(new Requested(Form.SUM, value));
        case STRING_SIZE -> stringSize = number(name, value);
        case BUCKETS -> buckets = BucketScheme.parse(value);
        case THREAD -> thread = number(name, value);
        case INCLUDE -> Includes.check(value);
        case TABLE_ENTRIES -> tableEntries = number(name, value);
        case TABLE_SLOTS -> tableSlots = number(name, value);
        case CALL_ENTRIES -> callEntries = number(name, value);
        case SCOPE -> systemWide = option.chosen(value).equals("system");
        case ALLOW -> allowsSystemScope = option.chosen(value).equals("system-scope");
        case NO_PLACEMENT -> placement = false;
        case COUNT_JARGDIST -> ownThreads = true;
        case RETURNS -> returns = ReturnWay.of(option.chosen(value));
        case MAX_OVERHEAD -> maxOverhead = Limits.percent(value);
        case TTL -> ttl = Limits.duration(value);
        case CONTROL -> control = Control.of(value);
        case CONTROL_SOCKET -> socket = Path.of(value);
        case BRIDGE_SOCKET -> bridge = Path.of(value);
      }
    }
    return new AgentOptions(
        given,
        probes,
        new ProbeOptions(
            stringSize,
            tableEntries,
            tableSlots,
            callEntries,
            buckets,
            thread,
            systemWide,
            placement,
            ownThreads,
            returns,
            new Limits(
                maxOverhead == null ? Limits.DEFAULT.maxOverheadPercent() : maxOverhead, ttl)),
        maxOverhead,
        allowsSystemScope,
        control,
        socket,
        bridge);
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
