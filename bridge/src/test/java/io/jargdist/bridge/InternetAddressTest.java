/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternetAddressTest {
  /** The examples of RFC 5952, and what else has a form of its own. */
  @ParameterizedTest
  @CsvSource({
    "2, 5432, 0a000007, 10.0.0.7:5432",
    "2, 0, ff0000fe, 255.0.0.254",
    "10, 443, 20010db8000000000000000000000001, [2001:db8::1]:443",
    "10, 0, 20010db8000000000000000000000001, 2001:db8::1",
    "10, 0, 20010db8000000010001000100010001, 2001:db8:0:1:1:1:1:1",
    "10, 0, 20010db8000000000001000000000001, 2001:db8::1:0:0:1",
    "10, 0, 20010000000000010000000000000001, 2001:0:0:1::1",
    "10, 0, 00000000000000000000000000000000, ::",
    "10, 0, 00000000000000000000000000000001, ::1",
    "10, 0, fe800000000000000000000000000000, fe80::",
    "10, 65535, 00000000000000000000ffff7f000001, 127.0.0.1:65535",
    "10, 80, 000000000000000000000000c0a80001, [::c0a8:1]:80",
    "1, 0, 00000000, unix",
    "0, 0, 00000000, ?",
    "16, 0, 00000000, ?",
  })
  void addressesAreWrittenAsPeopleWriteThem(int family, int port, String bytes, String text) {
    ByteBuffer kept = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    kept.putShort((short) family);
    kept.order(ByteOrder.BIG_ENDIAN).putShort((short) port).put(HexFormat.of().parseHex(bytes));
    assertThat(InternetAddress.of(kept.rewind()).text()).isEqualTo(text);
  }
}
