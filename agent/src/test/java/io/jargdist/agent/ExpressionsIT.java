/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions have the values that C gives them, in the kernel. Everywhere n is 4099. */
class ExpressionsIT {
  private static final long SEED = Long.getLong("fuzz.seed", 4711);
  private static final int RANDOM_PROBES = 6;

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
        // The placeholder of the process's number, written and calculated.
        "u64 | 0x6a61726770696421 | 7665533829354447905",
        "u64 | 0x6a61726770696420+1 | 7665533829354447905",
        "int | sizeof(int)+sizeof(char*)+sizeof(struct list_head) | 28",
        "int | 2+3*4-1<<1 | 26",
        "int | (2+3)*4 | 20",
        "int | fd>2 | 1",
        "int | b[0] | 0",
        "int | *(int*)b+1 | 1",
        "int | ((struct list_head *)b)->next==0 | 1",
        "int | BPF_MAP_TYPE_HASH | 1",
        "int | O_CREAT|O_EXCL | 192",
        "u32 | EPOLLET | 2147483648",
        "int | AT_FDCWD | -100",
        "int | INT_MIN/-1 | -2147483648",
        "long | LONG_MIN/-1 | -9223372036854775808",
        "long | LONG_MIN%-1 | 0",
        "int | INT_MIN%-1 | 0",
        "int | INT_MAX+1<0 | 1",
        "int | -INT_MIN | -2147483648",
        "int | (int)n<<(n-4098)+32 | 8198",
        "int | (int)n>>-1 | 0",
        "u64 | n<<-63 | 8198",
        "int | (bool)n | 1",
        "int | (bool)(n&256)+(bool)n | 1",
        "bool | n&0x1000 | 1",
        "bool | n&0x100 | 0",
        "int | (char)200 | -56",
        "int | '\\0'==b[0] | 1",
        "int | *(bool*)b | 0",
        "long | (b+8)-b | 8",
        "long | ((long*)b+3)-(long*)b | 3",
        "long | (long*)(b+32)-2==(long*)b+2 | 1",
        "int | 3+(int*)b==(int*)(b+12) | 1",
        "int | (n?b:0)[5] | 0",
        "int | sizeof(struct stat)+sizeof(struct msghdr)+sizeof(jlong) | 208",
        "long | ((struct timespec *)b)->tv_nsec | 0",
        "int | ((struct sockaddr_in *)b)->sin_port | 0",
        "int | STREQ(\"\\x41\",((struct sockaddr_un *)b)->sun_path) | 0",
        "int | STRCMP(\"x\",b) | 0",
        "int | STREQ(\"caller-0\",$COMM) | 1",
        "int | STRCMP(\"caller-\",$COMM) | 1",
        "int | STREQ(\"caller-\",$COMM) | 0",
        "char* | $COMM | b'caller-0'",
        "int | STRSTR(\"ller\",$COMM) | 1",
        "int | STRSTR(\"caller-0\",$COMM)+STRENDS(\"caller-0\",$COMM) | 2",
        "int | STRSTR(\"caller-00\",$COMM)+STRENDS(\"caller-\",$COMM) | 0",
        "int | STRENDS(\"-0\",$COMM) | 1",
        "int | STRSTR(\"x\",b)+STRENDS(\"x\",b) | 0",
        "int | $CPU<1024 | 1",
        "u16 | ntohs(n) | 784",
        "u32 | ntohl(n) | 51380224",
        "int | ntohs(-1) | 65535",
        "u64 | ntohs(n+0x10000) | 784",
        "u64 | ntohl((u64)n<<32|1) | 16777216",
        "int | -ntohs(1) | -256",
        "int | ntohl(1)>-1 | 0",
        "int | sizeof(int)*ntohs(ntohs(n)) | 16396",
        "int | ntohl(ntohl(-n))==(u32)-n | 1",
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

