/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.agent.AgentOptions.Requested;
import io.jargdist.jmx.MBeans;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth.Detached;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerFactory;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of probes, over a host without a kernel. */
@Timeout(60)
class ProbeRegistryTest {
  private static final Requested READS = new Requested(Form.FREQUENCY, "p:c:read()#reads");
  private static final Requested WRONG = new Requested(Form.FREQUENCY, "wrong");
  private static final Detached TOO_EXPENSIVE =
      new Detached("it costs too much", Detached.Cause.TOO_EXPENSIVE);

  private volatile ProbeHost host = new FakeHost();
  private final AtomicInteger ends = new AtomicInteger();
  private final MBeanServer server = MBeanServerFactory.newMBeanServer();

  private final ProbeRegistry registry = registry(Duration.ofMillis(50));

  private ProbeRegistry registry(Duration idle) {
    return new ProbeRegistry(() -> host, () -> ends::incrementAndGet, idle);
  }

  private ManagedProbe<?> attach() throws ProbeException {
    return registry.attach(READS, ProbeOptions.DEFAULT, registry.ownBridge());
  }

  private FakeHost fake() {
    return (FakeHost) host;
  }

  private void publish() {
    registry.publishOn(new MBeans(server, new JmxOperations(registry)));
  }

  private boolean hasBean(String name) throws Exception {
    return server.isRegistered(new ObjectName("jargdist:type=Frequency,name=" + name));
  }

