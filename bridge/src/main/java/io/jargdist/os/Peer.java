/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import io.jargdist.os.Layout.Field;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;

/**
 * The process at the other end of a Unix socket, by the kernel's word. It has connected the socket,
 * or it listens. The numbers are translated into our own namespaces; one that cannot be seen from
 * here has pid 0.
 *
 * @param uid the effective user when it connected
 */
public record Peer(long pid, int uid) {
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;

  private static final Layout CREDENTIALS = new Layout("struct ucred", "sys/socket.h", 12);
  private static final Field PID = CREDENTIALS.field("pid", 0, 4);
  private static final Field UID = CREDENTIALS.field("uid", 4, 4);

  /**
   * @param channel a connected Unix socket
   */
  public static Peer of(SocketChannel channel) throws IOException {
    Struct credentials = new Struct(CREDENTIALS);
    try {
      Syscalls.getSocketOption(
          "asking who connected", descriptor(channel), SOL_SOCKET, SO_PEERCRED, credentials);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
    return new Peer(credentials.getInt(PID), credentials.getInt(UID));
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