  /** Twenty to a probe: attaching is what takes time. */
  @Test
  void randomExpressionsHaveTheValuesThatTheCCompilerGives() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int probe = 0; probe < RANDOM_PROBES; probe++) {
      List<String> expressions = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        expressions.add(random(random, 4));
      }
      String types = String.join(",", Collections.nCopies(expressions.size(), "u64"));
      String specifier =
          "p:c:write(int fd, char *b, size_t n):"
              + types
              + ":"
              + String.join(",", expressions)
              + ":n==4099#random";
      String name = target.add("count", specifier);
      try {
        target.run("write 11 4099");
        String[] top = (String[]) target.attribute(Target.frequency(name), "Top");
        List<String> values = valuesInC(expressions);
        StringJoiner expected = new StringJoiner(", ", "\t11         ", "");
        for (int i = 0; i < expressions.size(); i++) {
          expected.add(expressions.get(i) + " = " + values.get(i));
        }
        assertThat(top[1]).as("seed " + SEED).isEqualTo(expected.toString());
      } finally {
        target.agent("remove", name);
      }
    }
  }

  /** Nothing that C leaves open, other than an overflow. */
  private static String random(SplittableRandom random, int depth) {
    List<String> leaves =
        List.of(
            "n",
            "(int)n",
            "-(int)n",
            "(u8)n",
            "(s8)(n+200)",
            "(s16)(n*9)",
            "(u32)n",
            "(bool)n",
            "0",
            "1",
            "7",
            "255",
            "0x7fffffff",
            "0x80000000",
            "2147483648",
            "1u",
            "5L",
            "~0UL");
    List<String> types = List.of("s8", "u8", "s16", "u16", "int", "unsigned", "s64", "u64", "bool");
    if (depth == 0 || random.nextInt(6) == 0) {
      return leaves.get(random.nextInt(leaves.size()));
    }
    String a = "(" + random(random, depth - 1) + ")";
    String b = "(" + random(random, depth - 1) + ")";
    List<String> operators =
        List.of("+", "-", "*", "<", "<=", ">", ">=", "==", "!=", "&", "^", "|", "&&", "||");
    return switch (random.nextInt(8)) {
      case 0 -> List.of("!", "~", "-", "+").get(random.nextInt(4)) + a;
      case 1 -> "(" + types.get(random.nextInt(types.size())) + ")" + a;
      case 2 -> a + List.of("<<", ">>").get(random.nextInt(2)) + "(" + b + "&15)";
      case 3 ->
          a
              + List.of("/", "%").get(random.nextInt(2))
              + List.of("7", "-3", "1000u", "3L", "-5L").get(random.nextInt(5));
      case 4 -> a + "?" + b + ":(" + random(random, depth - 1) + ")";
      default -> a + operators.get(random.nextInt(operators.size())) + b;
    };
  }

  private static List<String> valuesInC(List<String> expressions) throws Exception {
    StringBuilder text =
        new StringBuilder(
            """
            #include <stdbool.h>
            #include <stdint.h>
            #include <stdio.h>
            typedef int8_t s8; typedef int16_t s16; typedef int64_t s64;
            typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;
            int main(void) {
              volatile unsigned long four = 4099;
              unsigned long n = four;
            """);
    expressions.forEach(
        e -> text.append("printf(\"%llu\\n\", (unsigned long long)(" + e + "));\n"));
    text.append("}\n");
    Path folder = Files.createTempDirectory("expressions");
    Path source = Files.writeString(folder.resolve("values.c"), text);
    Path program = folder.resolve("values");
    assertThat(
            Command.run(
                    List.of("gcc", "-w", "-fwrapv", "-o", program.toString(), source.toString()))
                .exit())
        .isZero();
    List<String> values = Command.run(List.of(program.toString())).out().lines().toList();
    Files.delete(source);
    Files.delete(program);
    Files.delete(folder);
    return values;
  }

  /** HotSpot passes the length of a name instead of a NUL. */
  @ParameterizedTest
  @ValueSource(ints = {4, 63, 64, 65, 127, 128, 129})
  void textsAreFoundInNamesWithoutNul(int length) throws Exception {
    String name =
        target.add(
            "count",
            "u:jvm:thread__start():u64,int,int:arg2,STRSTR(\"-ab\",arg1),STRENDS(\"-ab\",arg1):"
                + "STRCMP(\"-\",arg1)#names");
    try {
      String start = "-".repeat(length - 2);
      target.run("thread 3 " + start + "ab");
      target.run("thread 5 " + start + "abc");
      target.run("thread 7 " + start + "bb");
      String event = "arg2 = %d, STRSTR(\"-ab\",arg1) = %d, STRENDS(\"-ab\",arg1) = %d";
      assertThat((String[]) target.attribute(Target.frequency(name), "Top"))
          .satisfiesExactly(
              header -> {},
              row -> assertThat(row).endsWith(String.format(Locale.ROOT, event, length, 1, 1)),
              row -> assertThat(row).endsWith(String.format(Locale.ROOT, event, length + 1, 1, 0)),
              row -> assertThat(row).endsWith(String.format(Locale.ROOT, event, length, 0, 0)));
    } finally {
      target.agent("remove", name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      value = {
        // The register holds what libc put there: 0xffffff9c, or all 64 bits of -100 (Debian 13).
        "raw_syscalls:sys_enter | args->args[0]>>32 | (char *)args->args[1] | 0|4294967295",
        // The system call takes an int.
        "syscalls:sys_enter_openat | args->dfd==AT_FDCWD | args->filename | 1",
        "syscalls:sys_enter_openat | args->dfd<0 | args->filename | 1",
      })
  void argumentsOfSystemCallsAreReadAsTheKernelReadsThem(
      String event, String value, String path, String shown) throws Exception {
    String name =
        target.add(
            "count",
            String.format(
                Locale.ROOT,
                "t:%s():s64:%s:STREQ(\"/proc/self/exe\",%s)#value",
                event,
                value,
                path));
    try {
      target.run("open 53 /proc/self/exe");
      String[] top = (String[]) target.attribute(Target.frequency(name), "Top");
      assertThat(top).hasSize(2);
      assertThat(top[1])
          .startsWith("\t53 ")
          .containsPattern(Pattern.quote(value + " = ") + "(" + shown + ")$");
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
        "u64 | sizeof(struct nothing) | unknown type \"struct nothing\"",
        "nothing | n | unknown type",
        "struct list_head | n | cannot be collected as a whole struct list_head",
        "u64 | NO_SUCH_CONSTANT | neither a known parameter nor a known constant",
        "u64 | $COMM | $COMM is text",
        "int | STREQ(\"sixteen letters!\",$COMM) | at most 15 bytes",
        "int | STRSTR(\"sixteen letters!\",$COMM) | at most 15 bytes",
        "int | ntohs(b) | this is a pointer, and not a number",
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
