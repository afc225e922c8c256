/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.FrequencyText;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.HistogramText;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyedHistogramText;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.snapshot.SumText;
import io.jargdist.specifier.Form;
import io.jargdist.text.IoFailure;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line's language, as far as it can be answered at once: what the operation {@code
 * execute} takes. Files are not read for it, since its callers need not be allowed to.
 */
final class ExecuteLine {
  private static final String HELP =
      """
      -H SPECIFIER, -C SPECIFIER, -S SPECIFIER   starts probes; answers the names of their MBeans
        --buckets SCHEME, -z BYTES, -t TID, --table-entries N, --table-slots N   apply to all of them
        --max-overhead PERCENT, --ttl TIME   what each may cost, and how long it may run
      list                         the probes of this JVM
      show [NAME ...]              what they have counted
      check [-H|-C|-S] SPECIFIER      parses, compiles and places a probe without attaching it
      detach NAME ...              stops probes""";

  private static final Set<String> OF_A_TERMINAL =
      Set.of("-i", "--interval", "-d", "--duration", "-n", "--number", "-c", "--cumulative", "-T");

  private final ProbeRegistry registry;

  ExecuteLine(ProbeRegistry registry) {
    this.registry = registry;
  }

  /**
   * @throws IllegalArgumentException if the line is not understood
   * @throws ProbeException if a probe cannot be attached; those before it stay
   */
  String run(String line) throws ProbeException {
    List<String> words = Words.plain(line);
    List<String> rest = words.subList(1, words.size());
    return switch (words.get(0)) {
      case "help", "-h", "--help" -> HELP;
      case "list" -> list();
      case "show" -> show(rest);
      case "check" -> check(rest);
      case "detach", "remove" -> detach(rest);
      case "attach" -> attach(rest);
      default -> attach(words);
    };
  }

  private String attach(List<String> words) throws ProbeException {
    for (String word : words) {
      if (OF_A_TERMINAL.contains(word)) {
        throw new IllegalArgumentException(
            word
                + " is for a terminal: leave it out and read the probe's MBean, or run java -jar"
                + " jargdist.jar -p "
                + ProcessHandle.current().pid());
      }
      if (!word.startsWith("-") && words.indexOf(word) == 0) {
        throw new IllegalArgumentException("unknown command " + word + "; there are:\n" + HELP);
      }
    }
    AgentOptions options = AgentOptions.parse(words);
    if (!options.given().stream().allMatch(AgentOption::isOfProbes)) {
      throw new IllegalArgumentException(
          "--allow is for whoever starts the agent, and so is --control");
    }
    if (options.probes().isEmpty()) {
      throw new IllegalArgumentException("nothing to do; there are:\n" + HELP);
    }
    List<String> names = new ArrayList<>();
    ProbeBatch batch = registry.batch(registry.ownBridge());
    batch.expect(options.probes(), options.options());
    for (Requested requested : options.probes()) {
      names.add(batch.attach(requested, options.options()).name());
    }
    batch.start();
    return String.join("\n", names);
  }

  private String check(List<String> words) throws ProbeException {
    Map<String, Form> options =
        Stream.of(Form.values()).collect(Collectors.toMap(Form::option, form -> form));
    Form form =
        words.stream()
            .filter(options::containsKey)
            .map(options::get)
            .findFirst()
            .orElse(Form.FREQUENCY);
    List<String> specifiers = words.stream().filter(word -> !options.containsKey(word)).toList();
    if (specifiers.size() != 1) {
      throw new IllegalArgumentException(
          "check takes one specifier, in quotes: check 'r:c:read():int:$retval'");
    }
    return registry.check(form, specifiers.get(0), ProbeOptions.DEFAULT, registry.ownBridge());
  }

  private String detach(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("detach which probe? list shows them");
    }
    names.forEach(registry::remove);
    return "detached " + String.join(", ", names);
  }

  private String list() {
    StringBuilder text = new StringBuilder();
    for (ManagedProbe<?> probe : registry.all()) {
      text.append(probe.name()).append("  ").append(probe.state()).append("  ");
      text.append(probe.specifier()).append('\n');
    }
    return text.isEmpty() ? "no probes" : text.toString().stripTrailing();
  }

  private String show(List<String> names) {
    StringBuilder text = new StringBuilder();
    names.forEach(registry::require);
    for (ManagedProbe<?> probe : registry.all()) {
      if (names.isEmpty() || names.contains(probe.name())) {
        text.append(probe.specifier()).append('\n');
        rows(probe).forEach(row -> text.append(row).append('\n'));
      }
    }
    return text.isEmpty() ? "no probes" : text.toString().stripTrailing();
  }

  private static List<String> rows(ManagedProbe<?> probe) {
    try {
      Snapshot<?> snapshot = probe.readTotal();
      Message.Attached attached = probe.attached();
      List<KeyColumn> columns = attached.columns();
      List<String> rows =
          new ArrayList<>(
              switch (snapshot.form()) {
                case HISTOGRAM -> histogram((HistogramSnapshot) snapshot, attached);
                case FREQUENCY -> FrequencyText.rows((FrequencySnapshot) snapshot, columns);
                case SUM -> SumText.rows((SumSnapshot) snapshot, columns);
              });
      if (snapshot.losses().total() != 0) {
        rows.add(snapshot.losses().line());
      }
      return rows;
    } catch (IOException e) {
      return List.of("no answer: " + IoFailure.sentence(e));
    }
  }

  private static List<String> histogram(HistogramSnapshot snapshot, Message.Attached probe) {
    return probe.columns().isEmpty() || snapshot.count() == 0
        ? HistogramText.lines(snapshot, probe.label())
        : KeyedHistogramText.rows(snapshot, probe.columns(), probe.label(), Integer.MAX_VALUE);
  }
}
