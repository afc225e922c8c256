/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.os.ProcessReference;
import io.jargdist.os.ProcessStatus;
import io.jargdist.os.TargetRights;
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
  /** A meeting place of a process, and all that it stands on. */
  private record Place(ProcessReference target, AgentFolder folder, MeetingPlace place)
      implements AutoCloseable {
    static Place of(long pid) throws IOException {
      ProcessReference target = ProcessReference.open(pid);
      ProcessStatus status = ProcessStatus.of(Long.toString(pid));
      AgentFolder folder = AgentFolder.open(target, status, new TargetRights(pid, status));
      return new Place(target, folder, new MeetingPlace(target, status, folder));
    }

    Path socket() {
      return Path.of(place.agentOptions(false).replaceFirst("--control-socket ", ""));
    }

    SocketChannel connect() throws IOException {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket()));
    }

    @Override
    public void close() throws IOException {
      place.close();
      folder.close();
      target.close();
    }
  }

  @Test
  void targetIsLetInAndNothingIsLeft() throws Exception {
    try (Place here = Place.of(ProcessHandle.current().pid())) {
      Path folder = here.socket().getParent();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
      try (ServerSocketChannel server = here.place().listenForControl();
          SocketChannel us = here.connect();
          SocketChannel accepted = here.place().accept(server, Waiting.LIMITED)) {
        here.place().close();
        assertThat(folder).doesNotExist();
        assertThat(accepted.write(ByteBuffer.wrap(new byte[3]))).isEqualTo(3);
        assertThat(us.read(ByteBuffer.allocate(3))).isEqualTo(3);
      }
    }
  }

  @Test
  void anotherProcessOfTheSameUserIsTurnedAway() throws Exception {
    Process other = new ProcessBuilder("cat").start();
    try (Place here = Place.of(other.pid());
        ServerSocketChannel server = here.place().listenForControl();
        SocketChannel us = here.connect()) {
      CompletableFuture<SocketChannel> accepting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return here.place().accept(server, Waiting.LIMITED);
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
}
