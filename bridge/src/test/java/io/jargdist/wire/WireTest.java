/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Snapshot;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message.Failure;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends of a connection, over real sockets, with peers that behave well and badly. */
@Timeout(60)
class WireTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final List<String> complaints = new ArrayList<>();

  private Thread serve(SocketChannel channel, Server.Handler handler) {
    return serve(channel, handler, Executors.newCachedThreadPool());
  }

  private Thread serve(SocketChannel channel, Server.Handler handler, ExecutorService workers) {
    Server server = new Server(channel, handler, workers, complaints::add);
    return Daemon.start("server", server::serve, complaints::add);
  }

  private static byte[] frame(int request, byte... body) {
    return ByteBuffer.allocate(8 + body.length)
        .putInt(body.length)
        .putInt(request)
        .put(body)
        .array();
  }

  private static byte[] hello(int protocol, String version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(1);
    out.writeInt(protocol);
    out.writeLong(4711);
    if (!version.isEmpty()) {
      out.writeInt(version.length());
      out.writeBytes(version);
    }
    return frame(0, bytes.toByteArray());
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** A large table comes in many messages, of which none is large. */
  @Test
  void aReadingIsPutTogetherFromPages() throws Exception {
    Map<List<String>, Long> rows = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      rows.put(List.of("key " + i), (long) i + 1);
    }
    List<Map.Entry<List<String>, Long>> all = List.copyOf(rows.entrySet());
    Server.Handler pages =
        request -> {
          int from = ((Message.Read) request).from();
          int to = Math.min(all.size(), from + 999);
          Map<List<String>, Long> some = new HashMap<>();
          all.subList(from, to).forEach(row -> some.put(row.getKey(), row.getValue()));
          FrequencySnapshot part = new FrequencySnapshot(some, Losses.NONE, Sampling.NONE);
          return to == all.size()
              ? new Message.Frequency(part, ProbeHealth.UNKNOWN)
              : new Message.Page(part, to);
        };
    try (SocketPair pair = SocketPair.open()) {
      serve(pair.other(), pages);
      try (Client client = Client.start(pair.one(), () -> {})) {
        assertThat(client.read(1, Message.Read.What.NOW, TIMEOUT))
            .isInstanceOfSatisfying(
                Message.Frequency.class,
                whole -> assertThat(whole.snapshot().counts()).isEqualTo(rows));
      }
    }
  }

  /** The rows of a key may be on several pages. */
  @Test
  void pagesOfAnyFormArePutTogether() throws Exception {
    HistogramSnapshot histogram =
        HistogramSnapshot.ofKeys(
            Log2Buckets.DEFAULT,
            keys(i -> Distribution.ofSlot(i % 64, i + 1L).plus(Distribution.ofSum(3L * i))),
            new Losses(Map.of(Loss.TABLE_FULL, 7L)),
            Sampling.NONE);
    SumSnapshot sums =
        new SumSnapshot(keys(i -> new Sum(i + 1L, -i)), Losses.NONE, Sampling.whole(5, 3));
    for (Snapshot<?> whole : List.of(histogram, sums)) {
      Message.Counts counts = Message.Counts.of(whole, Double.NaN, ProbeHealth.UNKNOWN);
      AtomicInteger pages = new AtomicInteger();
      Message read =
          WholeSnapshot.of(
              from -> {
                pages.incrementAndGet();
                return TablePages.page(counts, from);
              });
      assertThat(pages).hasValueGreaterThan(2);
      assertThat(((Message.Counts) read).snapshot()).isEqualTo(whole);
      Message twice =
          WholeSnapshot.of(
              from ->
                  from == 0 ? new Message.Page(whole.with(Losses.NONE, Sampling.NONE), 1) : counts);
      assertThat(((Message.Counts) twice).snapshot().count()).isEqualTo(2 * whole.count());
      assertThatThrownBy(
              () ->
                  WholeSnapshot.of(
                      from -> from == 0 ? new Message.Page(FrequencySnapshot.EMPTY, 1) : counts))
          .isInstanceOf(IOException.class);
    }
  }

  private static <V> Map<List<String>, V> keys(IntFunction<V> amount) {
    Map<List<String>, V> keys = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      keys.put(List.of("key " + i), amount.apply(i));
    }
    return keys;
  }

  @Test
  void memoryGrowsWithWhatHasArrivedAndNotWithWhatWasAnnounced() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (SocketPair pair = SocketPair.open()) {
      Connection connection = Connection.asking(pair.other());
      byte[] announced = ByteBuffer.allocate(100).putInt(Connection.MAX_ANSWER).array();
      write(pair.one(), announced);
      pair.one().close();
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      assertThatThrownBy(connection::read).isInstanceOf(IOException.class);
      long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      assertThat(taken).isLessThan(Connection.MAX_ANSWER / 8);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Connection.MAX_REQUEST + 1, 200 << 20})
  void aRequestOfAnotherSizeEndsTheConnection(int length) throws Exception {
    try (SocketPair pair = SocketPair.open()) {
      Thread server = serve(pair.other(), request -> new Message.Done());
      write(pair.one(), hello(MessageCodec.VERSION, "x"));
      write(pair.one(), ByteBuffer.allocate(8).putInt(length).array());
      server.join(TimeUnit.SECONDS.toMillis(20));
      assertThat(server.isAlive()).isFalse();
      assertThat(complaints).isEmpty();
    }
  }

  /** A8: 6.1 GB of requests that waited for a worker. */
  @Test
  void whoDoesNotWaitForAnswersIsNotReadAnyMore() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger handled = new AtomicInteger();
    try (SocketPair pair = SocketPair.open()) {
      serve(
          pair.other(),
          request -> {
            handled.incrementAndGet();
            try {
              end.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return new Message.Done();
          },
          Executors.newFixedThreadPool(4));
      SocketChannel flooding = pair.one();
      write(flooding, hello(MessageCodec.VERSION, "x"));
      flooding.configureBlocking(false);
      ByteBuffer request =
          ByteBuffer.wrap(frame(7, (byte) 9, (byte) 0, (byte) 0, (byte) 0, (byte) 1));
      long written = 0;
      long quietSince = System.nanoTime();
      while (System.nanoTime() - quietSince < 500_000_000L && written < 64 << 20) {
        request.rewind();
        int count = flooding.write(request);
        if (count > 0) {
          written += count;
          quietSince = System.nanoTime();
        }
        if (count > 0 && request.hasRemaining()) {
          break;
        }
      }
      assertThat(written).as("bytes that were taken").isLessThan(4 << 20);
      assertThat(handled.get()).isLessThanOrEqualTo(16);
      end.countDown();
    }
  }

  @Test
  void aSpecifierThatIsTooLongIsNotSent() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (SocketPair pair = SocketPair.open()) {
      serve(
          pair.other(),
          request -> {
            handled.incrementAndGet();
            return new Message.Text("ok");
          });
      try (Client client = Client.start(pair.one(), () -> {})) {
        String text = "p:c:read()#" + "x".repeat(16 << 20);
        for (Message request :
            List.of(
                new Message.Attach(Form.FREQUENCY, text, ProbeOptions.DEFAULT, 1),
                new Message.Check(Form.FREQUENCY, text, ProbeOptions.DEFAULT))) {
          assertThatThrownBy(() -> client.call(request, Message.class, TIMEOUT))
              .isInstanceOf(ProbeException.class)
              .hasMessage(
                  "specifier: it has 16777227 characters, and 4096 are allowed: use several probes");
        }
        assertThatThrownBy(
                () ->
                    client.call(
                        new Message.Remove(List.of("x".repeat(1 << 20))), Message.class, TIMEOUT))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("allowed");
        assertThat(handled).hasValue(0);
        assertThat(client.call(new Message.Done(), Message.Text.class, TIMEOUT).text())
            .isEqualTo("ok");
      }
    }
  }

  @Test
  void anAnswerThatIsTooLargeIsAFailureAndTheConnectionStays() throws Exception {
    try (SocketPair pair = SocketPair.open()) {
      serve(
          pair.other(),
          request -> new Message.Text("x".repeat(request instanceof Message.Done ? 1 : 16 << 20)));
      try (Client client = Client.start(pair.one(), () -> {})) {
        assertThatThrownBy(() -> client.call(new Message.Read(1), Message.class, TIMEOUT))
            .isInstanceOf(ProbeException.class)
            .hasMessageStartingWith("the answer is too large");
        assertThat(client.call(new Message.Done(), Message.Text.class, TIMEOUT).text())
            .isEqualTo("x");
      }
    }
  }

  /** A8: an Error in the thread that reads was not told. */
  @Test
  void whoWaitsForAnAnswerHearsOfAnErrorInTheReader() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (SocketPair pair = SocketPair.open()) {
      Connection peer = Connection.answering(pair.other());
      CompletableFuture<Connection.Frame> request = new CompletableFuture<>();
      Daemon.start(
          "peer",
          () -> {
            try {
              peer.readHello(TIMEOUT);
              peer.write(Connection.UNASKED, Message.Hello.ours());
              request.complete(peer.read());
              peer.write(Connection.UNASKED, new Message.Done());
            } catch (IOException e) {
              request.completeExceptionally(e);
            }
          },
          complaints::add);
      try (Client client =
          Client.start(
              pair.one(),
              news -> {
                throw new StackOverflowError("of the listener");
              },
              closed::countDown)) {
        assertThatThrownBy(() -> client.call(new Message.Read(1), Message.class, TIMEOUT))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("StackOverflowError: of the listener");
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(client.isClosed()).isTrue();
      }
    }
  }

  @Test
  void anErrorOfTheServerIsSaidAndEndsTheConnection() throws Exception {
    try (SocketPair pair = SocketPair.open()) {
      Server server =
          new Server(
              pair.other(),
              request -> new Message.Done(),
              task -> {
                throw new OutOfMemoryError("unable to create native thread");
              },
              complaints::add);
      Thread thread = Daemon.start("server", server::serve, complaints::add);
      try (Client client = Client.start(pair.one(), () -> {})) {
        assertThatThrownBy(() -> client.call(new Message.Done(), Message.class, TIMEOUT))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("the connection was closed");
      }
      thread.join(20_000);
      assertThat(complaints)
          .containsExactly(
              "a connection was ended by a defect of jargdist: java.lang.OutOfMemoryError: unable to"
                  + " create native thread");
    }
  }

  /** The other side behaves as jargdist did before protocol 5. */
  @Test
  void anOlderClientHearsWhatIsWrongInTheAnswerToItsFirstRequest() throws Exception {
    try (SocketPair pair = SocketPair.open()) {
      serve(pair.other(), request -> new Message.Done());
      write(pair.one(), hello(4, ""));
      write(pair.one(), frame(1, (byte) 2, (byte) 99, (byte) 99));
      DataInputStream in = new DataInputStream(Channels.newInputStream(pair.one()));
      in.readNBytes(4 + in.readInt());
      int length = in.readInt();
      assertThat(in.readInt()).as("number of the request").isEqualTo(1);
      assertThat(in.readByte()).as("a failure").isEqualTo((byte) 11);
      assertThat(in.readByte()).isEqualTo((byte) Failure.Kind.MACHINE.ordinal());
      String text = new String(in.readNBytes(length - 2), UTF_8);
      assertThat(text)
          .contains("process " + ProcessHandle.current().pid() + " runs jargdist")
          .contains("(protocol " + MessageCodec.VERSION + "), and this is jargdist before 5")
          .contains("use the same jargdist.jar for both, or restart the JVM");
      assertThat(in.read()).as("the end").isEqualTo(-1);
    }
  }

  @Test
  void aNewerServerIsNamed() throws Exception {
    int newer = MessageCodec.VERSION + 1;
    try (SocketPair pair = SocketPair.open()) {
      write(pair.other(), hello(newer, "9.1"));
      assertThatThrownBy(() -> Client.start(pair.one(), () -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "process 4711 runs jargdist 9.1 (protocol " + newer + "), and this is jargdist")
          .hasMessageEndingWith(
              "use the same jargdist.jar for both, or restart the JVM that has the other one");
    }
  }

  @Test
  void anOlderServerClosesAtOnceWhichIsExplained() throws Exception {
    try (SocketPair pair = SocketPair.open()) {
      Daemon.start(
          "older",
          () -> {
            try {
              pair.other().read(ByteBuffer.allocate(1));
              pair.other().shutdownOutput();
            } catch (IOException e) {
              complaints.add(e.toString());
            }
          },
          complaints::add);
      assertThatThrownBy(() -> Client.start(pair.one(), () -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it is an older jargdist than this one");
    }
  }

  @Test
  void whoIsNoneOfOursOrSilentIsLeft() throws Exception {
    try (SocketPair silent = SocketPair.open();
        SocketPair foreign = SocketPair.open();
        SocketPair silentClient = SocketPair.open()) {
      Thread server = serve(silentClient.other(), request -> new Message.Done());
      write(foreign.other(), "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
      assertThatThrownBy(() -> Client.start(foreign.one(), () -> {}))
          .hasMessageContaining("the other side is no jargdist that works");
      assertThatThrownBy(() -> Client.start(silent.one(), () -> {}))
          .hasMessageContaining("said nothing within 10 s");
      server.join(20_000);
      assertThat(server.isAlive()).isFalse();
    }
  }
}
