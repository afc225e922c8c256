/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.codegen.Planner;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.codegen.ProbePlan.KprobePoint;
import io.jargdist.codegen.ProbePlan.TrampolinePoint;
import io.jargdist.compile.CompileException;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.OwnCompiler;
import io.jargdist.compile.ProgramImage;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.PidNumbers;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSources;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.PidFilter;
import io.jargdist.resolve.HotSpotTypes;
import io.jargdist.resolve.KernelTypes;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The compiler compiles all that the planner accepts, and the kernel loads it and attaches it to
 * this process. {@code -Dfuzz.compiles=2000} tries more of them, {@code -Dfuzz.seed=N} others. As
 * root only.
 */
class SpecifierLoadTest {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final int COMPILES = Integer.getInteger("fuzz.compiles", 60);
  private static final Path CORPUS =
      Path.of("src/test/resources/io/jargdist/specifier/accepted.txt");

  /** The specifiers of the corpus whose function, probe or type this machine has. */
  private static final int KNOWN_HERE = 25;

  private final KernelTypes types = new KernelTypes();
  private final Map<String, List<ResolvedProbe>> resolved = new HashMap<>();
  private final Map<String, ProgramImage> compiled = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private int attached;

  @Test
  void everyAcceptedSpecifierIsAttached() throws Exception {
    SpecifierGenerator generator = new SpecifierGenerator(SEED);
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    int accepted = 0;
    int refused = 0;
    try (CompilerProcess compiler = OwnCompiler.create();
        TargetLibraries libraries = new TargetLibraries(self)) {
      while (accepted < COMPILES) {
        Form form = generator.form();
        String text = generator.next(form);
        if (attach(compiler, libraries, form, text, accepted)) {
          accepted++;
          if (accepted % 100 == 0) {
            System.err.println(accepted + " attached, " + failures.size() + " of them wrong");
          }
        } else {
          refused++;
        }
      }
    }
    assertThat(failures).as("seed " + SEED).isEmpty();
    assertThat(refused).isLessThan(accepted);
    assertThat(attached).isEqualTo(accepted);
  }

  @Test
  void everySpecifierOfTheCorpusIsAttached() throws Exception {
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    int accepted = 0;
    try (CompilerProcess compiler = OwnCompiler.create();
        TargetLibraries libraries = new TargetLibraries(self)) {
      for (String line : Files.readAllLines(CORPUS)) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        Form form = Form.of(line.substring(0, 2));
        for (int way = 0; way < 4; way++) {
          try {
            accepted += attach(compiler, libraries, form, line.substring(3), way) ? 1 : 0;
          } catch (MachineException e) {
            // This machine does not have it.
          }
        }
      }
    }
    assertThat(failures).isEmpty();
    assertThat(accepted).isGreaterThan(4 * KNOWN_HERE);
  }

  /**
   * @param way inside a pid namespace or outside, by links or by perf events
   * @return whether the specifier was accepted
   */
  private boolean attach(
      CompilerProcess compiler, TargetLibraries libraries, Form form, String text, int way)
      throws Exception {
    boolean namespaced = way % 2 == 0;
    boolean links = way % 4 < 2;
    TargetProcess self = libraries.target();
    ProbePlan plan;
    try {
      plan = plan(SpecifierParser.parse(text, form), libraries, namespaced);
    } catch (SpecifierException e) {
      return false;
    }
    PidFilter filter = filter(self, namespaced);
    try {
      ProgramImage image = compiled.get(plan.text());
      if (image == null) {
        image = compiler.compile(plan.text());
        compiled.put(plan.text(), image);
      }
      if (isOfTheKernel(plan)) {
        // Whether the kernel has kprobes is another question.
        LoadedProbe.verify(image, plan, filter, null);
        attached++;
        return true;
      }
      try (Gate gate = Gate.create();
          OwnThreads none = OwnThreads.create();
          LoadedProbe probe =
              LoadedProbe.load(
                  image, plan, (int) self.pid(), filter, null, links, true, gate, none)) {
        gate.open();
        assertThat(probe.recursionMisses()).isNotNegative();
        attached++;
      }
    } catch (CompileException | KernelException e) {
      failures.add(form + " " + text + "\n" + e.getMessage());
      System.err.println("seed " + SEED + ": " + failures.get(failures.size() - 1));
    }
    return true;
  }

  private static boolean isOfTheKernel(ProbePlan plan) {
    return plan.programs().stream()
        .flatMap(program -> program.attachPoints().stream())
        .anyMatch(point -> point instanceof KprobePoint || point instanceof TrampolinePoint);
  }

  /** Returns how a program recognises this process, from inside a pid namespace or from outside. */
  private static PidFilter filter(TargetProcess self, boolean namespaced) throws IOException {
    return namespaced
        ? new PidFilter(
            PidNumbers.OWN,
            (int) self.pid(),
            new PidFilter.Namespace(
                ((Number) Files.getAttribute(NAMESPACE, "unix:dev")).longValue(),
                ((Number) Files.getAttribute(NAMESPACE, "unix:ino")).longValue()))
        : self.filter();
  }

  private ProbePlan plan(Specifier specifier, TargetLibraries libraries, boolean namespaced)
      throws Exception {
    String point =
        specifier.events().stream()
            .map(event -> event.point().text())
            .collect(Collectors.joining(".."));
    List<ResolvedProbe> probe = resolved.get(point);
    if (probe == null) {
      probe = new Resolver(libraries, types, new Warnings()).resolve(specifier);
      resolved.put(point, probe);
    }
    PlanOptions options =
        new PlanOptions(
            80,
            100,
            800,
            100,
            Log2Buckets.DEFAULT,
            null,
            false,
            Machine.possibleCpus(),
            namespaced ? PidNumbers.OWN : PidNumbers.INITIAL,
            false);
    TypeSources sources = new TypeSources(types, HotSpotTypes.of(libraries));
    return Planner.plan(specifier, probe, options, sources, Architecture.current());
  }
}
