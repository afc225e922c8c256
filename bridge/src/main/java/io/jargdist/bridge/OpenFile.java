/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static io.jargdist.facts.AddressFamily.AF_INET;
import static io.jargdist.facts.AddressFamily.AF_INET6;
import static io.jargdist.facts.AddressFamily.AF_UNIX;

import io.jargdist.ctext.OpenFileText;
import io.jargdist.ctext.OpenFileText.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a program has kept of an open file: {@code struct file_name} of the C text. A text has one
 * character (below U+0100) for each byte, as keys have.
 */
final class OpenFile {
  private static final int DELETED = 32;
  private static final int PEER = 36;
  private static final int PROTOCOL = 56;
  private static final int LISTENS = 58;
  private static final int KIND = 64;
  private static final int PLACE = 72;
  private static final int LENGTH = 80;
  private static final int NAMES = 88;

  private final ByteBuffer kept;

  OpenFile(ByteBuffer kept) {
    this.kept = kept;
  }

  /** Returns its path, or what else it is. */
  String text() {
    long kind = kept.getLong(KIND);
    if (kind == OpenFileText.SOCKETS) {
      return socket();
    } else if (kind == OpenFileText.PIPES) {
      return "pipe";
    }
    return switch (Place.values()[(int) kept.getLong(PLACE)]) {
      case WHOLE -> path();
      case PARTIAL -> names().isEmpty() ? KeyReader.UNKNOWN : "..." + path();
      case NO_FOLDER -> withoutFolder();
    };
  }

  /** The kernel copied the file's own name first, then those of its folders. */
  private String path() {
    StringBuilder path = new StringBuilder();
    for (String name : names().split("\0", -1)) {
      if (!name.isEmpty()) {
        path.insert(0, "/" + name);
      }
    }
    String text = path.isEmpty() ? "/" : path.toString();
    return kept.getInt(DELETED) == 0 ? text : text + " (deleted)";
  }

  /** Names such as {@code [eventpoll]}. */
  private String withoutFolder() {
    String name = names().replace("\0", "");
    boolean bracketed = name.startsWith("[") && name.endsWith("]");
    String text = bracketed ? name.substring(1, name.length() - 1) : name;
    return text.isEmpty() ? KeyReader.UNKNOWN : text;
  }

  private String names() {
    byte[] names = new byte[(int) kept.getLong(LENGTH)];
    kept.get(NAMES, names);
    return new String(names, StandardCharsets.ISO_8859_1);
  }

  private String socket() {
    int family = kept.getShort(PEER);
    return switch (family) {
      case AF_UNIX -> unixSocket();
      case AF_INET, AF_INET6 -> internetSocket();
      default -> "socket of family " + family;
    };
  }

  /** An abstract name begins with NUL, and may have others. A path ends there. */
  private String unixSocket() {
    String name = names();
    if (name.isEmpty()) {
      return "unix";
    } else if (name.charAt(0) == 0) {
      return "unix @" + name.substring(1).replace('\0', '@');
    }
    int end = name.indexOf(0);
    return "unix " + (end < 0 ? name : name.substring(0, end));
  }

  private String internetSocket() {
    String protocol = protocol(Short.toUnsignedInt(kept.getShort(PROTOCOL)));
    int port = Short.toUnsignedInt(kept.getShort(LISTENS));
    if (port != 0) {
      return protocol + " listening on port " + port;
    }
    InternetAddress peer = InternetAddress.of(kept.slice(PEER, PROTOCOL - PEER));
    return peer.isAny() ? protocol : protocol + " " + peer.text();
  }

  /** The numbers of include/uapi/linux/in.h. */
  private static String protocol(int number) {
    return switch (number) {
      case 1 -> "icmp";
      case 6 -> "tcp";
      case 17 -> "udp";
      case 58 -> "icmpv6";
      case 132 -> "sctp";
      case 262 -> "mptcp";
      default -> "protocol " + number;
    };
  }
}
