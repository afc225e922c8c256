/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.ctext.OpenFileText;
import io.jargdist.ctext.OpenFileText.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of what a program has kept; {@code ExplainedKeysIT} has those of real files. */
class OpenFileTest {
  private static final int EXT4 = 0xef53;

  private final ByteBuffer kept =
      ByteBuffer.allocate(OpenFileText.size() - Long.BYTES).order(ByteOrder.nativeOrder());

  /** A bar stands for NUL. */
  private OpenFile file(long kind, Place place, boolean deleted, String names) {
    byte[] bytes = names.replace('|', '\0').getBytes(StandardCharsets.ISO_8859_1);
    kept.putInt(32, deleted ? 1 : 0).putLong(64, kind).putLong(72, place.ordinal());
    kept.putLong(80, bytes.length).put(88, bytes);
    return new OpenFile(kept);
  }

  private OpenFile socket(int family, int protocol, int listens, String names) {
    kept.putShort(36, (short) family);
    kept.putShort(56, (short) protocol).putShort(58, (short) listens);
    return file(OpenFileText.SOCKETS, Place.PARTIAL, false, names);
  }

  @ParameterizedTest
  @CsvSource({
    "WHOLE, false, app.log|log|var|, /var/log/app.log",
    "WHOLE, true, app.log|log|var|, /var/log/app.log (deleted)",
    "WHOLE, false, '', /",
    "PARTIAL, false, app.log|log|, .../log/app.log",
    "PARTIAL, false, '', ?",
    "NO_FOLDER, false, [eventpoll]|, eventpoll",
    "NO_FOLDER, false, inotify|, inotify",
    "NO_FOLDER, false, memfd:x|, memfd:x",
    "NO_FOLDER, false, |, ?",
  })
  void namesMakeAPath(Place place, boolean deleted, String names, String text) {
    assertThat(file(EXT4, place, deleted, names).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 6, 0, '', tcp",
    "10, 17, 0, '', udp",
    "10, 6, 8080, '', tcp listening on port 8080",
    "2, 99, 0, '', protocol 99",
    "1, 0, 0, '', unix",
    "1, 0, 0, /run/a.sock|, unix /run/a.sock",
    "1, 0, 0, |bus|1, unix @bus@1",
    "16, 0, 0, '', socket of family 16",
  })
  void socketsAreNamedByWhatIsKnown(
      int family, int protocol, int listens, String names, String text) {
    assertThat(socket(family, protocol, listens, names).text()).isEqualTo(text);
  }
}
