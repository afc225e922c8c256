/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VisibleTextTest {
  /** Every character there is: what stays neither commands a terminal nor turns or ends a line. */
  @Test
  void nothingInvisibleStays() {
    Pattern harmful = Pattern.compile("\\R|[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]");
    Pattern escape = Pattern.compile("[\\\\](x..|u....|U........|[tnr])");
    assertThat(IntStream.rangeClosed(0, Character.MAX_CODE_POINT))
        .filteredOn(
            character -> {
              String text = Character.toString(character);
              String shown = VisibleText.value(text);
              return shown.equals(text)
                  ? harmful.matcher(shown).find()
                  : !escape.matcher(shown).matches();
            })
        .isEmpty();
  }

  @Test
  void ordinaryTextIsNotChanged() {
    for (String text :
        new String[] {"", "p:c:f(char *s):char*:s#\\n \"x\"", "é ß 中 😀", "می‌خواهم", "\\x1b"}) {
      assertThat(VisibleText.value(text)).isEqualTo(text);
      assertThat(VisibleText.message(text)).isEqualTo(text);
      assertThat(VisibleText.line("\t\t" + text)).isEqualTo("\t\t" + text);
    }
  }

  @Test
  void onlyTabsOfOursAreTabs() {
    assertThat(VisibleText.line("\ta\tb")).isEqualTo("\ta\\tb");
    assertThat(VisibleText.value("\ta")).isEqualTo("\\ta");
  }
}
