/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.os.ProcessReference;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Only the target gets through, by the kernel's word. */
class MeetingPlaceIT {
  @Test
  void targetIsLetInAndNothingIsLeft() throws Exception {
    try (ProcessReference self = ProcessReference.open(ProcessHandle.current().pid())) {
      MeetingPlace place = MeetingPlace.create(self);
      Path folder = Path.of(place.inside("control")).getParent();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
      try (ServerSocketChannel server = place.listen("control");
          SocketChannel us = connect(place);
          SocketChannel accepted = place.accept(server)) {
        place.close();
        assertThat(folder).doesNotExist();
        assertThat(accepted.write(ByteBuffer.wrap(new byte[3]))).isEqualTo(3);
        assertThat(us.read(ByteBuffer.allocate(3))).isEqualTo(3);
      }
    }
  }

  @Test
  void anotherProcessOfTheSameUserIsTurnedAway() throws Exception {
    Process other = new ProcessBuilder("cat").start();
    try (ProcessReference target = ProcessReference.open(other.pid());
        MeetingPlace place = MeetingPlace.create(target);
        ServerSocketChannel server = place.listen("control");
        SocketChannel us = connect(place)) {
      CompletableFuture<SocketChannel> accepting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return place.accept(server);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(us.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(accepting).isNotDone();
    } finally {
      other.destroyForcibly();
    }
  }

  private static SocketChannel connect(MeetingPlace place) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(place.inside("control")));
  }
}
