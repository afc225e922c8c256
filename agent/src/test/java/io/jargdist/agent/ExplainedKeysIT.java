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
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that are shown as text, of a known number of uses of known files and sockets. */
class ExplainedKeysIT {
  private static final int FILES = 499;
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

  /** All forms and kinds of probes see the same files. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void eachFileHasItsOwnCount(Path jdk, @TempDir Path folder) throws Exception {
    String plain = folder.resolve("plain-\u00e4.txt").toString();
    String deleted = folder.resolve("deleted.txt").toString();
    Path deep = Files.createDirectories(folder.resolve("f".repeat(200) + "/g/" + "h".repeat(255)));
    String name = "n".repeat(201);
    String unix = folder.resolve("unix.sock").toString();
    try (ServerSocketChannel four = ServerSocketChannel.open();
        ServerSocketChannel six = ServerSocketChannel.open();
        ServerSocketChannel local = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        DatagramChannel datagrams = DatagramChannel.open();
        Target target = KnownFiles.start(jdk, null)) {
      String fourth = address(four.bind(loopback(4)).getLocalAddress());
      String sixth = address(six.bind(loopback(16)).getLocalAddress());
      String third = address(datagrams.bind(loopback(4)).getLocalAddress());
      local.bind(UnixDomainSocketAddress.of(unix));
      Map<String, Long> expected = new TreeMap<>();
      for (int i = 1; i <= 9; i++) {
        expected.put(folder + "/reused" + i, (long) i);
      }
      expected.put(bytes(plain), 7L + 2);
      expected.put(deleted, 1L);
      expected.put(deleted + " (deleted)", 11L);
      expected.put(folder + "/old", 1L);
      expected.put(folder + "/new", 10L);
      expected.put("/dev/null", 13L);
      // Only so many bytes of a path are kept, from its end.
      expected.put("..." + deep.resolve(name).toString().substring(folder.toString().length()), 3L);
      expected.put("tcp " + fourth, 5L);
      expected.put("tcp " + sixth, 4L);
      expected.put("unix " + unix, 8L);
      expected.put("pipe", 17L);
      String write = "(int fd, void *b, size_t n)";
      TwoCommands printed =
          TwoCommands.of(
              target,
              () -> {
                target.run("write 7 " + plain);
                target.run("write 2 " + plain);
                target.run("delete 11 " + deleted);
                target.run("rename 10 " + folder + "/old " + folder + "/new");
                target.run("write 13 /dev/null");
                target.run("write 3 " + deep.resolve(name));
                target.run("reuse 9 " + folder + "/reused");
                target.run("socket 5 127.0.0.1 " + four.socket().getLocalPort());
                target.run("socket 4 ::1 " + six.socket().getLocalPort());
                target.run("datagram 6 127.0.0.1 " + datagrams.socket().getLocalPort());
                target.run("unix 8 " + unix);
                target.run("pipe 17");
                target.run("select 19");
              },
              "-C",
              "p:c:write" + write + ":char*:$FILE(fd):n==4099#entry",
              "-H",
              "r:c:write" + write + ":u64,char*:$latency,$FILE($entry(fd)):$retval==4099#return",
              "-S",
              "t:syscalls:sys_enter_write():size_t,char*:args->count,$FILE(args->fd)"
                  + ":args->count==4099#call",
              "-C",
              "p:c:write" + write + " if n==4099..r:c:write():char*:$FILE($entry(fd))#pair",
              "-C",
              "r:c:close(int fd):char*:$FILE($entry(fd))#closed",
              "-C",
              "p:c:epoll_wait(int fd):char*:$FILE(fd)#epoll",
              "-C",
              "p:c:send" + write + ":char*:$FILE(fd):n==4099#send");
      String last = printed.last();
      for (String probe : List.of("entry", "return", "call", "pair")) {
        assertThat(counts(last, probe)).as(probe).isEqualTo(expected);
      }
      assertThat(counts(last, "epoll")).isEqualTo(Map.of("eventpoll", 19L));
      assertThat(counts(last, "send")).isEqualTo(Map.of("udp " + third, 6L));
      Map<String, Long> closed = new TreeMap<>(Map.of("eventpoll", 1L, "unix " + unix, 1L));
      closed.put(bytes(plain), 2L);
      closed.put(deleted + " (deleted)", 1L);
      closed.put("tcp " + sixth, 1L);
      assertThat(counts(last, "closed")).containsAllEntriesOf(closed).doesNotContainKey("?");
    }
  }

  /** Several processors see a file for the first time, while others close theirs. */
  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void threadsThatMeetNewFilesAtOnceCountUnderTheirNames(Path jdk, @TempDir Path folder)
      throws Exception {
    Map<String, Long> expected = new TreeMap<>();
    for (int i = 1; i <= FILES; i++) {
      expected.put(folder + "/crowd" + i, (long) KnownFiles.THREADS);
    }
    try (Target target = KnownFiles.start(jdk, null)) {
      TwoCommands printed =
          TwoCommands.of(
              target,
              () -> target.run("crowd " + FILES + " " + folder + "/crowd"),
              "-C",
              "p:c:write(int fd, void *b, size_t n):char*:$FILE(fd):n==4099#crowd",
              "-C",
              "r:c:write(int fd, void *b, size_t n):char*:$FILE($entry(fd)):$retval==4099#back");
      assertThat(counts(printed.last(), "crowd")).isEqualTo(expected);
      assertThat(counts(printed.last(), "back")).isEqualTo(expected);
    }
  }

  /** Keys have a character for each byte. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
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
