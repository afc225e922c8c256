/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import io.jargdist.codegen.Planner;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.OwnCompiler;
import io.jargdist.compile.ProgramImage;
import io.jargdist.cost.HitMeter;
import io.jargdist.cost.UprobeMeasurement;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.PidNumbers;
import io.jargdist.facts.TypeSources;
import io.jargdist.kernel.BpfProgram.Runs;
import io.jargdist.kernel.Gate;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.Machine;
import io.jargdist.kernel.OwnThreads;
import io.jargdist.kernel.RunStatistics;
import io.jargdist.os.KernelException;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attaches the same probes twice at the same time, through uprobe_multi links and through perf
 * events, and compares what was seen. This process is bridge and target in one.
 */
class LinksAndEventsIT {
  private static final int THREADS = 4;
  private static final int CALLS = 1009;
  private static final int COLLECTIONS = 3;
  private static final long NUMBER = 4099;

  private static final List<String> SPECIFIERS =
      List.of(
          "p:c:labs(long n):long:n:n==4099",
          "r:c:labs(long n):long,long:$entry(n),$retval:$entry(n)==4099",
          "u:jvm:gc__begin():int:arg1:arg1==1");

  private final KernelTypes types = new KernelTypes();

  @Test
  void bothSeeTheSame(@TempDir Path folder) throws Exception {
    boolean works = UprobeMeasurement.measure(folder).links();
    if (!works) {
      System.err.println("no uprobe_multi links that see all threads (Linux 6.10): skipped");
      assertThat(System.getProperty("jargdist.skips")).isNotEqualTo("forbidden");
      return;
    }
    List<RunningProbe> probes = new ArrayList<>();
    try (CompilerProcess compiler = OwnCompiler.create()) {
      long before = perfEvents();
      for (String specifier : SPECIFIERS) {
        probes.add(attach(specifier, compiler, true));
      }
      assertThat(perfEvents()).isEqualTo(before);
      for (String specifier : SPECIFIERS) {
        probes.add(attach(specifier, compiler, false));
      }
      // Entry and return have one each, and so has each place of a USDT probe.
      assertThat(perfEvents()).isGreaterThanOrEqualTo(before + 4);
      makeCalls();
      String number = Long.toString(NUMBER);
      List<Map<List<String>, Long>> expected =
          List.of(
              Map.of(List.of(number), (long) THREADS * CALLS),
              Map.of(List.of(number, number), (long) THREADS * CALLS),
              Map.of(List.of("1"), (long) COLLECTIONS));
      for (int i = 0; i < probes.size(); i++) {
        assertThat(counts(probes.get(i))).isEqualTo(expected.get(i % expected.size()));
      }
    } finally {
      probes.parallelStream().forEach(RunningProbe::close);
    }
  }

  /**
   * F36: a probe may be switched off, detached and closed by three threads at once; that leaves
   * nothing, and switches off no other probe, whose descriptors may have the same numbers.
   */
  @Test
  void whoeverEndsAProbeDisturbsNoOther() throws Exception {
    try (CompilerProcess compiler = OwnCompiler.create()) {
      long before = perfEvents();
      for (int round = 0; round < 4; round++) {
        RunningProbe ending = attach(SPECIFIERS.get(1), compiler, false);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();
        Thread disabling =
            Daemon.start(
                "disabling",
                () -> {
                  while (!ended.get()) {
                    ending.disable();
                  }
                },
                failure -> failures.add(new AssertionError(failure)));
        Thread detaching =
            Daemon.start(
                "detaching",
                () -> {
                  try {
                    ending.detach(ProbeHealth.Detached.TIME_IS_OVER);
                  } catch (KernelException | IOException e) {
                    failures.add(e);
                  }
                },
                failure -> failures.add(new AssertionError(failure)));
        ending.close();
        try (RunningProbe other = attach(SPECIFIERS.get(0), compiler, false)) {
          makeCalls();
          assertThat(counts(other))
              .isEqualTo(Map.of(List.of(Long.toString(NUMBER)), (long) THREADS * CALLS));
        }
        ended.set(true);
        disabling.join();
        detaching.join();
        assertThat(failures).isEmpty();
        assertThat(perfEvents()).isEqualTo(before);
      }
    }
  }

