/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.child;

import io.jargdist.text.IoFailure;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A child JVM and a socket to it. Owns both; {@link #close()} kills the child.
 *
 * <p>The child sees nothing of our environment that could load an agent into it or change its
 * output, writes what it prints to a file that has no name any more, and finds the socket's path as
 * its first argument. Once it has connected, neither socket nor file can be found on disk, so
 * nothing is left behind, however the two processes end.
 */
public final class ChildJvm implements AutoCloseable {
  /** The system property that tells our code that it runs in such a child. */
  public static final String CHILD_PROPERTY = "jargdist.child";

  private static final List<String> INHERITED_VARIABLES =
      List.of("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME");

  /** What an archive of classes must have in common with the processes that use it. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-XX:-CreateCoredumpOnCrash",
          "-XX:ErrorFile=/dev/null",
          "--enable-native-access=ALL-UNNAMED");

  private static final Duration POLL = Duration.ofMillis(20);
  private static final int SHOWN_OUTPUT = 8192;

  private final Process process;
  private final SocketChannel channel;
  private final FileChannel output;

  private ChildJvm(Process process, SocketChannel channel, FileChannel output) {
    this.process = process;
    this.channel = channel;
    this.output = output;
  }

  /**
   * The parameters of a child.
   *
   * @param name for people and process lists: {@code "bridge"}
   * @param javaHome the JDK or JRE to start it with
   * @param maxHeapMegabytes its heap's limit: children share the memory limit of the target's
   *     container
   * @param environment variables that it needs besides the few that it inherits
   * @param arguments after the socket's path
   */
  public record Options(
      String name,
      Path javaHome,
      int maxHeapMegabytes,
      List<String> systemProperties,
      Map<String, String> environment,
      String mainClass,
      List<String> arguments) {
    public Options {
      systemProperties = List.copyOf(systemProperties);
      environment = Map.copyOf(environment);
      arguments = List.copyOf(arguments);
    }
  }

  /** Starts a process, with the privileges that it is to have. */
  public interface Launcher {
    Process start(ProcessBuilder builder) throws IOException;
  }

  /** Starts a child with our privileges, and waits until it has connected. */
  public static ChildJvm start(Options options, Duration timeout) throws IOException {
    return start(options, ProcessBuilder::start, timeout);
  }

  /**
   * Starts a child and waits until it has connected.
   *
   * @throws IOException if it does not within the timeout; the message has the last lines that it
   *     printed
   */
  public static ChildJvm start(Options options, Launcher launcher, Duration timeout)
      throws IOException {
    try {
      BundledLibraries.Unpacked libraries = BundledLibraries.forChild();
      ClassArchive archive = archive(options, libraries);
      Path classes = archive == null ? null : archive.file();
      if (classes != null) {
        try {
          String use = "-XX:SharedArchiveFile=" + classes;
          return started(options, launcher, libraries, List.of(use), timeout);
        } catch (EndedAtOnceException e) {
          // HotSpot trusts that an archive is whole.
          Files.deleteIfExists(classes);
        }
      }
      return started(options, launcher, libraries, List.of(), timeout);
    } catch (FileSystemException e) {
      throw new IOException(
          "starting the " + options.name() + " process: " + IoFailure.sentence(e), e);
    }
  }

  /** Has a child do what children do, so that it loads what they load. */
  public interface Rehearsal {
    /**
     * @param child will exit when its connection is closed
     */
    void carryOut(ChildJvm child) throws IOException;
  }

  /**
   * Makes the archive of classes with which later children start faster, unless it is there or is
   * being made. Takes some seconds.
   *
   * @throws IOException if it is not made; it will be tried again in an hour
   */
  public static void archiveClasses(Options options, Rehearsal rehearsal, Duration timeout)
      throws IOException {
    BundledLibraries.Unpacked libraries = BundledLibraries.forChild();
    ClassArchive archive = archive(options, libraries);
    if (archive == null || !archive.reserve()) {
      return;
    }
    Path folder = PrivateDirectory.createTemporary();
    Path made = folder.resolve("classes");
    List<String> make = List.of("-XX:ArchiveClassesAtExit=" + made);
    try (ChildJvm child = started(options, ProcessBuilder::start, libraries, make, timeout)) {
      rehearsal.carryOut(child);
      child.channel.close();
      Integer exit = child.awaitExit(timeout);
      if (exit == null || exit != 0) {
        throw new IOException("no archive of classes: " + child.outputSince(0));
      }
      archive.take(made);
    } finally {
      Files.deleteIfExists(made);
      Files.deleteIfExists(folder);
    }
  }

  private static @Nullable ClassArchive archive(
      Options options, BundledLibraries.Unpacked libraries) {
    return ClassArchive.of(options.javaHome(), FLAGS, libraries.classPath());
  }

  private static ChildJvm started(
      Options options,
      Launcher launcher,
      BundledLibraries.Unpacked libraries,
      List<String> archiveFlags,
      Duration timeout)
      throws IOException {
    Path directory = PrivateDirectory.createTemporary();
    Path socket = directory.resolve("s");
    Path log = directory.resolve("log");
    @Nullable Process process = null;
    @Nullable FileChannel output = null;
    boolean started = false;
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      output =
          FileChannel.open(
              log,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      process = launcher.start(builder(options, libraries, archiveFlags, socket, log));
      Files.delete(log);
      SocketChannel channel = accept(server, process, timeout);
      if (channel == null) {
        String name = "the " + options.name() + " process ";
        String printed = ": " + tail(output, 0);
        throw process.isAlive()
            ? new IOException(name + "did not connect in time" + printed)
            : new EndedAtOnceException(name + "ended at once" + printed);
      }
      started = true;
      return new ChildJvm(process, channel, output);
    } finally {
      if (!started) {
        if (process != null) {
          process.destroyForcibly();
        }
        if (output != null) {
          output.close();
        }
      }
      Files.deleteIfExists(log);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static final class EndedAtOnceException extends IOException {
    private static final long serialVersionUID = 1;

    EndedAtOnceException(String message) {
      super(message);
    }
  }

  private static ProcessBuilder builder(
      Options options,
      BundledLibraries.Unpacked libraries,
      List<String> archiveFlags,
      Path socket,
      Path log) {
    List<String> command = new ArrayList<>();
    command.add(options.javaHome().resolve("bin/java").toString());
    command.addAll(FLAGS);
    command.add("-Xmx" + options.maxHeapMegabytes() + "m");
    command.add("-Xshare:auto");
    command.add("-D" + CHILD_PROPERTY + "=" + options.name());
    options.systemProperties().forEach(property -> command.add("-D" + property));
    libraries.properties().forEach(property -> command.add("-D" + property));
    command.addAll(archiveFlags);
    command.add("-cp");
    command.add(
        libraries.classPath().stream()
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(options.mainClass());
    command.add(socket.toString());
    command.addAll(options.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(INHERITED_VARIABLES);
    environment.putAll(options.environment());
    return builder
        .directory(new File("/"))
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  private static @Nullable SocketChannel accept(
      ServerSocketChannel server, Process process, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      while (System.nanoTime() < deadline) {
        selector.select(POLL.toMillis());
        SocketChannel channel = server.accept();
        if (channel != null) {
          return channel;
        }
        if (!process.isAlive()) {
          return null;
        }
      }
      return null;
    }
  }

  /** Returns the socket to the child; closed with this object. */
  public SocketChannel channel() {
    return channel;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits for the child to end.
   *
   * @return its exit code, 128 + N after signal N; null if it has not ended in time
   */
  public @Nullable Integer awaitExit(Duration timeout) {
    try {
      return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)
          ? process.exitValue()
          : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** Returns how much the child has printed so far, in bytes. */
  public long outputSize() throws IOException {
    return output.size();
  }

  /**
   * Returns what the child has printed since its output had {@code from} bytes, at most the last 8
   * KB.
   */
  public String outputSince(long from) throws IOException {
    return tail(output, from);
  }

  private static String tail(FileChannel output, long from) throws IOException {
    long size = output.size();
    long start = Math.max(from, size - SHOWN_OUTPUT);
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, size - start));
    while (bytes.hasRemaining() && output.read(bytes, start + bytes.position()) > 0) {}
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      channel.close();
      output.close();
    } catch (IOException e) {
      // A failure to close changes nothing.
    }
    awaitExit(Duration.ofSeconds(2));
  }
}