  private static long threadsOfOurs() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("jargdist-"))
        .count();
  }

  @Test
  void wrongSpecifiersTakeNoThreadEach() {
    long before = threadsOfOurs();
    for (int i = 0; i < 3000; i++) {
      assertThatThrownBy(() -> registry.attach(WRONG, ProbeOptions.DEFAULT, registry.ownBridge()))
          .isInstanceOf(ProbeException.class);
    }
    assertThat(threadsOfOurs() - before).isLessThanOrEqualTo(1);
    await().until(() -> ends.get() >= 1);
  }

  @Test
  void theBridgeIsNotEndedUnderAnAttachInFlight() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    host =
        new FakeHost() {
          @Override
          public Message.Attached attach(Message.Attach request)
              throws IOException, ProbeException {
            asked.countDown();
            await().until(() -> answer.getCount() == 0);
            return super.attach(request);
          }
        };
    CompletableFuture<ManagedProbe<?>> attaching = async(this::attach);
    asked.await();
    registry.check(Form.FREQUENCY, "p:c:write()", ProbeOptions.DEFAULT, registry.ownBridge());
    // Far longer than the bridge may be idle.
    await().during(Duration.ofMillis(500)).until(() -> ends.get() == 0);
    answer.countDown();
    assertThat(attaching.get(10, TimeUnit.SECONDS).state()).isEqualTo("running");
    assertThat(ends).hasValue(0);
    registry.detach("reads");
    await().until(() -> ends.get() == 1);
  }

  /** F31. */
  @Test
  void aFailedProbeDoesNotKeepTheBridge() throws Exception {
    registry.attachOrShow(
        List.of(new Requested(Form.FREQUENCY, "wrong#failed")), ProbeOptions.DEFAULT);
    assertThat(registry.all()).hasSize(1);
    assertThat(registry.all().get(0).state()).isEqualTo("failed: wrong");
    registry.check(Form.FREQUENCY, "p:c:write()", ProbeOptions.DEFAULT, registry.ownBridge());
    await().until(() -> ends.get() >= 1);
  }

  /** F32. */
  @Test
  void anEndThatComesBeforeTheAnswerIsNotLost() throws Exception {
    host =
        new FakeHost() {
          @Override
          public Message.Attached attach(Message.Attach request)
              throws IOException, ProbeException {
            Message.Attached answer = super.attach(request);
            registry.detached(this, answer.probe(), TOO_EXPENSIVE);
            return answer;
          }
        };
    fake().count = 17;
    ManagedProbe<?> probe = attach();
    await().until(() -> probe.state().equals("detached: it costs too much"));
    assertThat(probe.readTotal().count()).isEqualTo(17);
    assertThat(fake().attached).isEmpty();
  }

  /** F32. */
  @Test
  void aReadingThatShowsTheEndIsBelieved() throws Exception {
    ManagedProbe<?> probe = attach();
    fake().count = 23;
    fake().detached = TOO_EXPENSIVE;
    assertThat(probe.readTotal().count()).isEqualTo(23);
    await().until(() -> probe.state().equals("detached: it costs too much"));
    assertThat(probe.overheadPercent()).isZero();
    assertThat(registry.lastError()).isEqualTo("reads was detached: it costs too much");
  }

  /** F33. */
  @Test
  void whatIsKnownIsToldWhileAReadingWaits() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    host =
        new FakeHost() {
          @Override
          public Message read(int probe, Message.Read.What what)
              throws IOException, ProbeException {
            read.countDown();
            await().until(() -> answer.getCount() == 0);
            return super.read(probe, what);
          }
        };
    ManagedProbe<?> probe = attach();
    CompletableFuture<?> reading = async(probe::readTotal);
    read.await();
    CompletableFuture<String> told =
        async(
            () ->
                probe.state()
                    + probe.placement()
                    + probe.lastError()
                    + probe.hitsPerSecond()
                    + registry.bridgeState());
    assertThat(told.get(5, TimeUnit.SECONDS)).startsWith("running[somewhere]null");
    assertThat(reading).isNotDone();
    answer.countDown();
    reading.get(5, TimeUnit.SECONDS);
  }

  @Test
  void countsGoOnWithTheNextBridgeAndTheGapIsOneLoss() throws Exception {
    ManagedProbe<?> probe = attach();
    fake().count = 100;
    assertThat(probe.readTotal().count()).isEqualTo(100);
    FakeHost dead = fake();
    dead.closed = true;
    FakeHost next = new FakeHost();
    next.count = 7;
    host = next;
    registry.lost(dead);
    await().until(() -> probe.state().equals("running"));
    assertThat(probe.readTotal().count()).isEqualTo(107);
    assertThat(probe.readTotal().losses().total()).isEqualTo(1);
    assertThat(probe.lastError()).isEqualTo("the bridge ended");
    assertThat(threadsOfOurs()).isLessThanOrEqualTo(3);
  }

  @Test
  void aProbeThatIsRemovedWhileItIsAttachedAgainIsDetached() throws Exception {
    attach();
    FakeHost dead = fake();
    dead.closed = true;
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    FakeHost next =
        new FakeHost() {
          @Override
          public Message.Attached attach(Message.Attach request)
              throws IOException, ProbeException {
            asked.countDown();
            await().until(() -> answer.getCount() == 0);
            return super.attach(request);
          }
        };
    host = next;
    registry.lost(dead);
    asked.await();
    assertThat(registry.detach("reads")).isTrue();
    answer.countDown();
    await().until(() -> ends.get() >= 1);
    assertThat(next.attached).isEmpty();
    assertThat(registry.all()).isEmpty();
  }

  /** F35. */
  @Test
  void aProbeThatIsRemovedWhileItIsPublishedLeavesNoMBean() throws Exception {
    publish();
    CountDownLatch registered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    listenToRegistrations(
        () -> {
          registered.countDown();
          await().until(() -> goOn.getCount() == 0);
        });
    CompletableFuture<ManagedProbe<?>> attaching = async(this::attach);
    registered.await();
    assertThat(registry.detach("reads")).isTrue();
    goOn.countDown();
    attaching.get(10, TimeUnit.SECONDS);
    assertThat(hasBean("reads")).isFalse();
    assertThat(registry.all()).isEmpty();
    assertThat(fake().attached).isEmpty();
  }

  /** A16. */
  @Test
  void aListenerThatWaitsHarmsNobodyElse() throws Exception {
    publish();
    CountDownLatch stuck = new CountDownLatch(1);
    server.addNotificationListener(
        new ObjectName("jargdist:type=Agent"),
        (NotificationListener)
            (notification, handback) -> {
              stuck.countDown();
              await().forever().until(() -> false);
            },
        null,
        null);
    attach();
    stuck.await();
    CompletableFuture<?> others =
        async(
            () -> {
              for (int i = 0; i < 2000; i++) {
                registry.attach(
                    new Requested(Form.FREQUENCY, "p:c:write()#writes"),
                    ProbeOptions.DEFAULT,
                    registry.ownBridge());
                assertThat(hasBean("writes")).isTrue();
                registry.detach("writes");
              }
              return server.getAttribute(
                  new ObjectName("jargdist:type=Frequency,name=reads"), "Count");
            });
    assertThat(others.get(30, TimeUnit.SECONDS)).isEqualTo(0L);
  }

  /** A16. */
  @Test
  void aListenerOfTheServerThatWaitsHarmsNobodyElse() throws Exception {
    publish();
    ManagedProbe<?> first = attach();
    CountDownLatch stuck = new CountDownLatch(1);
    listenToRegistrations(
        () -> {
          stuck.countDown();
          await().forever().until(() -> false);
        });
    CompletableFuture<?> harmed =
        async(
            () ->
                registry.attach(
                    new Requested(Form.FREQUENCY, "p:c:open()#opens"),
                    ProbeOptions.DEFAULT,
                    registry.ownBridge()));
    stuck.await();
    CompletableFuture<?> others =
        async(
            () -> {
              registry.detached(host, first.attached().probe(), TOO_EXPENSIVE);
              await().until(() -> first.state().startsWith("detached"));
              return registry.detach("reads");
            });
    assertThat(others.get(20, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(harmed).isNotDone();
  }

  /** A16. */
  @Test
  void aListenerMayThrowAndCallBack() throws Exception {
    publish();
    server.addNotificationListener(
        new ObjectName("jargdist:type=Agent"),
        (NotificationListener)
            (notification, handback) -> {
              throw new StackOverflowError("of the application");
            },
        null,
        null);
    listenToRegistrations(() -> Stream.of("reads", "reads").forEach(registry::detach));
    attach();
    assertThat(registry.all()).isEmpty();
    assertThat(hasBean("reads")).isFalse();
    assertThat(fake().attached).isEmpty();
  }

  @Test
  void checksAreLimitedInNumber() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(8);
    host =
        new FakeHost() {
          @Override
          public String check(Message.Check request) throws IOException, ProbeException {
            asked.countDown();
            await().until(() -> answer.getCount() == 0);
            return super.check(request);
          }
        };
    List<CompletableFuture<String>> checks =
        Stream.generate(() -> async(this::check)).limit(8).toList();
    asked.await();
    assertThatThrownBy(this::check)
        .isInstanceOf(ProbeException.class)
        .hasMessage("8 probes are being attached or checked in this JVM already: try again later");
    answer.countDown();
    for (CompletableFuture<String> check : checks) {
      assertThat(check.get(10, TimeUnit.SECONDS)).isEqualTo("ok");
    }
    assertThat(check()).isEqualTo("ok");
  }

  private String check() throws ProbeException {
    return registry.check(
        Form.FREQUENCY, "p:c:write()", ProbeOptions.DEFAULT, registry.ownBridge());
  }

  private void listenToRegistrations(Runnable task) throws Exception {
    server.addNotificationListener(
        MBeanServerDelegate.DELEGATE_NAME,
        (NotificationListener)
            (notification, handback) -> {
              if (notification.getType().equals("JMX.mbean.registered")) {
                task.run();
              }
            },
        null,
        null);
  }

  private interface Work<T> {
    T run() throws Exception;
  }

  private static <T> CompletableFuture<T> async(Work<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.run());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "test");
    thread.setDaemon(true);
    thread.start();
    return result;
  }
}
