/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.bridge.ProbePipeline.Planned;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.compile.CompileException;
import io.jargdist.compile.Compiler;
import io.jargdist.compile.ProgramImage;
import io.jargdist.cost.HitMeter;
import io.jargdist.cost.MachineCosts;
import io.jargdist.cost.ProcessUse;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.Machine;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.os.Syscalls;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.LibraryCopies;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierPrinter;
import io.jargdist.text.IoFailure;
import io.jargdist.typing.KeyField;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one target, from the request for one to its end. Answers what is asked of them: it
 * resolves, plans, compiles, loads, attaches, reads and detaches. Owns the probes. Thread-safe:
 * probes are attached one after another, while others are read.
 */
final class TargetProbes implements Server.Handler, AutoCloseable {
  /**
   * The number of threads that close probes. They only wait for the kernel, which lets any number
   * of them wait at the same time.
   */
  private static final int CLOSERS = 100;

  private static final Duration CLOSER_IDLE = Duration.ofSeconds(1);

  private static final String NOT_COMPILED =
      "not compiled and not shown to the kernel's verifier: no privilege to load programs";

  private final BridgeOwner owner;
  private final long pid;
  private final ProbePipeline pipeline;
  private final MachineCosts costs;
  private final LatencyFloor floor;
  private final Price price;
  private final Map<Integer, RunningProbe> probes = new ConcurrentHashMap<>();
  private final Map<Integer, ProbeGroup> groups = new ConcurrentHashMap<>();
  private final TargetThreads ownThreads;
  private final AtomicInteger numbers = new AtomicInteger();
  private final Object attaching = new Object();
  private final ExecutorService closers = closers();
  private final ProbeWatch watch;
  private final LibraryWatch libraries;
  private volatile Consumer<Message> listener = news -> {};
  private volatile boolean closed;

  /**
   * @param owner the kind of process that is or has started the bridge
   * @param pid of the only process that may be probed, as this process sees it
   */
  TargetProbes(BridgeOwner owner, long pid, Compiler compiler, Disassembler disassembler) {
    this.owner = owner;
    this.pid = pid;
    KernelTypes types = new KernelTypes();
    this.costs = new MachineCosts(types);
    this.pipeline = new ProbePipeline(compiler, disassembler, types, costs);
    this.floor = new LatencyFloor(pipeline, costs);
    this.price = new Price(costs);
    this.ownThreads = new TargetThreads(pid);
    this.libraries = new LibraryWatch(pid, pipeline, costs, closers);
    this.watch = new ProbeWatch(new ProcessUse(() -> Syscalls.cpuNanos(pid)));
  }

  /**
   * @param listener gets the messages that answer no request
   */
  void tell(Consumer<Message> listener) {
    this.listener = listener;
  }

