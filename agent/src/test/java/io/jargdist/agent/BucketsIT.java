/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kernel puts values into the slots that Java says, whichever way the scheme is chosen. */
class BucketsIT {
  private static final int SHIFTS = 59;
  private static final int FIRST_SIZE = 10_000;

  /** What is written has {@code FIRST_SIZE + (M * SHIFTS + S) * 3 + D + 1} bytes. */
  private static final String VALUE =
      "((n-10000)/177 << (n-10000)/3 % 59) + (n-10000)%3 - 1".replace(" ", "");

  private static Target target;

  @BeforeAll
  static void start() throws IOException {
    target = Target.withAgent(Jdks.own(), "").awaitAgent();
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  private record Probe(BucketScheme scheme, boolean negated, ObjectName bean) {}

  private static Probe add(String scheme, String type, boolean negated) throws Exception {
    String value = negated ? "-(" + VALUE + ")" : VALUE;
    ObjectName bean =
        target.addHistogram(
            "p:c:write(int fd, char *b, size_t n):" + type + ":" + value + ":n>=10000", scheme);
    boolean signed = type.equals("s64");
    return new Probe(BucketScheme.parse(scheme).withSigned(signed), negated, bean);
  }

  @Test
  void kernelAndJavaAgreeOnEveryBoundary() throws Exception {
    List<Probe> probes = new ArrayList<>();
    for (String scheme :
        List.of(
            "log2", "log2/1", "log2/2", "log2/3", "log2/4", "log2/5", "exp/0", "exp/1", "exp/2",
            "exp/3", "exp/4", "exp/5")) {
      probes.add(add(scheme, "u64", false));
      probes.add(add(scheme, "s64", false));
      probes.add(add(scheme, "s64", true));
    }
    probes.add(add("linear(0,1000,50)", "u64", false));
    probes.add(add("linear(33,9223372036854775807,4611686018427387904)", "u64", false));
    probes.add(add("linear(-500,500,7)", "s64", false));
    probes.add(add("linear(-500,500,7)", "s64", true));
    String widest = "linear(-9223372036854775808,9223372036854775807,4505799724892417)";
    probes.add(add(widest, "s64", true));
    assertThat(probes.stream().map(probe -> probe.scheme().kind()))
        .contains(BucketScheme.Kind.values());

    // M << S, and what is beside it: all powers of two, their 32 parts, 0, and around the top.
    List<Long> values = new ArrayList<>();
    for (int m = 0; m < 64; m++) {
      for (int s = 0; s < SHIFTS; s++) {
        boolean power = m == 32 || m == 33 || m == 63;
        for (int d = -1; d <= 1 && (power || s % 29 < 2); d++) {
          values.add(((long) m << s) + d);
          target.run("write 1 " + (FIRST_SIZE + (m * SHIFTS + s) * 3 + d + 1));
        }
      }
    }
    assertThat(values).contains(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE);

    for (Probe probe : probes) {
      BucketScheme scheme = probe.scheme();
      long[] expected = new long[scheme.slots()];
      long sum = 0;
      for (long value : values) {
        long counted = probe.negated() ? -value : value;
        expected[scheme.slotOf(counted)]++;
        sum += counted;
      }
      assertThat((long[]) target.attribute(probe.bean(), "Counts"))
          .as("%s %s", scheme, probe.negated() ? "negated" : "")
          .isEqualTo(expected);
      assertThat(target.attribute(probe.bean(), "Sum")).isEqualTo(sum);
      assertThat(target.attribute(probe.bean(), "Count")).isEqualTo((long) values.size());
      assertThat(target.attribute(probe.bean(), "Scheme")).isEqualTo(scheme.text());
      assertThat(target.attribute(probe.bean(), "Lost")).isEqualTo(0L);
      target.agent("remove", probe.bean().getKeyProperty("name"));
    }
  }

  @Test
  void optionsOfAgentAndCommandLineChooseTheScheme() throws Exception {
    target.agent(
        "execute",
        "--buckets linear(0,5000,100) -H 'r:c:read():int:$retval:$retval==4099#executed'");
    Process commandLine =
        Command.start(
            target,
            "--publish",
            "--buckets=log2/4",
            "-H",
            "r:c:read():int:$retval:$retval==4099#shown",
            "-n1");
    await().until(() -> target.has(Target.histogram("shown")));
    target.run("read 211 4099");
    assertThat(commandLine.inputReader().lines())
        .hasSize(3)
        .last()
        .asString()
        .startsWith("      4096 -> 4351       : 211 ");
    assertThat(((String[]) target.attribute(Target.histogram("executed"), "Histogram"))[1])
        .startsWith("      4000 -> 4099       : 211 ");
    target.agent("remove", "executed");
  }

  @Test
  void badSchemesAreRefusedWithAnExample() throws Exception {
    String specifier = "p:c:write(int fd, char *b, size_t n):size_t:n";
    assertThatThrownBy(() -> target.addHistogram(specifier, "linear(0,1,2,3)"))
        .hasMessageContaining("for example log2/3 or linear(0,1000,50)");
    assertThatThrownBy(() -> target.addHistogram(specifier, "linear(-5,1000,10)"))
        .hasMessageContaining("the values are unsigned")
        .hasMessageContaining("^");
    Command.Result result =
        Command.jargdist("-p", "" + target.pid(), "-H", specifier, "--buckets", "linear(0,9,0)");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err())
        .contains("--buckets: linear(0,9,0): STEP must be at least 1, for example");
  }
}
