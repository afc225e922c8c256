/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.agent.AgentOption;
import io.jargdist.os.MachineException;
import io.jargdist.os.ProcessThreads;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Includes;
import io.jargdist.wire.Limits;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.ReturnWay;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The arguments that say what to count: the specifiers and the options of all of them. Several
 * commands have them.
 */
final class ProbeArguments {
  private List<String> histograms = List.of();
  private List<String> counts = List.of();
  private List<String> sums = List.of();
  private List<String> includes = List.of();
  private int stringSize = ProbeOptions.DEFAULT.stringSize();
  private int tableEntries = ProbeOptions.DEFAULT.tableEntries();
  private int tableSlots = ProbeOptions.DEFAULT.tableSlots();
  private int callEntries = ProbeOptions.DEFAULT.callEntries();
  private @Nullable String buckets;
  private @Nullable Integer tid;
  private String scope = "process";
  private boolean atEntry;
  private boolean ownThreads;
  private String returns = ProbeOptions.DEFAULT.returns().word();
  private @Nullable String maxOverhead;
  private @Nullable String ttl;

  /** Returns the options of a command that has these arguments. */
  static CommandSpec options() {
    CommandSpec options = CommandSpec.create();
    AgentOption.ofProbes()
        .forEach(
            option ->
                options.addOption(
                    OptionSpec.builder(option.names().toArray(String[]::new))
                        .paramLabel(option.label())
                        .description(option.help())
                        .type(type(option))
                        .build()));
    return options;
  }

  private static Class<?> type(AgentOption option) {
    return switch (option) {
      case HISTOGRAM, COUNT, SUM, INCLUDE -> String[].class;
      case STRING_SIZE, THREAD, TABLE_ENTRIES, TABLE_SLOTS, CALL_ENTRIES -> Integer.class;
      case BUCKETS, SCOPE, RETURNS, MAX_OVERHEAD, TTL -> String.class;
      case NO_PLACEMENT, COUNT_JARGDIST -> Boolean.class;
      case ALLOW, CONTROL, CONTROL_SOCKET, BRIDGE_SOCKET -> throw notOfProbes(option);
    };
  }

  private static IllegalArgumentException notOfProbes(AgentOption option) {
    return new IllegalArgumentException(option + " says nothing of probes");
  }

  /**
   * @param options what {@link #options} has made, with what was on the command line
   */
  ProbeArguments(CommandSpec options) {
    AgentOption.ofProbes()
        .forEach(
            option -> {
              Object value = options.findOption(option.longName()).getValue();
              if (value != null) {
                set(option, value);
              }
            });
  }

  private void set(AgentOption option, Object value) {
    switch (option) {
      case HISTOGRAM -> histograms = List.of((String[]) value);
      case COUNT -> counts = List.of((String[]) value);
      case SUM -> sums = List.of((String[]) value);
      case STRING_SIZE -> stringSize = (Integer) value;
      case BUCKETS -> buckets = (String) value;
      case THREAD -> tid = (Integer) value;
      case INCLUDE -> includes = List.of((String[]) value);
      case TABLE_ENTRIES -> tableEntries = (Integer) value;
      case TABLE_SLOTS -> tableSlots = (Integer) value;
      case CALL_ENTRIES -> callEntries = (Integer) value;
      case SCOPE -> scope = (String) value;
      case NO_PLACEMENT -> atEntry = (Boolean) value;
      case COUNT_JARGDIST -> ownThreads = (Boolean) value;
      case RETURNS -> returns = (String) value;
      case MAX_OVERHEAD -> maxOverhead = (String) value;
      case TTL -> ttl = (String) value;
      case ALLOW, CONTROL, CONTROL_SOCKET, BRIDGE_SOCKET -> throw notOfProbes(option);
    }
  }

  record Requested(Form form, String specifier) {}

  boolean hasAny() {
    return !histograms.isEmpty() || !counts.isEmpty() || !sums.isEmpty();
  }

  /**
   * Returns at least one probe. All frequency tables come first, then all sums, then all
   * histograms: argdist shows histograms last.
   */
  List<Requested> requested() throws UsageException {
    List<Requested> requested = new ArrayList<>();
    counts.forEach(text -> requested.add(new Requested(Form.FREQUENCY, text)));
    sums.forEach(text -> requested.add(new Requested(Form.SUM, text)));
    histograms.forEach(text -> requested.add(new Requested(Form.HISTOGRAM, text)));
    if (requested.isEmpty()) {
      throw new UsageException(
          "at least one specifier is required: -H SPECIFIER, -C SPECIFIER or -S SPECIFIER");
    }
    return requested;
  }

  /**
   * @param pid the JVM to look at
   * @throws MachineException if it has no thread of the number given
   */
  ProbeOptions options(long pid) throws UsageException, MachineException {
    try {
      includes.forEach(Includes::check);
      AgentOption.SCOPE.chosen(scope);
      AgentOption.RETURNS.chosen(returns);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    Integer thread = tid == null ? null : ProcessThreads.ownNumber(pid, tid);
    try {
      return new ProbeOptions(
          stringSize,
          tableEntries,
          tableSlots,
          callEntries,
          scheme(),
          thread,
          scope.equals("system"),
          !atEntry,
          ownThreads,
          ReturnWay.of(returns),
          limits());
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private Limits limits() throws UsageException {
    try {
      return new Limits(
          maxOverhead == null ? Limits.DEFAULT.maxOverheadPercent() : Limits.percent(maxOverhead),
          ttl == null ? null : Limits.duration(ttl));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private BucketScheme scheme() throws UsageException {
    try {
      return buckets == null ? ProbeOptions.DEFAULT.buckets() : BucketScheme.parse(buckets);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--buckets: " + e.getMessage());
    }
  }
}
