/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.codegen.Architecture;
import io.jargdist.codegen.PlanOptions;
import io.jargdist.codegen.Planner;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ResolvedProbe;
import io.jargdist.compile.CompileException;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.os.KernelException;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.PidFilter;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierGenerator;
import io.jargdist.specifier.SpecifierParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What the planner accepts, the compiler compiles and the kernel loads, whatever it says. {@code
 * -Dfuzz.compiles=2000} tries more of them, {@code -Dfuzz.seed=N} others. As root only.
 */
class SpecifierLoadTest {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final int COMPILES = Integer.getInteger("fuzz.compiles", 60);

  private final KernelTypes types = new KernelTypes();
  private final Map<String, ResolvedProbe> resolved = new HashMap<>();

  @Test
  void everyAcceptedSpecifierCompilesAndLoads() throws Exception {
    SpecifierGenerator generator = new SpecifierGenerator(SEED);
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    List<String> failures = new ArrayList<>();
    int accepted = 0;
    int refused = 0;
    try (CompilerProcess compiler =
        new CompilerProcess(
            Path.of(System.getProperty("java.home")),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60))) {
      while (accepted < COMPILES) {
        boolean namespaced = accepted % 2 == 0;
        Form form = generator.form();
        String text = generator.next(form);
        ProbePlan plan;
        try {
          plan = plan(SpecifierParser.parse(text, form), self, namespaced);
        } catch (SpecifierException e) {
          refused++;
          continue;
        }
        if (++accepted % 100 == 0) {
          System.err.println(accepted + " compiled, " + failures.size() + " of them wrong");
        }
        try {
          LoadedProbe.verify(compiler.compile(plan.text()), plan, filter(self, namespaced), null);
        } catch (CompileException | KernelException e) {
          failures.add(form + " " + text + "\n" + e.getMessage());
          System.err.println("seed " + SEED + ": " + failures.get(failures.size() - 1));
        }
      }
    }
    assertThat(failures).as("seed " + SEED).isEmpty();
    assertThat(refused).isLessThan(accepted);
  }

  /** How a program recognises this process, as from inside a pid namespace or from outside. */
  private static PidFilter filter(TargetProcess self, boolean namespaced) throws IOException {
    return namespaced
        ? new PidFilter.Namespaced(
            (int) self.pid(),
            ((Number) Files.getAttribute(NAMESPACE, "unix:dev")).longValue(),
            ((Number) Files.getAttribute(NAMESPACE, "unix:ino")).longValue())
        : self.filter();
  }

  /** Nothing is attached, so the files need not stay open. */
  private ResolvedProbe resolve(Specifier specifier, TargetProcess self) throws Exception {
    try (TargetLibraries libraries = new TargetLibraries(self)) {
      return new Resolver(libraries, types, new Warnings()).resolve(specifier);
    }
  }

  private ProbePlan plan(Specifier specifier, TargetProcess self, boolean namespaced)
      throws Exception {
    String point = specifier.text().substring(0, specifier.text().indexOf('('));
    ResolvedProbe probe = resolved.get(point);
    if (probe == null) {
      probe = resolve(specifier, self);
      resolved.put(point, probe);
    }
    PlanOptions options =
        new PlanOptions(
            80, 100, 100, Log2Buckets.DEFAULT, null, false, Machine.possibleCpus(), namespaced);
    return Planner.plan(specifier, probe, options, types, Architecture.current());
  }
}
