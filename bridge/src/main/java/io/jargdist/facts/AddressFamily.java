/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

/** The numbers of address families, the same on every processor: include/linux/socket.h. */
public final class AddressFamily {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;

  private AddressFamily() {}
}
