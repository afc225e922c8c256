/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expressions have the values that C gives them, in the kernel. Everywhere n is 4099. */
class ExpressionsIT {
  private static Target target;

  @BeforeAll
  static void start() throws IOException {
    target = Target.withAgent(Jdks.own(), "").awaitAgent();
  }

  @AfterAll
  static void stop() throws IOException {
    target.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      value = {
        "u64 | n | 4099",
        "u64 | n/7 | 585",
        "int | (int)n/-7 | -585",
        "int | -(int)n/7 | -585",
        "int | (int)n%-7 | 4",
        "int | -(int)n%7 | -4",
        "long | -(long)n*3/4%1000 | -74",
        "u64 | n/(n-n) | 0",
        "u64 | n%(n-n) | 0",
        "u64 | n>>3 | 512",
        "int | -(int)n>>3 | -513",
        "u64 | n<<2 | 16396",
        "u64 | n&0xff | 3",
        "u64 | n|8 | 4107",
        "u64 | n^1 | 4098",
        "int | ~(int)n | -4100",
        "int | !n | 0",
        "int | n>4000&&n<5000 | 1",
        "int | n<4000||n>5000 | 0",
        "int | n>4098?11:22 | 11",
        "int | n<4098?11:n>4098?33:22 | 33",
        "int | (u8)n | 3",
        "int | (s8)(n+200) | -53",
        "u8 | n | 3",
        "u8 | -1 | 255",
        "s8 | 255 | -1",
        "u64 | -1 | 18446744073709551615",
        "u32 | -1 | 4294967295",
        "int | -1>n | 1",
        "int | -1>(int)n | 0",
        "int | (int)n-5000>0u | 1",
        "int | n==0x1003 | 1",
        "int | n==010003 | 1",
        "int | n==0b1000000000011 | 1",
        "int | 'A'+'\\n' | 75",
        "u64 | 18446744073709551615u | 18446744073709551615",
        "int | sizeof(int)+sizeof(char*)+sizeof(struct list_head) | 28",
        "int | 2+3*4-1<<1 | 26",
        "int | (2+3)*4 | 20",
        "int | fd>2 | 1",
        "int | b[0] | 0",
        "int | *(int*)b+1 | 1",
        "int | ((struct list_head *)b)->next==0 | 1",
        "int | BPF_MAP_TYPE_HASH | 1",
        "int | STRCMP(\"x\",b) | 0",
        "int | STREQ(\"caller-0\",$COMM) | 1",
        "int | STRCMP(\"caller-\",$COMM) | 1",
        "int | STREQ(\"caller-\",$COMM) | 0",
        "char* | $COMM | b'caller-0'",
      })
  void valueIsTheOneThatCGives(String type, String expression, String expected) throws Exception {
    String specifier =
        "p:c:write(int fd, char *b, size_t n):"
            + type.strip()
            + ":"
            + expression.strip()
            + ":n==4099#value";
    String name = target.add("count", specifier);
    ObjectName bean = Target.frequency(name);
    try {
      target.run("write 11 4099");
      String[] top = (String[]) target.attribute(bean, "Top");
      assertThat(top).hasSize(2);
      assertThat(top[1]).isEqualTo("\t11         " + expression.strip() + " = " + expected.strip());
    } finally {
      target.agent("remove", name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      value = {
        "u64 | n/0 | division by zero",
        "u64 | n<<64 | cannot be shifted that far",
        "int | fd<<32 | cannot be shifted that far",
        "char* | n+1 | is not an address that may be read",
        "char* | (char*)(n*2) | a pointer cannot be made from a computed number",
        "u64 | *(u64*)4099 | a pointer cannot be made from a computed number",
        "u64 | *fd | this is a number, not a pointer",
        "u64 | *(void*)b | it is not known what this void * points to",
        "u64 | b->x | has no members",
        "u64 | ((struct list_head*)b)->nxt | has no member \"nxt\"",
        "u64 | *(struct list_head*)b | this is a whole struct list_head",
        "u64 | sizeof(struct nothing) | the size of this type is not known",
        "nothing | n | unknown type",
        "struct list_head | n | cannot be collected as a whole struct list_head",
        "u64 | NO_SUCH_CONSTANT | neither in the signature nor a constant",
        "u64 | $COMM | $COMM is text",
        "int | STREQ(\"sixteen letters!\",$COMM) | at most 15 bytes",
      })
  void whatCCannotSayIsRefusedBeforeTheCompilerSeesIt(
      String type, String expression, String reason) {
    String specifier =
        "p:c:write(int fd, char *b, size_t n):" + type.strip() + ":" + expression.strip();
    assertThatThrownBy(() -> target.agent("count", specifier))
        .hasMessageContaining(reason.strip())
        .hasMessageContaining("^");
  }
}