  /** F37: what was attached when it turned out that it cannot be read. */
  @Test
  void whatCannotBeReadIsDetached() throws Exception {
    try (CompilerProcess compiler = OwnCompiler.create();
        TargetLibraries libraries = new TargetLibraries(self())) {
      ProbePlan histogram = plan(SPECIFIERS.get(0), Form.HISTOGRAM, libraries);
      ProbePlan frequency = plan(SPECIFIERS.get(0), Form.FREQUENCY, libraries);
      long events = perfEvents();
      long tables = tables();
      long mappings = mappings();
      LoadedProbe loaded = load(frequency, compiler, /* link= */ false);
      assertThat(perfEvents()).isGreaterThan(events);
      assertThat(tables()).isGreaterThan(tables);
      // Its ledger is mapped, then there is no histogram.
      assertThatThrownBy(() -> running(histogram, loaded)).hasMessage("no table histogram");
      assertThat(perfEvents()).isEqualTo(events);
      assertThat(tables()).isEqualTo(tables);
      assertThat(mappings()).isEqualTo(mappings);
    }
  }

  @Test
  void theKernelMeasuresHowLongProgramsRun() throws Exception {
    try (CompilerProcess compiler = OwnCompiler.create();
        RunningProbe probe = attach(SPECIFIERS.get(0), compiler, false)) {
      makeCalls();
      try (RunStatistics statistics = RunStatistics.of(probe.loaded())) {
        long before = hits(probe);
        makeCalls();
        Runs runs = statistics.runs();
        assertThat(runs.count()).isEqualTo(hits(probe) - before);
        assertThat(runs.count()).isGreaterThanOrEqualTo((long) THREADS * CALLS);
        assertThat(runs.nanos() / runs.count()).isBetween(1L, 1_000_000L);
      }
    }
  }

  private static long hits(RunningProbe probe) {
    return LongStream.of(probe.hitsByProcessor()).sum();
  }

  private RunningProbe attach(String text, CompilerProcess compiler, boolean link)
      throws Exception {
    try (TargetLibraries libraries = new TargetLibraries(self())) {
      ProbePlan plan = plan(text, Form.FREQUENCY, libraries);
      return running(plan, load(plan, compiler, link));
    }
  }

  private static RunningProbe running(ProbePlan plan, LoadedProbe loaded) throws KernelException {
    return RunningProbe.of(plan, loaded, () -> 0, new HitMeter(0, 0, System.nanoTime()), false);
  }

  /**
   * @param libraries own the files that the probe is to be attached to
   */
  private ProbePlan plan(String text, Form form, TargetLibraries libraries) throws Exception {
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
            PidNumbers.INITIAL,
            true);
    Specifier specifier = SpecifierParser.parse(text, form);
    return Planner.plan(
        specifier,
        new Resolver(libraries, types, new Warnings()).resolve(specifier),
        options,
        TypeSources.of(types),
        Architecture.current());
  }

  private static LoadedProbe load(ProbePlan plan, CompilerProcess compiler, boolean link)
      throws Exception {
    ProgramImage image = compiler.compile(plan.text());
    TargetProcess self = self();
    try (Gate gate = Gate.create();
        OwnThreads none = OwnThreads.create()) {
      LoadedProbe loaded =
          LoadedProbe.load(
              image, plan, (int) self.pid(), self.filter(), null, link, true, gate, none);
      gate.open();
      return loaded;
    }
  }

  private static TargetProcess self() throws Exception {
    return TargetProcess.of(ProcessHandle.current().pid());
  }

  private static void makeCalls() throws InterruptedException {
    long address = Library.getCachedInstance("libc.so.6", Library.LAZY).getSymbolAddress("labs");
    Function labs = new Function(address, Type.SINT64, Type.SINT64);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread =
          new Thread(
              () -> {
                HeapInvocationBuffer passed = new HeapInvocationBuffer(labs);
                passed.putLong(NUMBER);
                for (int call = 0; call < CALLS; call++) {
                  Invoker.getInstance().invokeLong(labs, passed);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static Map<List<String>, Long> counts(RunningProbe probe) throws Exception {
    FrequencySnapshot snapshot = ((Message.Frequency) probe.read(new Message.Read(0))).snapshot();
    assertThat(snapshot.losses().total()).isZero();
    return snapshot.counts();
  }

  private static long perfEvents() throws Exception {
    return descriptors("[perf_event]");
  }

  private static long tables() throws Exception {
    return descriptors("bpf-map");
  }

  private static long descriptors(String kind) throws Exception {
    long found = 0;
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : files.toList()) {
        try {
          found += Files.readSymbolicLink(file).toString().contains(kind) ? 1 : 0;
        } catch (NoSuchFileException e) {
          // The one of this listing is closed by now, and others can be.
        }
      }
    }
    return found;
  }

  private static long mappings() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("bpf-map")).count();
    }
  }
}
