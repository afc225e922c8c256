/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.calls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/**
 * Makes exactly as many calls as it is told. It reads commands from stdin, one a line:
 *
 * <pre>{@code
 * COMMAND TIMES [OPERAND] [THREADS]
 * }</pre>
 *
 * and prints {@code ready} once, then {@code done} or {@code error: REASON} after each command.
 * With THREADS, each of so many new threads makes the calls TIMES times, all at once. It ends with
 * stdin.
 *
 * <p>Each command leads to one function, called once a time:
 *
 * <table>
 * <caption>What TIMES calls are seen as</caption>
 * <tr><th>command<th>Java<th>function<th>told apart by
 * <tr><td>{@code read N SIZE}<td>FileInputStream.read<td>libc read<td>count, return value
 * <tr><td>{@code write N SIZE}<td>FileOutputStream.write<td>libc write<td>count, return value
 * <tr><td>{@code lseek N OFFSET}<td>RandomAccessFile.seek<td>libc lseek64<td>offset, return value
 * <tr><td>{@code fsync N}<td>FileDescriptor.sync<td>libc fsync<td>nothing else calls it
 * <tr><td>{@code open N PATH}<td>new FileInputStream<td>libc open64<td>path
 * <tr><td>{@code access N PATH}<td>File.canRead<td>libc access<td>path
 * <tr><td>{@code malloc N SIZE}<td>ByteBuffer.allocateDirect<td>libc malloc<td>size, a multiple of 8
 * <tr><td>{@code wait N MILLIS}<td>Object.wait<td>libjvm JVM_MonitorWait<td>3rd argument, ms
 * <tr><td>{@code nested N DEPTH}<td>Object.wait, in DEPTH blocks of one monitor<td>libjvm
 *     ObjectMonitor::wait<td>2nd argument, 3 ms; the monitor's _recursions, DEPTH - 1
 * <tr><td>{@code sleep N MILLIS}<td>Thread.sleep<td>17: libjvm JVM_Sleep, 25: JVM_SleepNanos<td>3rd
 *     argument, 17: ms, 25: ns
 * <tr><td>{@code thread N NAME}<td>Thread.start<td>USDT thread__start, thread__stop<td>name: pointer
 *     arg1, length arg2
 * <tr><td>{@code contend N}<td>synchronized, on a monitor that another thread holds<td>USDT
 *     monitor__contended__enter<td>class of the monitor: pointer arg3, length arg4
 * <tr><td>{@code gc N}<td>System.gc<td>libjvm JVM_GC, USDT gc__begin(1), gc__end<td>arg1 is 1: a
 *     full collection
 * </table>
 *
 * The system calls behind read, write, lseek and fsync have the same number, so the tracepoints of
 * the category {@code syscalls} count them too.
 *
 * <p>A JVM makes such calls for itself as well: to load classes, to read stdin and to write {@code
 * done}. So choose an operand that nothing else has: a prime such as 4099 bytes, 4099 as offset, 7
 * ms, a path or name of your own. Every number above was counted on Debian 12 (x86-64, G1, kernel
 * 6.18) with bpftrace 0.17 on OpenJDK 17.0.15 and Temurin 25.0.3: TIMES, not one more or less.
 * File.exists is not here for that reason: it is stat64 in one build of the JDK and __xstat64 in
 * another. A wait may wake up early; it still is one call.
 */
public final class KnownCalls {
  private KnownCalls() {}

