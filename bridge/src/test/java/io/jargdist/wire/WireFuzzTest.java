/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.specifier.Form;
import io.jargdist.wire.ProbeHealth.Detached.Cause;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Frames that are mutated or garbage, for both ends: each is a message or an IOException, in
 * bounded time and memory. {@code -Dfuzz.seconds=N} takes longer, {@code -Dfuzz.seed=S} begins
 * elsewhere.
 */
class WireFuzzTest {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 5);

  /** The memory that a message may take for each byte of its frame, and beside that. */
  private static final int EACH_BYTE = 100;

  private static final int BESIDE = 500_000;

  private static final LibraryState LIBRARIES =
      new LibraryState("libx.so is not mapped", false, List.of("It was mapped late."));

  private static final List<Message> MESSAGES = messages();

  private static List<Message> messages() {
    BucketScheme scheme = Log2Buckets.DEFAULT;
    long[] counts = new long[scheme.slots()];
    counts[3] = 17;
    Losses losses = new Losses(Map.of(Loss.TABLE_FULL, 3L));
    Sampling sampling = new Sampling(5_000_000_000L, 400_000_000L, 12345.5, 100.25, 7.5);
    ProbeHealth paced = new ProbeHealth(1.5, 2.5, "It is paced.", null, 7L, LIBRARIES);
    ProbeHealth detached =
        ProbeHealth.of(
            new ProbeHealth.Detached("it costs too much", Cause.TOO_EXPENSIVE), null, LIBRARIES);
    SumSnapshot sums = new SumSnapshot(Map.of(List.of("a", "1"), new Sum(2, -7)), losses, sampling);
    HistogramSnapshot keyed =
        HistogramSnapshot.ofKeys(
            Log2Buckets.DEFAULT,
            Map.of(
                List.of("3"),
                Distribution.ofSlot(7, 5).plus(Distribution.ofSum(-9)),
                List.of("4"),
                Distribution.ofSum(1)),
            losses,
            sampling);
    FrequencySnapshot rows =
        new FrequencySnapshot(Map.of(List.of("a", "1", "\u00e4"), 2L), losses, sampling);
    ProbeOptions options = ProbeOptions.DEFAULT.withLimits(new Limits(5, Duration.ofSeconds(30)));
    return List.of(
        Message.Hello.ours(),
        new Message.Attach(Form.HISTOGRAM, "p:c:read(int fd):int:fd#reads", options, 3),
        new Message.Attached(
            1,
            "reads",
            "reads",
            false,
            "",
            List.of(new KeyColumn("fd", false)),
            scheme,
            List.of("uprobe libc:read"),
            List.of("It does not see what it should."),
            LIBRARIES),
        new Message.Check(Form.FREQUENCY, "p:c:read()", options),
        new Message.Text("ok"),
        new Message.Read(1, 2, Message.Read.What.MARKED),
        new Message.Start(3),
        new Message.Started(Instant.ofEpochMilli(1_796_000_000_123L)),
        new Message.Mark(3),
        new Message.Expect(new Message.Attach(Form.FREQUENCY, "p:c:read()", options, 3)),
        new Message.OwnThreads(Set.of(17, 19)),
        new Message.Histogram(
            new HistogramSnapshot(scheme, counts, 5, losses, sampling), 1.5, detached),
        new Message.Frequency(rows, ProbeHealth.UNKNOWN),
        new Message.Frequency(rows, paced),
        new Message.Page(rows, 4096),
        new Message.Page(keyed, 1 << 30),
        new Message.Page(sums, 1),
        new Message.Histogram(keyed, 17.5, paced),
        new Message.Sum(sums, ProbeHealth.UNKNOWN),
        new Message.Detached(1, new ProbeHealth.Detached("its time is over", Cause.TIME_IS_OVER)),
        new Message.Mapped(
            1, List.of("uprobe libx:f"), LIBRARIES, Instant.ofEpochMilli(1L), "it counts in libx"),
        new Message.Detach(1),
        new Message.Done(),
        new Message.Outlive(1),
        new Message.Remove(List.of("a", "b")),
        new Message.Names(),
        new Message.Find("reads"),
        new Message.Found(
            new Message.Attached(
                3, "reads", "reads", false, "", List.of(), null, List.of(), List.of(), LIBRARIES),
            "p:c:read()",
            "running"),
        new Message.Failure(Message.Failure.Kind.MACHINE, "no privilege"));
  }

  private static byte[] bytes(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MessageCodec.write(message, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Test
  void thereIsAnExampleOfEachMessage() {
    Set<Class<?>> examples = new HashSet<>();
    MESSAGES.forEach(message -> examples.add(message.getClass()));
    assertThat(examples)
        .containsExactlyInAnyOrder(
            Stream.of(Message.class, Message.Counts.class)
                .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                .filter(Class::isRecord)
                .toArray(Class<?>[]::new));
  }

  @Test
  void eachMessageArrivesAsItWasSent() throws IOException {
    for (Message message : MESSAGES) {
      byte[] bytes = bytes(message);
      Message read = MessageCodec.read(new FrameReader(bytes));
      assertThat(read).hasSameClassAs(message);
      assertThat(bytes(read)).isEqualTo(bytes);
    }
  }

  @Test
  void whatIsCutOffIsNoMessage() throws IOException {
    for (Message message : MESSAGES) {
      byte[] whole = bytes(message);
      for (int length = 0; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThat(isMessage(part)).as("%s, %d bytes", message, length).isFalse();
      }
    }
  }

  private static boolean isMessage(byte[] bytes) {
    try {
      MessageCodec.read(new FrameReader(bytes));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anyBytesAreAMessageOrAnIoException() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    Random random = new Random(SEED);
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    long accepted = 0;
    long refused = 0;
    while (System.nanoTime() < end) {
      byte[] bytes = mutated(random);
      long before = threads.getThreadAllocatedBytes(self);
      long start = System.nanoTime();
      try {
        if (isMessage(bytes)) {
          accepted++;
        } else {
          refused++;
        }
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + SEED + ": " + Arrays.toString(bytes), e);
      }
      assertThat(threads.getThreadAllocatedBytes(self) - before)
          .as("seed %d: %s", SEED, Arrays.toString(bytes))
          .isLessThan((long) bytes.length * EACH_BYTE + BESIDE);
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }
    assertThat(accepted).isGreaterThan(1000);
    assertThat(refused).isGreaterThan(1000);
  }

  private static byte[] mutated(Random random) throws IOException {
    byte[] bytes = bytes(MESSAGES.get(random.nextInt(MESSAGES.size())));
    if (random.nextInt(8) == 0) {
      bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      return bytes;
    }
    for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, at);
        case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
        case 4 -> {
          // A size that is wrong.
          if (at + 4 <= bytes.length) {
            int[] sizes = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 20, bytes.length};
            ByteBuffer.wrap(bytes).putInt(at, sizes[random.nextInt(sizes.length)]);
          }
        }
        default -> {
          byte[] other = bytes(MESSAGES.get(random.nextInt(MESSAGES.size())));
          byte[] both = Arrays.copyOf(bytes, at + other.length);
          System.arraycopy(other, 0, both, at, other.length);
          bytes = both;
        }
      }
    }
    return bytes;
  }

  /** Both ends end, and nothing is thrown, whatever the other side sends. */
  @Test
  @Timeout(120)
  void anyBytesEndAConnectionInTime() throws Exception {
    Random random = new Random(SEED);
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < 100 * SECONDS; i++) {
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(sent);
      if (random.nextInt(4) > 0) {
        frame(bytes(Message.Hello.ours()), random, out);
      }
      for (int frames = random.nextInt(4); frames > 0; frames--) {
        frame(mutated(random), random, out);
      }
      try (SocketPair pair = SocketPair.open()) {
        boolean asks = random.nextBoolean();
        Thread end =
            Daemon.start(
                "end",
                () -> {
                  if (asks) {
                    new Server(
                            pair.other(),
                            request -> new Message.Done(),
                            Runnable::run,
                            complaints::add)
                        .serve();
                  } else {
                    try {
                      Client client = Client.start(pair.other(), () -> {});
                      client.read(1, Message.Read.What.NOW, Duration.ofSeconds(10));
                    } catch (IOException | ProbeException e) {
                      // This exception is allowed.
                    }
                  }
                },
                complaints::add);
        ByteBuffer bytes = ByteBuffer.wrap(sent.toByteArray());
        try {
          while (bytes.hasRemaining()) {
            pair.one().write(bytes);
          }
          pair.one().shutdownOutput();
        } catch (IOException e) {
          // It has closed already.
        }
        end.join(20_000);
        assertThat(end.isAlive()).as("seed %d, number %d", SEED, i).isFalse();
        assertThat(complaints).as("seed %d, number %d", SEED, i).isEmpty();
      }
    }
  }

  private static void frame(byte[] body, Random random, DataOutputStream out) throws IOException {
    out.writeInt(random.nextInt(10) == 0 ? random.nextInt() : body.length);
    out.writeInt(random.nextInt(3));
    out.write(body);
  }
}
