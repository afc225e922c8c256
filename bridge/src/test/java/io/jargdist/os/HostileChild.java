/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.facts.Architecture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Does what an attacker would do who has taken the compiler over, on the one thread that has a
 * capability. It prints the names of what has worked to its socket, and waits.
 */
public final class HostileChild {
  private static final int PTRACE_ATTACH = 16;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int BPF_PROG_LOAD = 5;

  private interface Attempt {
    boolean works() throws Exception;
  }

  private HostileChild() {}

  /**
   * @param arguments the socket, {@code confined} or {@code free}, a process of the parent's, a TCP
   *     port, a file to make
   */
  public static void main(String[] arguments) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]));
    NativeFunction syscall = NativeLibrary.C.function("syscall");
    Memory memory = Memory.allocate(256);
    long victim = Long.parseLong(arguments[2]);
    boolean x86 = Architecture.current() == Architecture.X86_64;
    if (arguments[1].equals("confined")) {
      Confinement.compute();
    }
    List<String> worked = new ArrayList<>();
    attempt(worked, "exec", () -> new ProcessBuilder("/bin/true").start().waitFor() == 0);
    attempt(worked, "shadow", () -> !Files.readString(Path.of("/etc/shadow")).isEmpty());
    attempt(
        worked,
        "memory",
        () -> Files.newByteChannel(Path.of("/proc", arguments[2], "mem")).isOpen());
    attempt(worked, "file", () -> Files.writeString(Path.of(arguments[4]), "x") != null);
    attempt(
        worked,
        "network",
        () ->
            new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[3]))
                .isConnected());
    attempt(
        worked,
        "ptrace",
        () -> syscall.call(x86 ? 101 : 117, PTRACE_ATTACH, victim, 0, memory) == 0);
    attempt(worked, "unshare", () -> syscall.call(x86 ? 272 : 97, CLONE_NEWNS, 0, 0, memory) == 0);
    attempt(worked, "fork", () -> fork(syscall, x86));
    attempt(
        worked,
        "program",
        () -> syscall.call(x86 ? 321 : 280, BPF_PROG_LOAD, program(), 48, memory) >= 0);
    attempt(worked, "root", () -> syscall.call(x86 ? 105 : 146, 0, 0, 0, memory) == 0);
    attempt(worked, "table", () -> syscall.call(x86 ? 321 : 280, 0, table(), 48, memory) >= 0);
    attempt(worked, "kill", () -> ProcessHandle.of(victim).orElseThrow().destroyForcibly());
    channel.write(
        ByteBuffer.wrap(String.join(" ", worked).concat("\n").getBytes(StandardCharsets.UTF_8)));
    channel.read(ByteBuffer.allocate(1));
  }

  /** The child of a fork ends at once. */
  private static boolean fork(NativeFunction syscall, boolean x86) {
    int sigchld = 17;
    long pid = syscall.call(x86 ? 56 : 220, sigchld, 0, 0, null);
    if (pid == 0) {
      syscall.call(x86 ? 231 : 94, 0, 0, 0, null);
    }
    return pid > 0;
  }

  private static final Memory LICENSE = Memory.of("GPL");

  /** A program that returns 0. */
  private static final Memory CODE = Memory.of(new long[] {0xb7, 0x95});

  /** A socket filter. */
  private static Memory program() {
    Memory attributes = Memory.allocate(48);
    attributes
        .bytes()
        .putInt(0, 1)
        .putInt(4, 2)
        .putLong(8, CODE.address())
        .putLong(16, LICENSE.address());
    return attributes;
  }

  /** BPF_MAP_TYPE_HASH of 8 and 8 bytes. */
  private static Memory table() {
    Memory attributes = Memory.allocate(48);
    attributes.bytes().putInt(0, 1).putInt(4, 8).putInt(8, 8).putInt(12, 4);
    return attributes;
  }

  private static void attempt(List<String> worked, String name, Attempt attempt) {
    try {
      if (attempt.works()) {
        worked.add(name);
      }
    } catch (Exception e) {
      // It does not.
    }
  }
}
