/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.soak;

import io.jargdist.samples.bench.JargdistAgent;
import io.jargdist.samples.bench.ScratchFolder;
import io.jargdist.samples.bench.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A JVM under test: three probes that stay, others that come and go, and calls of which it is known
 * how many there are. Closing this ends the JVM.
 */
final class Soaked implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final String name;
  private final Target target;
  private final JargdistAgent agent;
  private final List<Lasting> lasting = new ArrayList<>();
  private final AtomicLong churned = new AtomicLong();
  private long calls;
  private long added;
  private long restarts;

  Soaked(String name, Path jar, ScratchFolder cache) throws Exception {
    this.name = name;
    this.target = Target.start(cache, List.of("-javaagent:" + jar + "=--max-overhead 0"));
    this.agent = JargdistAgent.connect(target);
    lasting.add(
        new Lasting(
            agent.histogram("r:c:read():u64:$retval:$retval==4099#reads"), "read 1009 4099 7"));
    lasting.add(
        new Lasting(
            agent.count("p:c:lseek64(int fd, long offset):long:offset:offset==4099#seeks"),
            "lseek 1013 4099 5"));
    lasting.add(
        new Lasting(
            agent.histogram(
                "r:c:access(char *path):u64:$latency:STREQ(\"/no/such/file\",$entry(path))#access"),
            "access 307 /no/such/file 11"));
  }

  /** A probe that stays, the calls that it sees, and how many it must have counted. */
  private static final class Lasting {
    final ObjectName probe;
    final String command;
    final long callsOfCommand;
    long expected;
    long unknown;

    Lasting(ObjectName probe, String command) {
      this.probe = probe;
      this.command = command;
      String[] words = command.split(" ", -1);
      this.callsOfCommand = Long.parseLong(words[1]) * Long.parseLong(words[3]);
    }
  }

  ProcessHandle process() {
    return target.handle();
  }

  /**
   * One round: probes that are added before the calls and removed after them count exactly those,
   * while yet another one comes and goes without a break; threads live for a few calls each.
   *
   * @param killed whether a bridge may be missing for a while
   */
  void round(boolean killed) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> churn = async(() -> churn(done, killed));
    try {
      ObjectName reads = agent.histogram("p:c:read(int fd, void *b, size_t n):u64:n:n==4099#r");
      ObjectName seeks = agent.count("r:c:lseek64():long:$retval:$retval==4099#s");
      added += 2;
      callAll();
      target.run("thread 101 churn");
      require(reads, "Count", lasting.get(0).callsOfCommand);
      require(reads, "Sum", lasting.get(0).callsOfCommand * 4099);
      require(seeks, "Count", lasting.get(1).callsOfCommand);
      require(seeks, "Lost", 0);
      agent.remove(reads);
      agent.remove(seeks);
    } finally {
      done.set(true);
      churn.join();
    }
    requireTotals();
  }

  private void callAll() throws IOException {
    for (Lasting each : lasting) {
      target.run(each.command);
      each.expected += each.callsOfCommand;
      calls += each.callsOfCommand;
    }
  }

  private Void churn(AtomicBoolean done, boolean mayFail) throws Exception {
    while (!done.get()) {
      try {
        agent.remove(agent.histogram("p:c:read(int fd, void *b, size_t n):size_t:n#noise"));
        churned.incrementAndGet();
      } catch (RuntimeException | JMException e) {
        if (!mayFail) {
          throw e;
        }
      }
    }
    return null;
  }

  /** Kills the bridge while nothing is called and after all was read: nothing is missing. */
  void killIdle() throws Exception {
    requireTotals();
    kill();
    requireTotals();
  }

  /**
   * Kills the bridge among the calls: what was read stays; how much is missing is not known, and
   * Lost says so.
   */
  void killBusy() throws Exception {
    long before = lasting.get(0).expected;
    CompletableFuture<Void> busy =
        async(
            () -> {
              callAll();
              return null;
            });
    await("the first of the calls", () -> count(lasting.get(0)) > before);
    List<Long> read = new ArrayList<>();
    for (Lasting each : lasting) {
      read.add(count(each));
    }
    kill();
    busy.join();
    for (Lasting each : lasting) {
      long counted = count(each);
      long missing = each.expected - counted;
      if (missing < 0 || counted < read.get(lasting.indexOf(each))) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "%s, %s: %d counted, where %s were read before; there were %d calls",
                name,
                each.probe,
                counted,
                read,
                each.expected));
      }
      each.unknown += missing;
      each.expected = counted;
    }
  }

  private long count(Lasting each) throws IOException, JMException {
    return (Long) agent.attribute(each.probe, "Count");
  }

  private void kill() throws Exception {
    ProcessHandle bridge = Resources.bridge(process()).orElseThrow();
    bridge.destroyForcibly();
    restarts++;
    for (Lasting each : lasting) {
      await(
          each.probe + " to run again",
          () ->
              "running".equals(agent.attribute(each.probe, "State"))
                  && (Long) agent.attribute(each.probe, "Lost") >= restarts);
    }
  }

  /** Checks what the probes that stay have counted and lost. */
  private void requireTotals() throws IOException, JMException {
    for (Lasting each : lasting) {
      require(each.probe, "Count", each.expected);
      require(each.probe, "Lost", restarts);
    }
  }

  private void require(ObjectName probe, String attribute, long expected)
      throws IOException, JMException {
    long actual = (Long) agent.attribute(probe, attribute);
    if (actual != expected) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s, %s: %s is %d, and not %d (%s)",
              name,
              probe,
              attribute,
              actual,
              expected,
              agent.attribute(probe, "LostDetail")));
    }
  }

  /** Waits until nothing is held that was not held before. */
  Resources awaitResources(Resources before) throws Exception {
    await("no more than " + before, () -> Resources.of(process()).within(before));
    return Resources.of(process());
  }

  /**
   * Returns the state with the probes that stay, and nothing else going on: the compiler is gone.
   */
  Resources settled() throws Exception {
    await("the compiler to end", () -> process().descendants().count() == 1);
    return Resources.of(process());
  }

  /** Removes all probes and waits until the bridge is gone. */
  void removeAll() throws Exception {
    for (Lasting each : lasting) {
      agent.remove(each.probe);
    }
    await("all children to end", () -> process().descendants().count() == 0);
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "%s: waited in vain for %s; there is %s",
                name,
                what,
                Resources.of(process())));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static CompletableFuture<Void> async(Callable<Void> task) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                future.complete(task.call());
              } catch (Throwable e) {
                future.completeExceptionally(e);
              }
            },
            "soak");
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  /** Returns lines for people. */
  String report() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %d calls, %d probes added and removed, %d bridges killed%n",
            name,
            calls,
            added + churned.get(),
            restarts));
    for (Lasting each : lasting) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-7s %9d counted, exactly; lost with a bridge: %d%n",
              each.probe.getKeyProperty("name"),
              each.expected,
              each.unknown));
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    agent.close();
    target.close();
  }
}