  /** Runs the commands of stdin until its end. */
  public static void main(String[] args) throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      try {
        run(Command.parse(line));
        System.out.println("done");
      } catch (Exception e) {
        System.out.println("error: " + e.getMessage());
      }
    }
  }

  private static void run(Command command) throws Exception {
    CountDownLatch allReady = new CountDownLatch(command.threads());
    List<FutureTask<?>> callers = new ArrayList<>();
    for (int i = 0; i < command.threads(); i++) {
      FutureTask<?> caller =
          new FutureTask<>(
              () -> {
                makeCalls(command, allReady);
                return null;
              });
      new Thread(caller, "caller-" + i).start();
      callers.add(caller);
    }
    for (FutureTask<?> caller : callers) {
      caller.get();
    }
  }

  private static void makeCalls(Command command, CountDownLatch allReady) throws Exception {
    allReady.countDown();
    allReady.await();
    try (Call call = command.prepare()) {
      for (int n = 0; n < command.times(); n++) {
        call.action().once();
      }
    }
  }

  /**
   * A line of input.
   *
   * @param operand a number, a path or a name; empty if the command takes none
   */
  private record Command(String name, int times, String operand, int threads) {
    static Command parse(String line) {
      String[] words = line.strip().split(" +", -1);
      boolean bare = List.of("fsync", "gc", "contend").contains(words[0]);
      int required = bare ? 2 : 3;
      if (words.length < required || words.length > required + 1) {
        throw new IllegalArgumentException(
            "expected " + words[0] + " TIMES" + (bare ? "" : " OPERAND") + " [THREADS]");
      }
      return new Command(
          words[0],
          Integer.parseInt(words[1]),
          bare ? "" : words[2],
          words.length > required ? Integer.parseInt(words[required]) : 1);
    }

    Call prepare() throws IOException {
      return switch (name) {
        case "read" -> {
          FileInputStream zeros = new FileInputStream("/dev/zero");
          byte[] buffer = new byte[number()];
          yield new Call(() -> zeros.read(buffer), zeros);
        }
        case "write" -> {
          FileOutputStream sink = new FileOutputStream("/dev/null");
          byte[] buffer = new byte[number()];
          yield new Call(() -> sink.write(buffer), sink);
        }
        case "lseek" -> {
          RandomAccessFile file = new RandomAccessFile("/proc/self/exe", "r");
          int offset = number();
          yield new Call(() -> file.seek(offset), file);
        }
        case "fsync" -> {
          File file = File.createTempFile("known-calls", null);
          FileOutputStream out = new FileOutputStream(file);
          // The open file needs no name, and a JVM that is killed deletes nothing at its end.
          Files.delete(file.toPath());
          yield new Call(() -> out.getFD().sync(), out);
        }
        case "open" -> new Call(() -> new FileInputStream(operand).close());
        case "access" -> {
          File file = new File(operand);
          yield new Call(() -> file.canRead());
        }
        case "malloc" -> {
          int size = number();
          yield new Call(() -> ByteBuffer.allocateDirect(size));
        }
        case "wait" -> {
          int millis = number();
          yield new Call(() -> waitOnce(millis));
        }
        case "nested" -> {
          int depth = number();
          yield new Call(() -> waitNested(depth));
        }
        case "sleep" -> {
          int millis = number();
          yield new Call(() -> Thread.sleep(millis));
        }
        case "thread" -> new Call(() -> startAndJoin(operand));
        case "contend" -> new Call(KnownCalls::contendOnce);
        case "gc" -> new Call(System::gc);
        default -> throw new IllegalArgumentException("unknown command " + name);
      };
    }

    private int number() {
      return Integer.parseInt(operand);
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The call counts, not what ended it.
  private static void waitOnce(int millis) throws InterruptedException {
    Object monitor = new Object();
    synchronized (monitor) {
      monitor.wait(millis);
    }
  }

  /** HotSpot counts the blocks in the monitor only once that has been waited for. */
  @SuppressWarnings("WaitNotInLoop") // The call counts, not what ended it.
  private static void waitNested(int depth) throws InterruptedException {
    Object monitor = new Object();
    synchronized (monitor) {
      monitor.wait(1);
      waitWithin(monitor, depth - 1);
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The call counts, not what ended it.
  private static void waitWithin(Object monitor, int depth) throws InterruptedException {
    synchronized (monitor) {
      if (depth > 1) {
        waitWithin(monitor, depth - 1);
      } else {
        monitor.wait(3);
      }
    }
  }

  /** Its class tells this monitor from those of others. */
  private static final class Contended {}

  private static void contendOnce() throws InterruptedException {
    Contended monitor = new Contended();
    Thread other =
        new Thread(
            () -> {
              synchronized (monitor) {
                Thread.onSpinWait();
              }
            });
    synchronized (monitor) {
      other.start();
      while (other.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
    }
    other.join();
  }

  private static void startAndJoin(String name) throws InterruptedException {
    Thread thread = new Thread(() -> {}, name);
    thread.start();
    thread.join();
  }

  private interface Action {
    void once() throws Exception;
  }

  /** The action of each call, and the resource to close afterwards. */
  private record Call(Action action, Closeable resource) implements Closeable {
    Call(Action action) {
      this(action, () -> {});
    }

    @Override
    public void close() throws IOException {
      resource.close();
    }
  }
}
