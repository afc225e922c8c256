/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.child.ChildJvm;
import io.jargdist.kernel.Machine;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Daemon;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeHealth;
import io.jargdist.wire.ProbeHost;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.RemoteHost;
import io.jargdist.wire.RemoteHost.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Makes the archive of the classes that our children load, once for a jar and a JDK: some seconds
 * after a bridge has started, a second one, which probes itself, does what bridges do, and writes
 * what it has loaded when it exits. It runs when no other process wants to, and ends with this one.
 */
final class ClassRehearsal {
  /** The first probe is attached then, and it is its work that somebody waits for. */
  private static final Duration DELAY = Duration.ofSeconds(3);

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_HEAP_MEGABYTES = 96;
  private static final int GROUP = 1;

  private static final List<Message.Attach> REQUESTS =
      List.of(
          request(Form.HISTOGRAM, "p:c:write(int fd, void *buf, size_t count):size_t:count:fd>2"),
          request(Form.FREQUENCY, "r:c:read(int fd):u64:$latency/1000"),
          request(Form.FREQUENCY, "u:jvm:gc__begin()"),
          request(Form.HISTOGRAM, "t:syscalls:sys_enter_write():u64:args->count"));

  private ClassRehearsal() {}

  private static Message.Attach request(Form form, String specifier) {
    return new Message.Attach(form, specifier, ProbeOptions.DEFAULT, GROUP);
  }

  /** Makes the archive in the background, unless there is one. */
  static void begin(Consumer<String> complaints) {
    Daemon.start(
        "class-rehearsal",
        () -> {
          try {
            Thread.sleep(DELAY.toMillis());
            Machine.lowestPriority();
            ChildJvm.archiveClasses(options(), ClassRehearsal::carryOut, TIMEOUT);
          } catch (IOException e) {
            complaints.accept(e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        complaints);
  }

  private static ChildJvm.Options options() {
    return new ChildJvm.Options(
        "rehearsal",
        Path.of(System.getProperty("java.home")),
        MAX_HEAP_MEGABYTES,
        List.of(),
        Map.of(),
        RehearsalMain.class.getName(),
        List.of());
  }

  private static void carryOut(ChildJvm child) throws IOException {
    try (RemoteHost host =
        RemoteHost.start(child.channel(), Patience.WITH_BRIDGE, new Unheard(), () -> {})) {
      host.expect(REQUESTS);
      for (Message.Attach request : REQUESTS) {
        attach(host, request);
      }
    } catch (ProbeException e) {
      // The archive has what was loaded up to here.
    }
  }

  /** A probe that cannot be attached here loads classes, too. */
  private static void attach(RemoteHost host, Message.Attach request) throws IOException {
    try {
      int probe = host.attach(request).probe();
      host.start(GROUP);
      host.mark(GROUP);
      host.read(probe, Message.Read.What.MARKED);
      host.detach(probe);
    } catch (ProbeException e) {
      // It is not needed.
    }
  }

  /** Nobody waits for what happens in a rehearsal. */
  private record Unheard() implements ProbeHost.Listener {
    @Override
    public void detached(ProbeHost host, int probe, ProbeHealth.Detached why) {}

    @Override
    public void mapped(ProbeHost host, Message.Mapped news) {}

    @Override
    public void lost(ProbeHost host) {}

    @Override
    public void connected(ProbeHost host) {}

    @Override
    public void disconnected(ProbeHost host) {}
  }
}
