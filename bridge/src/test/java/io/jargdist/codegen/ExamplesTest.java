/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.jargdist.ctext.PlanOptions;
import io.jargdist.ctext.ProgramText;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.PidNumbers;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSources;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The C text of every specifier that the parser's tests accept, argdist's documented examples among
 * them, or what is said about those that do not fit their probe. {@code -Dgoldens=rewrite} writes
 * the files anew and fails.
 *
 * <p>What all texts begin with is in {@code prologue.c} and left out, and what several have in
 * common is in {@code common.c}: in {@code planned.txt} the first line of such a part and an
 * ellipsis stand for it.
 */
class ExamplesTest {
  private static final Path RESOURCES = Path.of("src/test/resources/io/jargdist");
  private static final Path ACCEPTED = RESOURCES.resolve("specifier/accepted.txt");
  private static final Path COMMON = RESOURCES.resolve("codegen/common.c");
  private static final Path PROLOGUE = RESOURCES.resolve("codegen/prologue.c");
  private static final Path PLANNED = RESOURCES.resolve("codegen/planned.txt");
  private static final Path REFUSED = RESOURCES.resolve("codegen/refused.txt");

  private static final PlanOptions OPTIONS =
      new PlanOptions(
          80, 10240, 81920, 10240, Log2Buckets.DEFAULT, null, false, 4, PidNumbers.INITIAL, false);

  /** A specifier between backticks that is whole. */
  private static final Pattern EXAMPLE = Pattern.compile("`([prtu]:[^`]*\\)(?::[^`]*)?)`");

  /** A part is common if so many texts have it. */
  private static final int COMMON_FROM = 4;

  private final ExampleMachine machine = new ExampleMachine();
  private final TypeSources sources = new TypeSources(machine, new ExampleJvm());

