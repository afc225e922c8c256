/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.NoTypes;
import io.jargdist.facts.ResourceLines;
import io.jargdist.facts.TypeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our tables of constants and structs agree with this machine's C compiler. */
class HeaderFactsTest {
  private static final TypeSource NO_KERNEL =
      new LayeredTypes(new NoTypes(), new LibcTypes(Architecture.current()), new NoTypes(), true);

  @TempDir private Path folder;

  @Test
  void constantsHaveTheCompilersValuesAndTypes() throws Exception {
    Constants constants = new Constants(NO_KERNEL, Architecture.current());
    List<String> wrong = new ArrayList<>();
    List<String> headers = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String line : ResourceLines.beside(Constants.class, "constants.txt")) {
      if (!line.startsWith(" ")) {
        compare(headers, names, constants, wrong);
        headers = List.of(line);
        names = new ArrayList<>();
      } else {
        names.add(line.strip().split(" ")[0]);
      }
    }
    compare(headers, names, constants, wrong);
    assertThat(wrong).isEmpty();
    assertThat(constants.names()).hasSizeGreaterThan(1300);
  }

  /**
   * sys/epoll.h has an enumeration with one enumerator that does not fit into an int. From gcc 13
   * on, all its enumerators have the same type (C23, 6.7.3.3). Up to gcc 12, those that fit are
   * ints, as in our table.
   */
  private static boolean isUnsignedEnumerator(String name, String ours, String printed) {
    return name.startsWith("EPOLL") && ours.replace(" 4", " -4").equals(printed);
  }

  private void compare(
      List<String> headers, List<String> names, Constants constants, List<String> wrong)
      throws IOException, InterruptedException {
    if (names.isEmpty()) {
      return;
    }
    StringBuilder program = new StringBuilder();
    for (String name : names) {
      program.append(
          "printf(\"%lld %d\\n\", (long long)("
              + name
              + "), "
              + "(int)sizeof("
              + name
              + ") * ((__typeof__("
              + name
              + "))-1 < 0 ? 1 : -1));\n");
    }
    List<String> printed = run(headers, program.toString());
    for (int i = 0; i < names.size(); i++) {
      Constants.Constant constant = requireNonNull(constants.find(names.get(i)));
      int size = constant.type().size() * (constant.type().signed() ? 1 : -1);
      String ours = constant.value() + " " + size;
      if (!ours.equals(printed.get(i))
          && !isUnsignedEnumerator(names.get(i), ours, printed.get(i))) {
        wrong.add(names.get(i) + ": ours " + ours + ", the compiler's " + printed.get(i));
      }
    }
  }

  @Test
  void structsHaveTheCompilersLayout() throws Exception {
    LibcTypes types = new LibcTypes(Architecture.current());
    List<String> expected = new ArrayList<>();
    StringBuilder program = new StringBuilder();
    for (String name : types.names()) {
      CType.Struct struct = (CType.Struct) requireNonNull(types.named(name));
      program.append("printf(\"%d\\n\", (int)sizeof(" + name + "));\n");
      expected.add(Integer.toString(struct.size()));
      for (String member : types.memberNames(struct)) {
        String place = "((" + name + " *)0)->" + member;
        program.append(
            "printf(\"%d %d\\n\", (int)__builtin_offsetof("
                + name
                + ", "
                + member
                + "), (int)sizeof("
                + place
                + "));\n");
        TypeSource.Member known = requireNonNull(types.member(struct, member));
        expected.add(known.offset() + " " + known.type().size());
      }
    }
    List<String> headers =
        List.of(
            "time.h",
            "sys/time.h",
            "sys/uio.h",
            "poll.h",
            "sys/epoll.h",
            "netinet/in.h",
            "sys/socket.h",
            "sys/un.h",
            "sys/stat.h",
            "fcntl.h",
            "sys/resource.h",
            "signal.h",
            "dirent.h",
            "netdb.h",
            "sys/utsname.h");
    assertThat(run(headers, program.toString())).isEqualTo(expected);
    assertThat(types.names()).hasSizeGreaterThan(25);
  }

  private List<String> run(List<String> headers, String body)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder("#define _GNU_SOURCE\n#include <stdio.h>\n");
    headers.forEach(header -> text.append("#include <" + header + ">\n"));
    text.append("int main(void) {\n").append(body).append("}\n");
    Path source = Files.writeString(folder.resolve("facts.c"), text);
    Path program = folder.resolve("facts");
    Process compiler =
        new ProcessBuilder("gcc", "-w", "-o", program.toString(), source.toString())
            .redirectErrorStream(true)
            .start();
    String complaints =
        new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compiler.waitFor()).as(complaints).isZero();
    Process process = new ProcessBuilder(program.toString()).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }
}
