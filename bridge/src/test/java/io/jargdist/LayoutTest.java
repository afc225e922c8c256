/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.jargdist.os.Layout;
import io.jargdist.os.Struct;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares each structure that we know with the header that declares it, as gcc reads it. */
class LayoutTest {
  @TempDir private Path folder;

  @Test
  void everyFieldIsWhereItsHeaderHasIt() throws Exception {
    StringBuilder checks = new StringBuilder("#include <linux/version.h>\n#include <stddef.h>\n");
    Set<String> headers = new TreeSet<>();
    List<Layout.Field> fields = fields();
    for (Layout.Field field : fields) {
      headers.add(field.layout().header());
      checks.append(check(field));
    }
    String includes =
        headers.stream().map(h -> "#include <" + h + ">\n").collect(Collectors.joining());
    assertThat(fields).hasSizeGreaterThan(100);
    compile("#define _GNU_SOURCE\n" + includes + checks);
  }

  /** The headers of Debian 12 are those of Linux 6.1. */
  private static String check(Layout.Field field) {
    String text =
        String.format(
            Locale.ROOT,
            """
            _Static_assert(offsetof(%1$s, %2$s) == %3$d, "%1$s.%2$s begins elsewhere");
            _Static_assert(sizeof(((%1$s *)0)->%2$s) == %4$d, "%1$s.%2$s has another size");
            _Static_assert(sizeof(%1$s) >= %5$d, "%1$s is smaller");
            """,
            field.layout().type(),
            field.name(),
            field.offset(),
            field.size(),
            field.layout().size());
    return field.name().contains("uprobe_multi")
        ? "#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)\n" + text + "#endif\n"
        : text;
  }

  private void compile(String text) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("layouts.c"), text);
    Process gcc =
        new ProcessBuilder("gcc", "-fsyntax-only", file.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(printed).isZero();
  }

  /** All that a header declares. It cannot tell where a bit field begins. */
  private static List<Layout.Field> fields() throws ReflectiveOperationException {
    List<Layout.Field> fields = new ArrayList<>();
    for (JavaField declared :
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist")
                .stream()
                .flatMap(found -> found.getFields().stream())
                .filter(field -> field.getRawType().isEquivalentTo(Layout.Field.class))
                .toList()) {
      Field constant = declared.reflect();
      constant.setAccessible(true);
      Layout.Field field = (Layout.Field) constant.get(null);
      if (field.layout().header().endsWith(".h") && !field.name().contains(":")) {
        fields.add(field);
      }
    }
    return fields;
  }

  @Test
  void aStructureHasItsOwnFieldsOnly() {
    Layout layout = new Layout("struct one", "one.h", 8);
    Layout.Field field = layout.field("first", 0, 4);
    Layout.Field other = new Layout("struct other", "other.h", 8).field("first", 0, 4);
    Struct struct = new Struct(layout).set(field, -1);

    assertThat(struct.get(field)).isEqualTo(0xffffffffL);
    assertThat(struct.getInt(field)).isEqualTo(-1);
    assertThatThrownBy(() -> struct.set(other, 1)).hasMessageContaining("struct one has no");
    assertThatThrownBy(() -> layout.field("last", 5, 4)).hasMessageContaining("ends before last");
  }
}
