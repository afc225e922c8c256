/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.HotSpotProbes;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rows of hotspot-probes.txt are true of the libjvm of the JDK that runs the tests. */
class HotSpotProbesTest {
  private static final Set<String> PROVIDERS = Set.of("hotspot", "hotspot_jni", "hs_private");

  /** JDK 24 has brought them. */
  private static final Set<String> NEW =
      Set.of(
          "hotspot_jni:GetStringUTFLengthAsLong__entry",
          "hotspot_jni:GetStringUTFLengthAsLong__return");

  private static List<UsdtNotes.Note> notes() throws Exception {
    TargetProcess self = TargetProcess.of(ProcessHandle.current().pid());
    try (TargetLibraries libraries = new TargetLibraries(self)) {
      for (MappedFile file : self.files()) {
        if (file.name().equals("libjvm.so")) {
          return UsdtNotes.read(libraries.open(file)).stream()
              .filter(note -> PROVIDERS.contains(note.provider()))
              .toList();
        }
      }
    }
    throw new AssertionError("this JVM has no libjvm.so");
  }

  private static List<UsdtOperand> operands(UsdtNotes.Note note) {
    return UsdtOperandParser.parse(note.arguments(), Architecture.current());
  }

  @Test
  void eachProbeOfLibjvmHasARowWithANameForEachOperand() throws Exception {
    Set<String> left = new HashSet<>(HotSpotProbes.probes());
    for (UsdtNotes.Note note : notes()) {
      String probe = note.provider() + ":" + note.probe();
      int count = operands(note).size();
      assertThat(HotSpotProbes.probes()).contains(probe);
      assertThat(HotSpotProbes.arguments(note.provider(), note.probe(), count))
          .as(probe)
          .hasSize(count);
      assertThat(HotSpotProbes.arguments(note.provider(), note.probe(), count + 1)).isEmpty();
      left.remove(probe);
    }
    assertThat(left).isEqualTo(Runtime.version().feature() < 24 ? NEW : Set.of());
  }

  /** A pointer is as wide as one, a bool is no wider than an int, and a length follows its text. */
  @Test
  void theTypesOfTheRowsFitTheOperands() throws Exception {
    for (UsdtNotes.Note note : notes()) {
      List<UsdtOperand> operands = operands(note);
      List<HotSpotProbes.Argument> names =
          HotSpotProbes.arguments(note.provider(), note.probe(), operands.size());
      for (int i = 0; i < names.size(); i++) {
        HotSpotProbes.Argument argument = names.get(i);
        int size = operands.get(i).type().size();
        String what = note.probe() + " " + argument.name();
        assertThat(argument.type() instanceof CType.Pointer ? size == 8 : size > 0)
            .as(what)
            .isTrue();
        assertThat(argument.type() != CType.BOOL || size <= 4).as(what).isTrue();
        if (argument.isText() && note.provider().equals("hotspot")) {
          assertThat(names.get(i + 1).name()).as(what).isEqualTo(argument.name() + "_length");
          assertThat(operands.get(i + 1).type().size()).as(what).isIn(4, 8);
        }
      }
    }
  }

  /** No name is hidden by a word of the language, and none hides another one. */
  @Test
  void eachNameIsParsedAsAName() throws Exception {
    for (UsdtNotes.Note note : notes()) {
      List<String> seen = new ArrayList<>();
      for (HotSpotProbes.Argument argument :
          HotSpotProbes.arguments(note.provider(), note.probe(), operands(note).size())) {
        String text = "u:jvm:" + note.probe() + "():u64:" + argument.name();
        Expression value = SpecifierParser.parse(text, Form.FREQUENCY).values().get(0).expression();
        assertThat(value).as(text).isInstanceOf(Expression.Name.class);
        assertThat(argument.name()).matches("[a-z][A-Za-z0-9_]*").doesNotMatch("arg[0-9]+");
        assertThat(seen).doesNotContain(argument.name());
        seen.add(argument.name());
      }
    }
  }

  @Test
  void theNamesInHotSpotsOwnProbesAreExplained() throws Exception {
    String page = Files.readString(Path.of("../docs/hotspot-probes.md"));
    for (UsdtNotes.Note note : notes()) {
      if (note.provider().equals("hotspot")) {
        HotSpotProbes.arguments("hotspot", note.probe(), operands(note).size()).stream()
            .map(HotSpotProbes.Argument::name)
            .filter(name -> !name.endsWith("_length"))
            .forEach(name -> assertThat(page).as(note.probe()).contains("`" + name + "`"));
      }
    }
  }
}
