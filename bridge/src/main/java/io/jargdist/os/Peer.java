/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import jnr.ffi.Pointer;

/**
 * Who is at the other end of a Unix socket, by the kernel's word: the process that connected it, or
 * that listens. The numbers are translated into our own namespaces; one that cannot be seen from
 * here has pid 0.
 *
 * @param uid the effective user when it connected
 */
public record Peer(long pid, int uid) {
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;

  /**
   * @param channel a connected Unix socket
   */
  public static Peer of(SocketChannel channel) throws IOException {
    Pointer credentials = Syscalls.allocate(12);
    try {
      Syscalls.getSocketOption(
          "asking who connected", descriptor(channel), SOL_SOCKET, SO_PEERCRED, credentials);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
    return new Peer(credentials.getInt(0), credentials.getInt(4));
  }

  /**
   * The JDK's own option for this (jdk.net.ExtendedSocketOptions.SO_PEERCRED) leaves out the
   * process. The jar's manifest opens the package.
   */
  private static int descriptor(SocketChannel channel) throws IOException {
    try {
      Method method = channel.getClass().getDeclaredMethod("getFDVal");
      method.setAccessible(true);
      return (Integer) method.invoke(channel);
    } catch (NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException
        | RuntimeException e) {
      throw new IOException(
          "this Java does not tell who connected (" + e.getMessage() + "): use java -jar", e);
    }
  }
}
