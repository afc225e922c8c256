/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.BucketScheme;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConsoleModelTest {
  private final ConsoleModel model = new ConsoleModel();

  private ProbeHistory.Interval last(String type, String name) {
    return requireNonNull(maybeLast(type, name));
  }

  private ProbeHistory.@Nullable Interval maybeLast(String type, String name) {
    return requireNonNull(model.probe(Snapshots.bean(type, name))).lastInterval();
  }

  private static List<CountRow> rows(ProbeHistory.Interval interval) {
    return CountRow.of(requireNonNull(interval.histogram()));
  }

  @Test
  void anIntervalIsTheDifferenceOfTwoReadings() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 1, 5, 5)));
    assertThat(maybeLast("Histogram", "reads")).isNull();
    model.apply(Snapshots.ofJvm("a", 4, Snapshots.histogram("reads", 3, 5, 5, 5, 100)));
    ProbeHistory.Interval interval = last("Histogram", "reads");
    assertThat(interval.count()).isEqualTo(2);
    assertThat(interval.lost()).isEqualTo(2);
    assertThat(interval.perSecond()).isEqualTo(0.5);
    assertThat(rows(interval).get(0).count()).isEqualTo(1);
    assertThat(requireNonNull(interval.histogram()).sum()).isEqualTo(105);
  }

  @Test
  void readingsThatAreCloseTogetherShareAnInterval() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 0)));
    model.apply(Snapshots.ofJvm("a", 0.2, Snapshots.histogram("reads", 0, 5)));
    assertThat(maybeLast("Histogram", "reads")).isNull();
    model.apply(Snapshots.ofJvm("a", 1, Snapshots.histogram("reads", 0, 5, 5)));
    assertThat(last("Histogram", "reads").count()).isEqualTo(2);
  }

  @Test
  void afterAResetTheIntervalHasWhatWasCountedSince() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 7, 5, 5, 5)));
    // There are as many events as before, but of other values.
    model.apply(Snapshots.ofJvm("a", 1, Snapshots.histogram("reads", 7, 9, 9, 9)));
    assertThat(last("Histogram", "reads").count()).isEqualTo(3);
    assertThat(rows(last("Histogram", "reads")))
        .extracting(CountRow::label)
        .containsExactly("8 \u2013 15");
    model.apply(Snapshots.ofJvm("a", 2, Snapshots.histogram("reads", 0, 9)));
    assertThat(last("Histogram", "reads").lost()).isZero();
    assertThat(last("Histogram", "reads").count()).isEqualTo(1);
  }

  @Test
  void anotherProbeOfTheSameNameBeginsAnew() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 0, 5)));
    model.apply(
        Snapshots.ofJvm(
            "a", 1, Snapshots.histogram(BucketScheme.parse("log2/3"), "reads", 0, 5, 5)));
    assertThat(maybeLast("Histogram", "reads")).isNull();
  }

  @Test
  void anotherJvmBeginsAnewAlsoIfItsClockIsBehind() {
    model.apply(Snapshots.ofJvm("a", 10, Snapshots.histogram("reads", 0, 5)));
    model.apply(Snapshots.ofJvm("b", 1, Snapshots.histogram("reads", 0, 5, 5)));
    assertThat(maybeLast("Histogram", "reads")).isNull();
    assertThat(requireNonNull(model.latest()).server()).isEqualTo("b");
  }

  @Test
  void anOlderReadingThatComesLateIsLeftOut() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 0)));
    model.apply(Snapshots.ofJvm("a", 2, Snapshots.histogram("reads", 0, 5, 5)));
    model.apply(Snapshots.ofJvm("a", 1, Snapshots.histogram("reads", 0, 5)));
    assertThat(last("Histogram", "reads").count()).isEqualTo(2);
    assertThat(requireNonNull(model.latest()).nanos()).isEqualTo(2_000_000_000L);
  }

  @Test
  void removedProbesAreForgotten() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.histogram("reads", 0, 5)));
    model.apply(Snapshots.ofJvm("a", 1));
    assertThat(model.probes()).isEmpty();
  }

  @Test
  void keysOfAnIntervalAreKnownIfBothReadingsHaveThem() {
    model.apply(Snapshots.ofJvm("a", 0, Snapshots.frequency("fds", Map.of(List.of("3"), 4L))));
    model.apply(
        Snapshots.ofJvm(
            "a", 1, Snapshots.frequency("fds", Map.of(List.of("3"), 4L, List.of("9"), 2L))));
    assertThat(last("Frequency", "fds").counts()).containsExactly(Map.entry(List.of("9"), 2L));
    model.apply(
        Snapshots.ofJvm(
            "a",
            2,
            new ProbeSnapshot.OfFrequency(
                Snapshots.facts("Frequency", "fds", 8, 0), List.of(), null, Set.of(), 0)));
    assertThat(last("Frequency", "fds").count()).isEqualTo(2);
    assertThat(last("Frequency", "fds").counts()).isNull();
  }
}
