/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.jargdist.testing.KnownFiles;
import io.jargdist.testing.Target;
import io.jargdist.testing.TwoCommands;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that are shown as text, of a known number of uses of known files and sockets. */
class ExplainedKeysIT {
  private static final String CONNECT = "p:c:connect(int fd, struct sockaddr *a):char*:$IP(a)";

  /** Returns the events of a frequency by a column of the key. */
  private static Map<String, Long> counts(Target target, String probe, String column)
      throws Exception {
    Map<String, Long> counts = new TreeMap<>();
    TabularData table = (TabularData) target.attribute(Target.frequency(probe), "Frequencies");
    for (Object row : (Collection<?>) table.values()) {
      CompositeData data = (CompositeData) row;
      counts.merge((String) data.get(column), (Long) data.get("value"), Long::sum);
    }
    return counts;
  }

  /** Returns the events of a probe in what a command line has printed last, by key. */
  private static Map<String, Long> counts(String json, String name) {
    Map<String, Long> counts = new TreeMap<>();
    for (JsonElement probe :
        JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("probes")) {
      JsonObject object = probe.getAsJsonObject();
      if (object.get("name").getAsString().equals(name)) {
        String rows = object.has("keys") ? "keys" : "rows";
        for (JsonElement row : object.getAsJsonArray(rows)) {
          JsonObject one = row.getAsJsonObject();
          counts.put(one.getAsJsonArray("key").get(0).getAsString(), one.get("count").getAsLong());
        }
      }
    }
    return counts;
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eachPeerHasItsOwnCount(Path jdk) throws Exception {
    try (ServerSocketChannel four = ServerSocketChannel.open();
        ServerSocketChannel six = ServerSocketChannel.open();
        DatagramChannel datagrams = DatagramChannel.open();
        Target target = KnownFiles.start(jdk, null)) {
      String fourth = address(four.bind(loopback(4)).getLocalAddress());
      String sixth = address(six.bind(loopback(16)).getLocalAddress());
      String third = address(datagrams.bind(loopback(4)).getLocalAddress());
      TwoCommands printed =
          TwoCommands.of(
              target,
              () -> {
                target.run("connect 7 127.0.0.1 " + four.socket().getLocalPort());
                target.run("connect 11 ::1 " + six.socket().getLocalPort());
                target.run("send 13 127.0.0.1 " + datagrams.socket().getLocalPort());
              },
              "-C",
              CONNECT + "#count",
              "-H",
              "r:c:connect(int fd, struct sockaddr_in6 *a):u64,char*:$latency,$IP($entry(a))#time",
              "-S",
              "p:c:sendto(int fd, void *b, size_t n, int f, struct sockaddr_storage *a)"
                  + ":size_t,char*:n,$IP(a)#bytes",
              "-C",
              "p:c:connect(int fd, struct sockaddr *a)..r:c:connect()"
                  + ":char*,int:$entry($IP(a)),$retval#pairs",
              "-C",
              "t:sock:inet_sock_set_state():char*,int:$IP(args->daddr_v6),args->newstate"
                  + ":args->newstate==TCP_SYN_SENT#states",
              "-C",
              "t:sock:inet_sock_set_state():char*:$IP(args->daddr)"
                  + ":args->newstate==TCP_SYN_SENT&&args->daddr[0]==127#states4");
      Map<String, Long> connected = Map.of(fourth, 7L, sixth, 11L);
      String last = printed.last();
      assertThat(counts(last, "count")).isEqualTo(connected);
      assertThat(counts(last, "time")).isEqualTo(connected);
      assertThat(counts(last, "pairs")).isEqualTo(connected);
      assertThat(counts(last, "bytes")).isEqualTo(Map.of(third, 13L));
      assertThat(counts(last, "states")).isEqualTo(Map.of("127.0.0.1", 7L, "::1", 11L));
      assertThat(counts(last, "states4")).isEqualTo(Map.of("127.0.0.1", 7L));
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void theMBeansHaveTheTexts(Path jdk) throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open();
        Target target = KnownFiles.start(jdk, "").awaitAgent()) {
      String peer = address(server.bind(loopback(4)).getLocalAddress());
      String name = target.add("count", CONNECT + ":a!=0#connected");
      target.run("connect 5 127.0.0.1 " + server.socket().getLocalPort());
      assertThat(counts(target, name, "$IP(a)")).containsEntry(peer, 5L);
      assertThat((String[]) target.attribute(Target.frequency(name), "Top"))
          .contains("\t5          $IP(a) = b'" + peer + "'");
    }
  }

  /**
   * Returns the machine's own address, and any port that is free.
   *
   * @param bytes 4 or 16
   */
  private static InetSocketAddress loopback(int bytes) throws UnknownHostException {
    byte[] address = new byte[bytes];
    address[bytes - 1] = 1;
    if (bytes == 4) {
      address[0] = 127;
    }
    return new InetSocketAddress(InetAddress.getByAddress(address), 0);
  }

  private static String address(SocketAddress address) {
    InetSocketAddress socket = (InetSocketAddress) address;
    return (socket.getAddress().getAddress().length == 4 ? "127.0.0.1:" : "[::1]:")
        + socket.getPort();
  }
}
