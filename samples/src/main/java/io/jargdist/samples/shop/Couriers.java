/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;

/** Looks up the courier's host for each order anew, as a service does whose DNS entries move. */
final class Couriers {
  private static final String HOST = "localhost";

  /** Turns off the cache of addresses in this JVM. */
  Couriers() {
    Security.setProperty("networkaddress.cache.ttl", "0");
  }

  InetAddress find() throws UnknownHostException {
    return InetAddress.getByName(HOST);
  }
}
