/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import org.jspecify.annotations.Nullable;

/** The types of C that hold an internet address. */
enum AddressType {
  /** A structure that begins with the family of what follows. */
  SOCKET_ADDRESS,
  /** 4 bytes. */
  VERSION_4,
  /** 16 bytes. */
  VERSION_6;

  /** Returns null if a type is none of them. */
  static @Nullable AddressType of(CType type) {
    return switch (type.describe()) {
      case "struct sockaddr",
          "struct sockaddr_in",
          "struct sockaddr_in6",
          "struct sockaddr_storage",
          "struct __kernel_sockaddr_storage" ->
          SOCKET_ADDRESS;
      case "struct in_addr", "u8[4]" -> VERSION_4;
      case "struct in6_addr", "u8[16]" -> VERSION_6;
      default -> null;
    };
  }
}