  private static ExecutorService closers() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            CLOSERS,
            CLOSERS,
            CLOSER_IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            new DaemonFactory("closer"));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Does everything but attach, for callers in this process. */
  Checked checked(Message.Check request) throws ProbeException {
    return explained(request, () -> check(request));
  }

  @Override
  public Message handle(Message request) throws ProbeException {
    return explained(request, () -> carryOut(request));
  }

  private Message carryOut(Message request)
      throws ProbeException,
          SpecifierException,
          MachineException,
          CompileException,
          KernelException,
          IOException {
    return switch (request.type()) {
      case ATTACH -> {
        synchronized (attaching) {
          try {
            yield attach((Message.Attach) request);
          } finally {
            closeUnusedGroups();
          }
        }
      }
      case CHECK -> new Message.Text(check((Message.Check) request).text());
      case READ -> probe(((Message.Read) request).probe()).read((Message.Read) request);
      case START -> new Message.Started(group(((Message.Start) request).group()).start());
      case MARK -> {
        group(((Message.Mark) request).group()).mark();
        yield new Message.Done();
      }
      case OWN_THREADS -> {
        ownThreads.set(((Message.OwnThreads) request).threads());
        yield new Message.Done();
      }
      case DETACH -> detach(((Message.Detach) request).probe());
      case EXPECT, OUTLIVE, REMOVE, NAMES, FIND -> throw ProbeException.notARequest(request);
      case HELLO,
          ATTACHED,
          STARTED,
          TEXT,
          HISTOGRAM,
          FREQUENCY,
          SUM,
          PAGE,
          FOUND,
          DONE,
          FAILURE,
          DETACHED,
          MAPPED ->
          throw ProbeException.notARequest(request);
    };
  }

  private interface Work<T> {
    T run()
        throws ProbeException,
            SpecifierException,
            MachineException,
            CompileException,
            KernelException,
            IOException;
  }

  /**
   * Does some work, and turns every failure into one that tells what is wrong with which request.
   */
  private <T> T explained(Message request, Work<T> work) throws ProbeException {
    try {
      return work.run();
    } catch (SpecifierException e) {
      throw new ProbeException(Failure.Kind.SPECIFIER, String.valueOf(e.getMessage()));
    } catch (CompileException e) {
      throw refused(request, e, e.log());
    } catch (MachineException e) {
      throw new ProbeException(Failure.Kind.MACHINE, String.valueOf(e.getMessage()));
    } catch (KernelException e) {
      if (e.lacksDescriptors()) {
        throw new ProbeException(Failure.Kind.MACHINE, String.valueOf(e.getMessage()));
      }
      throw e.isPermission()
          ? new ProbeException(
              Failure.Kind.MACHINE,
              String.valueOf(Machine.noPrivilege(e, owner.remedy()).getMessage()))
          : refused(request, e, e.log());
    } catch (IOException e) {
      throw new ProbeException(Failure.Kind.MACHINE, IoFailure.sentence(e));
    }
  }

  /**
   * Returns an exception that names the specifier that the compiler or the kernel refused. For a
   * check it has the whole log, since this is what a check is for.
   */
  private static ProbeException refused(Message request, Exception cause, String log) {
    String specifier =
        request instanceof Message.Attach attach
            ? attach.specifier()
            : request instanceof Message.Check check ? check.specifier() : "";
    String text = String.format(Locale.ROOT, "%s%n  %s", cause.getMessage(), specifier);
    if (!log.isEmpty()) {
      text +=
          request instanceof Message.Check
              ? "\n\n" + log
              : "\nhint: this is a defect of jargdist; checking the specifier (-v) shows the whole log";
    }
    return new ProbeException(Failure.Kind.SPECIFIER, text);
  }

  private Message attach(Message.Attach request)
      throws SpecifierException, MachineException, CompileException, KernelException, IOException {
    Machine.checkPrivileges(owner.remedy());
    ProbeGroup group = groupFor(request.group());
    String noTrampoline = "";
    while (true) {
      long planning = System.nanoTime();
      try (Planned planned = plan(request, noTrampoline)) {
        String awaited = planned.copies().awaited();
        if (awaited != null && !planned.copies().isPlaced()) {
          libraries.checkAnnounced(awaited);
        }
        LoadedProbe loaded;
        try {
          loaded = pipeline.load(planned, group.gate(), ownThreads.table());
        } catch (KernelException e) {
          if (!planned.plan().usesTrampolines()) {
            throw e;
          }
          // The verifier has accepted a program for the function, but it cannot be attached there,
          // for instance because the function is being patched.
          noTrampoline = e.reason();
          continue;
        }
        return attached(planned, planning, loaded, group);
      }
    }
  }

  /** Returns the C text that a request needs; null if attaching it will fail. */
  @Nullable String text(Message.Attach request) {
    try (Planned planned = plan(request, "")) {
      return planned.plan().text();
    } catch (SpecifierException | MachineException e) {
      return null;
    }
  }

  private Planned plan(Message.Attach request, String noTrampoline)
      throws SpecifierException, MachineException {
    return pipeline.plan(pid, request.form(), request.specifier(), request.options(), noTrampoline);
  }

  /**
   * @param loaded the probe, which this method takes over
   */
  private Message attached(Planned planned, long planning, LoadedProbe loaded, ProbeGroup group)
      throws KernelException {
    ProbePlan plan = planned.plan();
    int number = numbers.incrementAndGet();
    RunningProbe probe = run(number, plan, loaded, planned.options(), group);
    LibraryState state = LibraryState.MAPPED;
    if (planned.copies().canGrow()) {
      FollowedProbe followed =
          new FollowedProbe(
              number,
              planned,
              planning,
              probe,
              closers,
              news -> listener.accept(news),
              why -> detachUnasked(number, probe, why));
      state = followed.state();
      libraries.follow(followed);
    }
    return new Message.Attached(
        number,
        "",
        plan.label(),
        planned.specifier().label() != null,
        plan.unit(),
        plan.key().stream().map(KeyField::column).toList(),
        plan.buckets(),
        planned.displays(point -> !point.isAwaited()),
        planned.warnings(),
        state);
  }

  /** Returns the same probe as it is attached now. */
  Message.Attached now(Message.Attached attached) {
    RunningProbe probe = probes.get(attached.probe());
    FollowedProbe followed = probe == null ? null : libraries.followed(probe);
    return followed == null ? attached : attached.at(followed.attachPoints(), followed.state());
  }

  /** Takes over a loaded probe. If that fails, the probe is closed. */
  private RunningProbe run(
      int number, ProbePlan plan, LoadedProbe loaded, ProbeOptions options, ProbeGroup group)
      throws KernelException {
    Limits limits = options.limits();
    HitMeter meter;
    DoubleSupplier latency;
    try {
      if (plan.usesLatency()) {
        floor.measure();
      }
      meter = new HitMeter(costs.ofHit(plan), limits.maxOverheadPercent(), System.nanoTime());
      latency = floor.of(plan);
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
    RunningProbe probe = RunningProbe.of(plan, loaded, latency, meter, options.systemWide());
    boolean watched = false;
    try {
      probes.put(number, probe);
      group.add(probe);
      watch.add(probe, limits.ttl(), why -> detachUnasked(number, probe, why));
      watched = !closed;
      return probe;
    } finally {
      if (!watched) {
        watch.remove(probe);
        probes.remove(number);
        group.remove(probe);
        probe.close();
      }
    }
  }

  /** Returns the group of a probe that is about to be attached. */
  private ProbeGroup groupFor(int number) throws KernelException {
    ProbeGroup known = groups.get(number);
    if (known == null) {
      known = ProbeGroup.create();
      groups.put(number, known);
    }
    return known;
  }

  /**
   * Closes the groups without probes. It waits for a probe that is being attached, whose group may
   * have none yet.
   */
  private void closeUnusedGroups() {
    synchronized (attaching) {
      List<ProbeGroup> unused = new ArrayList<>(groups.values());
      unused.removeIf(group -> !group.isEmpty());
      groups.values().removeAll(unused);
      unused.forEach(ProbeGroup::close);
    }
  }

  private ProbeGroup group(int number) throws ProbeException {
    ProbeGroup group = groups.get(number);
    if (group == null) {
      throw new ProbeException(Failure.Kind.INTERNAL, "there is no group " + number);
    }
    return group;
  }

  private Checked check(Message.Check request)
      throws SpecifierException, MachineException, CompileException, KernelException {
    try (Planned planned =
        pipeline.plan(pid, request.form(), request.specifier(), request.options(), "")) {
      String summary =
          String.format(
              Locale.ROOT,
              "ok: %s\nread as: %s\n%s\n%s%s\n%s",
              planned.specifier().text(),
              SpecifierPrinter.print(planned.specifier()),
              planned.attachPoints().stream()
                  .map(point -> "would attach: " + point)
                  .collect(Collectors.joining("\n")),
              String.join("\n", price.lines(planned)),
              Stream.concat(planned.warnings().stream(), waiting(planned.copies()))
                  .map(warning -> "\nwarning: " + warning)
                  .collect(Collectors.joining()),
              Machine.isPrivileged() ? verified(planned) : NOT_COMPILED);
      return new Checked(summary, planned.plan().filledText());
    }
  }

  /** Returns for people what a probe would wait for. */
  private static Stream<String> waiting(LibraryCopies copies) {
    String awaited = copies.awaited();
    return awaited == null
        ? Stream.of()
        : Stream.concat(
            Stream.of(awaited + ": the probe would wait for it."), copies.hints().stream());
  }

  /** Describes for people what the kernel has accepted. */
  private String verified(Planned planned)
      throws MachineException, CompileException, KernelException {
    ProgramImage image = pipeline.verify(planned);
    int bytes = image.programs().stream().mapToInt(program -> program.instructions().length).sum();
    return String.format(
        Locale.ROOT, "programs: %d, %d instructions", image.programs().size(), bytes / 8);
  }

  private RunningProbe probe(int number) throws ProbeException {
    RunningProbe probe = probes.get(number);
    if (probe == null) {
      throw new ProbeException(Failure.Kind.INTERNAL, "there is no probe " + number);
    }
    return probe;
  }

  /** Detaches a probe without a request. It can still be read until a request detaches it. */
  private void detachUnasked(int number, RunningProbe probe, ProbeHealth.Detached why) {
    watch.remove(probe);
    libraries.forget(probe);
    probe.disable();
    closers.execute(
        () -> {
          try {
            probe.detach(why);
          } catch (KernelException | IOException e) {
            // A counter of losses could not be read a last time, which does not matter here.
          }
          listener.accept(new Message.Detached(number, why));
        });
  }

  /** Stops the counting now; a background thread waits for the kernel to detach the programs. */
  private Message detach(int number) {
    RunningProbe probe = probes.remove(number);
    if (probe != null) {
      watch.remove(probe);
      libraries.forget(probe);
      groups.values().forEach(group -> group.remove(probe));
      probe.disable();
      closers.execute(
          () -> {
            probe.close();
            closeUnusedGroups();
          });
    }
    return new Message.Done();
  }

  /** Detaches all probes at the same time. */
  @Override
  public void close() {
    closed = true;
    watch.close();
    libraries.close();
    List<RunningProbe> all = new ArrayList<>(probes.values());
    all.forEach(RunningProbe::disable);
    all.forEach(probe -> closers.execute(probe::close));
    closers.shutdown();
    try {
      closers.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    groups.values().forEach(ProbeGroup::close);
    groups.clear();
    ownThreads.close();
  }
}
