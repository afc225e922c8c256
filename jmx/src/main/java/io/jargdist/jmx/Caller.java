/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.rmi.server.RemoteServer;
import java.rmi.server.ServerNotActiveException;
import java.security.Principal;
import java.util.Iterator;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * The caller of an MBean.
 *
 * @param principal who the client has proved to be; null if it was not asked
 * @param host address of an RMI client; null for a caller in this JVM, such as Jolokia
 * @param onThisMachine whether it runs on this machine, as far as its address tells
 * @param strangers whether this JVM lets RMI clients in without asking who they are
 */
record Caller(
    @Nullable String principal, @Nullable String host, boolean onThisMachine, boolean strangers) {
  /** Returns the caller of the MBean's method that runs on this thread. */
  static Caller current() {
    String principal = currentPrincipal();
    String host = currentHost();
    boolean near = host == null || isOfThisMachine(host);
    // A caller that is authenticated, or far away, need not be told from a stranger.
    boolean strangers = host != null && near && principal == null && OpenConnector.isPresent();
    return new Caller(principal, host, near, strangers);
  }

  /** Returns why it may not change anything while only local users may; null if it may. */
  @Nullable String refusal() {
    if (!onThisMachine) {
      return "only users of the JVM's own machine may change probes, and you are "
          + this
          + ": use the command line there, or start the agent with --control on";
    }
    if (strangers && principal == null) {
      return "this JVM lets JMX clients in without a password, so they may not change probes: set"
          + " up authentication (com.sun.management.jmxremote.password.file), use the command line,"
          + " or start the agent with --control on";
    }
    return null;
  }

  /** {@code "monitor@10.0.0.7"}; {@code "local"} for a local user of unknown name. */
  @Override
  public String toString() {
    if (principal != null) {
      return principal + (host == null ? "" : "@" + host);
    }
    return onThisMachine && !strangers ? "local" : "unauthenticated@" + host;
  }

  private static @Nullable String currentHost() {
    try {
      return RemoteServer.getClientHost();
    } catch (ServerNotActiveException | LinkageError e) {
      // It was not called by RMI, or this Java runtime has no RMI.
      return null;
    }
  }

  /** Decides by the addresses of the network interfaces, as the local connector itself does. */
  @SuppressWarnings("AddressSelection") // RMI gives a literal address.
  private static boolean isOfThisMachine(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException e) {
      return false;
    }
  }

  private static @Nullable String currentPrincipal() {
    Subject subject = currentSubject();
    if (subject == null) {
      return null;
    }
    Iterator<Principal> principals = subject.getPrincipals().iterator();
    return principals.hasNext() ? principals.next().getName() : null;
  }

  /**
   * Calls one of two methods by reflection, since JDK 17 lacks the one, and later JDKs drop the
   * other.
   */
  private static @Nullable Subject currentSubject() {
    try {
      return (Subject) Subject.class.getMethod("current").invoke(null);
    } catch (NoSuchMethodException e) {
      return subjectOfAccessController();
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static @Nullable Subject subjectOfAccessController() {
    try {
      Method context = Class.forName("java.security.AccessController").getMethod("getContext");
      return (Subject)
          Subject.class
              .getMethod("getSubject", Class.forName("java.security.AccessControlContext"))
              .invoke(null, context.invoke(null));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }
}