  /** Some write numbers with digits of their own, and one has another capital letter for i. */
  @ParameterizedTest
  @ValueSource(strings = {"en-US", "ar-EG", "fa-IR", "bn-BD", "mr-IN", "ne-NP", "my-MM", "tr-TR"})
  void everyAcceptedSpecifierIsTheTextOnFileInEveryLocale(String locale) throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(locale));
    try {
      everyAcceptedSpecifierIsTheTextOnFile();
    } finally {
      Locale.setDefault(before);
    }
  }

  private void everyAcceptedSpecifierIsTheTextOnFile() throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String line : specifiers(ACCEPTED)) {
      texts.put(line, planned(line));
    }
    ProgramText prologue = new ProgramText(OPTIONS, Form.HISTOGRAM, Architecture.X86_64);
    prologue.prologue();
    texts.replaceAll(
        (line, text) -> {
          boolean planned = text.startsWith(prologue.toString());
          assertThat(planned).as(line).isEqualTo(text.contains("\n// "));
          return planned ? text.substring(prologue.toString().length()) : text;
        });
    List<String> common = common(texts.values());
    StringBuilder planned = new StringBuilder();
    texts.forEach(
        (line, text) ->
            planned
                .append(line)
                .append("\n")
                .append(
                    parts(text)
                        .map(part -> common.contains(part) ? firstLine(part) + " ..." : part)
                        .collect(Collectors.joining("\n"))
                        .indent(2))
                .append("\n"));
    compare(
        Map.of(
            PROLOGUE,
            prologue.toString(),
            COMMON,
            String.join("\n\n", common) + "\n",
            PLANNED,
            planned.toString()));
  }

  /** A thread that comes in between an addition that is not atomic would lose what it counts. */
  @Test
  void whatThreadsHaveInCommonIsAddedToAtomically() throws IOException {
    for (String line : specifiers(ACCEPTED)) {
      assertThat(planned(line))
          .as(line)
          .doesNotContainPattern("->(hits|counted|lost|slots|sum)\\b[^,;]*(=|[+][+])");
    }
  }

  @Test
  void whatDoesNotFitItsProbeIsRefusedInTheWordsOnFile() throws IOException {
    StringBuilder actual = new StringBuilder();
    Files.readAllLines(REFUSED).stream()
        .filter(line -> line.startsWith("#"))
        .forEach(line -> actual.append(line).append("\n"));
    for (String line : specifiers(REFUSED)) {
      String refusal = planned(line);
      actual.append("\n").append(line).append("\n");
      actual.append(refusal.contains("\n// ") ? "  ACCEPTED\n" : refusal.indent(2));
    }
    compare(Map.of(REFUSED, actual.toString()));
  }

  @Test
  void theExamplesOfTheReferenceArePlanned() throws IOException {
    String reference = Files.readString(Path.of("../docs/specifier-language.md"));
    int examples = 0;
    String words = reference.substring(0, reference.indexOf("\n## Options"));
    for (Matcher example = EXAMPLE.matcher(words); example.find(); examples++) {
      String line = "-C " + example.group(1);
      assertThat(planned(line)).as(line).contains("\n// ");
    }
    assertThat(examples).isGreaterThan(10);
  }

  /** The C text and where its programs go, or the reason why there is none. */
  private String planned(String line) {
    Form form = Form.of(line.substring(0, 2));
    try {
      Specifier specifier = SpecifierParser.parse(line.substring(3), form);
      ProbePlan plan =
          Planner.plan(specifier, resolved(specifier), OPTIONS, sources, Architecture.X86_64);
      String places =
          plan.programs().stream()
              .flatMap(
                  program ->
                      program.attachPoints().stream()
                          .map(point -> "// " + program.name() + ": " + point.display()))
              .collect(Collectors.joining("\n"));
      String numbers = plan.numbers().isEmpty() ? "" : "// numbers: " + plan.numbers() + "\n";
      return plan.text() + "// " + plan.label() + "\n" + numbers + places;
    } catch (SpecifierException e) {
      return Objects.requireNonNull(e.getMessage());
    }
  }

  @Test
  void specifiersThatDifferInNumbersHaveTheSameText() throws Exception {
    ProbePlan one = plan("p:c:write(int fd, char *b):int:fd/1000:fd>3 && STRCMP(\"one\", b)");
    ProbePlan other = plan("p:c:write(int fd, char *b):int:fd/7:fd>65536 && STRCMP(\"two\", b)");
    assertThat(other.text()).isEqualTo(one.text());
    long text = 'o' | 'n' << 8 | 'e' << 16;
    assertThat(one.numbers()).containsExactlyInAnyOrder(1000L, 3L, text);
    assertThat(one.filledText()).contains("1000LL", text + "LL").doesNotContain("0x6a6172670");
  }

  @Test
  void sizesOfTablesAndTheNumberOfProcessorsAreNotInTheText() throws Exception {
    PlanOptions other =
        new PlanOptions(
            OPTIONS.stringSize(),
            7,
            8,
            9,
            OPTIONS.buckets(),
            OPTIONS.thread(),
            OPTIONS.systemWide(),
            512,
            OPTIONS.numbers(),
            OPTIONS.ownThreads());
    for (Form form : Form.values()) {
      String text = "r:c:read(int fd):u64:$latency";
      ProbePlan larger = plan(text, form, other);
      assertThat(larger.text()).isEqualTo(plan(text, form, OPTIONS).text());
      assertThat(larger.sizes().of("ledger", 1)).isEqualTo(1024);
      assertThat(larger.sizes().of("histogram", 1)).isEqualTo(1024);
      assertThat(larger.sizes().of("counts", 1)).isEqualTo(7);
      assertThat(larger.sizes().of("sums", 1)).isEqualTo(7);
      assertThat(larger.sizes().of("slots", 1)).isEqualTo(8);
      assertThat(larger.sizes().of("total", 1)).isEqualTo(1024);
      assertThat(larger.sizes().of("calls", 1)).isEqualTo(9);
      assertThat(larger.sizes().of("no_calls", 1)).isEqualTo(1);
    }
  }

  private ProbePlan plan(String text) throws SpecifierException {
    return plan(text, Form.HISTOGRAM, OPTIONS);
  }

  private ProbePlan plan(String text, Form form, PlanOptions options) throws SpecifierException {
    Specifier specifier = SpecifierParser.parse(text, form);
    return Planner.plan(specifier, resolved(specifier), options, sources, Architecture.X86_64);
  }

  private List<ResolvedProbe> resolved(Specifier specifier) {
    return specifier.events().stream().map(event -> machine.resolve(event.point())).toList();
  }

  private static List<String> specifiers(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.startsWith("-")).distinct().toList();
    }
  }

  private static List<String> common(Iterable<String> texts) {
    Map<String, Integer> uses = new LinkedHashMap<>();
    for (String text : texts) {
      parts(text).distinct().forEach(part -> uses.merge(part, 1, Integer::sum));
    }
    Map<String, String> common = new LinkedHashMap<>();
    uses.forEach(
        (part, times) -> {
          if (times >= COMMON_FROM && part.lines().count() > 2) {
            common.putIfAbsent(firstLine(part), part);
          }
        });
    return List.copyOf(common.values());
  }

  private static Stream<String> parts(String text) {
    return Stream.of(text.split("\n\n"));
  }

  private static String firstLine(String part) {
    return part.lines().findFirst().orElseThrow();
  }

  private static void compare(Map<Path, String> files) throws IOException {
    for (Map.Entry<Path, String> file : files.entrySet()) {
      if ("rewrite".equals(System.getProperty("goldens"))) {
        Files.writeString(file.getKey(), file.getValue());
      } else {
        assertThat(file.getValue())
            .as(file.getKey().toString())
            .isEqualTo(Files.readString(file.getKey()));
      }
    }
    if ("rewrite".equals(System.getProperty("goldens"))) {
      fail(files.keySet() + " are written anew");
    }
  }
}
