/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static io.jargdist.facts.AddressFamily.AF_INET;
import static io.jargdist.facts.AddressFamily.AF_INET6;
import static io.jargdist.facts.AddressFamily.AF_UNIX;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The text of an internet address that a program has kept: {@code 10.0.0.7:5432}, {@code
 * [2001:db8::1]:443}, or the address alone if it has no port. An IPv4 address that is written as
 * one of IPv6, as Java's sockets do, is shown as what it is.
 */
final class InternetAddress {
  private static final int GROUPS = 8;

  private final int family;
  private final int port;
  private final ByteBuffer bytes;

  private InternetAddress(int family, int port, ByteBuffer bytes) {
    this.family = family;
    this.port = port;
    this.bytes = bytes;
  }

  /**
   * Reads {@code struct address} of the C text.
   *
   * @param kept begins with it
   */
  static InternetAddress of(ByteBuffer kept) {
    int family = Short.toUnsignedInt(kept.order(ByteOrder.nativeOrder()).getShort(0));
    ByteBuffer network = kept.slice().order(ByteOrder.BIG_ENDIAN);
    int port = Short.toUnsignedInt(network.getShort(Short.BYTES));
    ByteBuffer bytes = network.slice(2 * Short.BYTES, GROUPS * Short.BYTES);
    return new InternetAddress(family, port, bytes);
  }

  /** Returns {@value KeyReader#UNKNOWN} for another family, of which no address is kept. */
  String text() {
    String version4 = version4();
    if (version4 != null) {
      return port == 0 ? version4 : version4 + ":" + port;
    } else if (family == AF_INET6) {
      return port == 0 ? version6() : "[" + version6() + "]:" + port;
    }
    return family == AF_UNIX ? "unix" : KeyReader.UNKNOWN;
  }

  /** Returns whether there is no address, as of a socket that is not connected. */
  boolean isAny() {
    return port == 0 && bytes.getLong(0) == 0 && bytes.getLong(Long.BYTES) == 0;
  }

  private @Nullable String version4() {
    boolean mapped =
        family == AF_INET6 && bytes.getLong(0) == 0 && bytes.getInt(Long.BYTES) == 0xffff;
    if (!mapped && family != AF_INET) {
      return null;
    }
    int at = mapped ? 3 * Integer.BYTES : 0;
    return String.format(
        Locale.ROOT,
        "%d.%d.%d.%d",
        Byte.toUnsignedInt(bytes.get(at)),
        Byte.toUnsignedInt(bytes.get(at + 1)),
        Byte.toUnsignedInt(bytes.get(at + 2)),
        Byte.toUnsignedInt(bytes.get(at + 3)));
  }

  /** As RFC 5952 recommends: the longest run of at least two zeros is left out, the first one. */
  private String version6() {
    int begin = -1;
    int longest = 1;
    for (int i = 0; i < GROUPS; i++) {
      int zeros = zeros(i);
      if (zeros > longest) {
        begin = i;
        longest = zeros;
      }
    }
    return begin < 0
        ? groups(0, GROUPS)
        : groups(0, begin) + "::" + groups(begin + longest, GROUPS);
  }

  /** Returns how many groups are 0 from one on. */
  private int zeros(int from) {
    int end = from;
    while (end < GROUPS && group(end) == 0) {
      end++;
    }
    return end - from;
  }

  private String groups(int begin, int end) {
    StringBuilder text = new StringBuilder();
    for (int i = begin; i < end; i++) {
      text.append(i == begin ? "" : ":").append(Integer.toHexString(group(i)));
    }
    return text.toString();
  }

  private int group(int index) {
    return Short.toUnsignedInt(bytes.getShort(index * Short.BYTES));
  }
}
