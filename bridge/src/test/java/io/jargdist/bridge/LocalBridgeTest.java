/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.specifier.Form;
import io.jargdist.wire.Client;
import io.jargdist.wire.Message;
import io.jargdist.wire.Message.Failure;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A target that is served by somebody with more privilege gets what it was granted, no more. */
class LocalBridgeTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String REFUSED = "attaches what its command line was given only";

  /** Granted, and refused by the parser: so that nothing here needs a privilege. */
  private static final Message.Attach GRANTED =
      new Message.Attach(Form.FREQUENCY, "p:c:read", ProbeOptions.DEFAULT, 1);

  @Test
  void onlyWhatWasGrantedIsAttachedAndOnlyOnce(@TempDir Path folder) throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        LocalBridge bridge =
            new LocalBridge(BridgeOwner.COMMAND_LINE, ProcessHandle.current().pid(), line -> {})) {
      server.bind(address);
      SocketChannel ours = SocketChannel.open(address);
      SocketChannel theirs = server.accept();
      Thread serving = new Thread(() -> bridge.serve(theirs, List.of(GRANTED)));
      serving.setDaemon(true);
      serving.start();
      try (Client target = Client.start(ours, () -> {})) {
        Message.Attach other =
            new Message.Attach(Form.FREQUENCY, "p:c:write()", ProbeOptions.DEFAULT, 1);
        Message.Attach otherForm =
            new Message.Attach(Form.HISTOGRAM, "p:c:read", ProbeOptions.DEFAULT, 1);
        Message.Check check = new Message.Check(Form.FREQUENCY, "p:c:write()", other.options());
        for (Message refused : List.of(other, otherForm, check)) {
          assertThatThrownBy(() -> target.call(refused, Message.class, TIMEOUT))
              .hasMessageContaining(REFUSED);
        }
        assertThatThrownBy(() -> target.call(GRANTED, Message.class, TIMEOUT))
            .isInstanceOfSatisfying(
                ProbeException.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.SPECIFIER));
        assertThatThrownBy(() -> target.call(GRANTED, Message.class, TIMEOUT))
            .hasMessageContaining(REFUSED);
      }
    }
  }
}
