/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.jargdist.os.Terminal;
import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Distribution;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.HistogramSnapshot;
import io.jargdist.snapshot.KeyColumn;
import io.jargdist.snapshot.KeyText;
import io.jargdist.snapshot.Loss;
import io.jargdist.snapshot.Losses;
import io.jargdist.snapshot.Sampling;
import io.jargdist.snapshot.Sum;
import io.jargdist.snapshot.SumSnapshot;
import io.jargdist.wire.LibraryState;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeHealth;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PrintersTest {
  private static final ZonedDateTime NOON = ZonedDateTime.parse("2030-01-02T12:00:00+01:00");
  private static final String ODD = "a\"b\\c\td\u0001é\uD83D\uDE00";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Output out = new Output(bytes, StandardCharsets.UTF_8);

  private static Display display(@Nullable Integer top) {
    return new Display(1, 9, false, top, false, true);
  }

  private String printed() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text;
  }

  private static ShownSnapshot histogram(String scheme, boolean signed, long... values) {
    BucketScheme buckets = BucketScheme.parse(scheme).withSigned(signed);
    long[] counts = new long[buckets.slots()];
    long sum = 0;
    for (long value : values) {
      counts[buckets.slotOf(value)]++;
      sum += value;
    }
    Losses losses = new Losses(Map.of(Loss.TABLE_FULL, 3L, Loss.READ_FAILED, 2L));
    return new ShownSnapshot(
        new Message.Attached(
            1,
            "sizes",
            "sizes of \"x\"",
            false,
            "",
            List.of(),
            buckets,
            List.of(),
            List.of(),
            LibraryState.MAPPED),
        "p:c:f(int n):int:n#sizes of \"x\"",
        new HistogramSnapshot(buckets, counts, sum, losses, Sampling.NONE),
        ProbeHealth.UNKNOWN,
        FrequencySnapshot.EMPTY,
        null);
  }

  private static ShownSnapshot frequency(int keys) {
    Map<List<String>, Long> counts = new java.util.HashMap<>();
    for (int i = 0; i < keys; i++) {
      counts.put(List.of(ODD, Integer.toString(-i)), 100L + i);
    }
    return new ShownSnapshot(
        new Message.Attached(
            2,
            "names",
            "names",
            false,
            "",
            List.of(new KeyColumn("name", true), new KeyColumn("fd", false)),
            null,
            List.of(),
            List.of("It does \"not\" see."),
            LibraryState.MAPPED),
        "p:c:g(char *name, int fd):char*,int:name,fd#names",
        new FrequencySnapshot(counts, Losses.NONE, Sampling.NONE),
        ProbeHealth.UNKNOWN,
        FrequencySnapshot.EMPTY,
        null);
  }

  private static ShownSnapshot sums() {
    return new ShownSnapshot(
        new Message.Attached(
            3,
            "bytes",
            "bytes",
            true,
            "",
            List.of(new KeyColumn("fd", false)),
            null,
            List.of(),
            List.of(),
            LibraryState.MAPPED),
        "p:c:f(int n, int fd):int,int:n,fd#bytes",
        new SumSnapshot(
            Map.of(
                List.of("3"), new Sum(2, -7),
                List.of("4"), new Sum(1, Long.MAX_VALUE),
                List.of("5"), new Sum(9, 12)),
            Losses.NONE,
            Sampling.NONE),
        ProbeHealth.UNKNOWN,
        FrequencySnapshot.EMPTY,
        null);
  }

  private static ShownSnapshot keyed(boolean withEvents) {
    BucketScheme scheme = BucketScheme.parse("linear(0,20,10)");
    Map<List<String>, Distribution> keys =
        withEvents
            ? Map.of(
                List.of("3"),
                Distribution.ofSlot(1, 2).plus(Distribution.ofSum(7)),
                List.of(new KeyText("abc", true).element()),
                Distribution.ofSlot(3, 5).plus(Distribution.ofSum(500)))
            : Map.of();
    return new ShownSnapshot(
        new Message.Attached(
            4,
            "sizes",
            "sizes",
            true,
            "",
            List.of(new KeyColumn("path", true)),
            scheme,
            List.of(),
            List.of(),
            LibraryState.MAPPED),
        "p:c:f(int n, char *path):int,char*:n,path#sizes",
        HistogramSnapshot.ofKeys(scheme, keys, Losses.NONE, Sampling.NONE),
        ProbeHealth.UNKNOWN,
        FrequencySnapshot.EMPTY,
        null);
  }

  @Test
  void sumsAscendAndOnlyTheLargestAreShown() throws Exception {
    new TextPrinter(out, display(null)).print(NOON, List.of(sums()));
    assertThat(printed().lines())
        .containsExactly(
            "[12:00:00]",
            "bytes",
            "\tSUM                  COUNT      EVENT",
            "\t-7                   2          fd = 3",
            "\t12                   9          fd = 5",
            "\t9223372036854775807  1          fd = 4");
    new TextPrinter(out, display(1)).print(NOON, List.of(sums()));
    assertThat(printed()).contains("fd = 4").doesNotContain("fd = 5");
    new JsonPrinter(out, display(2)).print(NOON, List.of(sums()));
    // What all add up to goes past 64 bits.
    assertThat(printed())
        .contains(
            "\"type\":\"sum\",\"count\":12,\"sum\":-9223372036854775804,\"columns\":[\"fd\"],"
                + "\"rows\":[{\"key\":[4],\"count\":1,\"sum\":9223372036854775807},"
                + "{\"key\":[5],\"count\":9,\"sum\":12}],\"lost\":0");
  }

  @Test
  void eachKeyHasItsHistogramAndTheBusiestComesLast() throws Exception {
    new TextPrinter(out, display(null).withStats()).print(NOON, List.of(keyed(true)));
    assertThat(printed().lines())
        .containsExactly(
            "[12:00:00]",
            "path = b'3'",
            "     sizes               : count     distribution",
            "         0 -> 9          : 2        |****************************************|",
            "     count 2, mean 3.5, p50 0 to 9, p95 0 to 9, p99 0 to 9, max 0 to 9",
            "path = b'abc'...",
            "     sizes               : count     distribution",
            "        20 -> +inf       : 5        |****************************************|",
            "     count 5, mean 100, p50 20 or more, p95 20 or more, p99 20 or more, max 20 or more");
    new TextPrinter(out, display(1)).print(NOON, List.of(keyed(true)));
    assertThat(printed()).contains("path = b'abc'...").doesNotContain("b'3'");
    new TextPrinter(out, display(null)).print(NOON, List.of(keyed(false)));
    assertThat(printed()).contains("sizes               : no events");
    new JsonPrinter(out, display(null)).print(NOON, List.of(keyed(true)));
    assertThat(printed())
        .contains(
            "\"type\":\"histogram\",\"count\":7,\"sum\":507,\"scheme\":\"linear(0,20,10)\","
                + "\"buckets\":[{\"low\":0,\"high\":9,\"count\":2},"
                + "{\"low\":20,\"high\":null,\"count\":5}],\"columns\":[\"path\"],"
                + "\"keys\":[{\"key\":[\"abc\"],\"count\":5,\"sum\":500,"
                + "\"buckets\":[{\"low\":20,\"high\":null,\"count\":5}],\"cut\":[\"path\"]},"
                + "{\"key\":[\"3\"],\"count\":2,\"sum\":7,"
                + "\"buckets\":[{\"low\":0,\"high\":9,\"count\":2}]}],\"lost\":0");
    new JsonPrinter(out, display(null)).print(NOON, List.of(keyed(false)));
    assertThat(printed()).contains("\"buckets\":[],\"columns\":[\"path\"],\"keys\":[],");
  }

  @Test
  void jsonIsOneObjectALine() throws Exception {
    JsonPrinter printer = new JsonPrinter(out, display(null));
    printer.print(NOON, List.of(histogram("log2", true, -5, 0, 1, 7), frequency(2)));
    printer.print(NOON, List.of(histogram("linear(0,10,5)", false, 3, 700)));
    List<String> lines = printed().lines().toList();
    assertThat(lines).hasSize(2);

    JsonObject first = JsonParser.parseString(lines.get(0)).getAsJsonObject();
    assertThat(first.get("time").getAsString()).isEqualTo("2030-01-02T12:00:00+01:00");
    JsonObject sizes = first.getAsJsonArray("probes").get(0).getAsJsonObject();
    assertThat(sizes.get("name").getAsString()).isEqualTo("sizes");
    assertThat(sizes.get("label").getAsString()).isEqualTo("sizes of \"x\"");
    assertThat(sizes.get("specifier").getAsString()).endsWith("sizes of \"x\"");
    assertThat(sizes.get("type").getAsString()).isEqualTo("histogram");
    assertThat(sizes.get("scheme").getAsString()).isEqualTo("log2");
    assertThat(sizes.get("count").getAsLong()).isEqualTo(4);
    assertThat(sizes.get("sum").getAsLong()).isEqualTo(3);
    assertThat(sizes.get("lost").getAsLong()).isEqualTo(5);
    assertThat(sizes.getAsJsonObject("lostDetail").get("table full").getAsLong()).isEqualTo(3);
    assertThat(sizes.getAsJsonArray("warnings")).isEmpty();
    assertThat(buckets(sizes)).containsExactly("-7 -4 1", "0 1 2", "4 7 1");

    JsonObject names = first.getAsJsonArray("probes").get(1).getAsJsonObject();
    assertThat(names.getAsJsonArray("warnings"))
        .containsExactly(new JsonPrimitive("It does \"not\" see."));
    assertThat(names.get("type").getAsString()).isEqualTo("frequency");
    assertThat(names.getAsJsonArray("columns"))
        .extracting(JsonElement::getAsString)
        .containsExactly("name", "fd");
    JsonObject top = names.getAsJsonArray("rows").get(0).getAsJsonObject();
    assertThat(top.getAsJsonArray("key").get(0).getAsString()).isEqualTo(ODD);
    assertThat(top.getAsJsonArray("key").get(1).getAsJsonPrimitive().isNumber()).isTrue();
    assertThat(top.getAsJsonArray("key").get(1).getAsLong()).isEqualTo(-1);
    assertThat(top.get("count").getAsLong()).isEqualTo(101);

    JsonObject linear =
        JsonParser.parseString(lines.get(1))
            .getAsJsonObject()
            .getAsJsonArray("probes")
            .get(0)
            .getAsJsonObject();
    assertThat(buckets(linear)).containsExactly("0 4 1", "10 null 1");
  }

  private static List<String> buckets(JsonObject histogram) {
    List<String> rows = new ArrayList<>();
    JsonArray buckets = histogram.getAsJsonArray("buckets");
    for (JsonElement element : buckets) {
      JsonObject bucket = element.getAsJsonObject();
      rows.add(bucket.get("low") + " " + bucket.get("high") + " " + bucket.get("count"));
    }
    return rows;
  }

  @Test
  void figuresAreThereWhereTheyAreAskedForAndOnTheScreen() throws Exception {
    String line = "     count 4, mean 0.75, p50 0 to 1, p95 4 to 7, p99 4 to 7, max 4 to 7";
    ShownSnapshot sizes = histogram("log2", true, -5, 0, 1, 7);
    new TextPrinter(out, display(null)).print(NOON, List.of(sizes));
    assertThat(printed()).doesNotContain("mean");
    new TextPrinter(out, display(null).withStats()).print(NOON, List.of(sizes));
    assertThat(printed().lines()).contains(line).doesNotContainSubsequence(line, line);
    new ScreenPrinter(out, display(null), () -> null).print(NOON, List.of(sizes));
    assertThat(printed().lines()).contains(line);

    assertThat(stats(sizes).toString())
        .isEqualTo(
            "{\"mean\":0.75,\"p50\":{\"low\":0,\"high\":1},\"p95\":{\"low\":4,\"high\":7},"
                + "\"p99\":{\"low\":4,\"high\":7},\"max\":{\"low\":4,\"high\":7}}");
    JsonObject overflow = stats(histogram("linear(0,10,5)", false, 700));
    assertThat(overflow.get("max").toString()).isEqualTo("{\"low\":10,\"high\":null}");
    assertThat(stats(histogram("log2", true)).toString()).isEqualTo("{\"mean\":null}");
  }

  private JsonObject stats(ShownSnapshot shown) throws Exception {
    new JsonPrinter(out, display(null).withStats()).print(NOON, List.of(shown));
    return JsonParser.parseString(printed())
        .getAsJsonObject()
        .getAsJsonArray("probes")
        .get(0)
        .getAsJsonObject()
        .getAsJsonObject("stats");
  }

  private static ShownSnapshot paced(Sampling sampling) {
    return new ShownSnapshot(
        frequency(0).probe(),
        "p:c:g()",
        new FrequencySnapshot(Map.of(), Losses.NONE, sampling),
        new ProbeHealth(1, 1, "It is paced.", null, null, LibraryState.MAPPED),
        FrequencySnapshot.EMPTY,
        null);
  }

  @Test
  void whatAPacedProbeHasSeenStandsForMore() throws Exception {
    Sampling sampling = new Sampling(5_000_000_000L, 345_000_000L, 1000.4, 2500, 52);
    ShownSnapshot known = paced(sampling);
    String line = "seen 6.9 % of the time; estimate 1000 +- 15 %";
    new TextPrinter(out, display(null)).print(NOON, List.of(known));
    assertThat(printed().lines()).contains(line);
    String json =
        "\"coverage\":0.0690,\"estimate\":{\"count\":1000,\"low\":850,\"high\":1150},"
            + "\"warnings\":[\"It does \\\"not\\\" see.\",\"It is paced.\"]";
    new JsonPrinter(out, display(null)).print(NOON, List.of(known));
    assertThat(printed()).contains(json);

    new TextPrinter(out, display(null)).print(NOON, List.of(paced(Sampling.NONE)));
    assertThat(printed().lines()).contains("paced: no period has ended since the last rows");
    new JsonPrinter(out, display(null)).print(NOON, List.of(paced(Sampling.NONE)));
    assertThat(printed()).contains("\"coverage\":null,\"estimate\":null");

    new TextPrinter(out, display(null)).print(NOON, List.of(paced(Sampling.whole(1, 5))));
    assertThat(printed()).doesNotContain("seen").doesNotContain("period has ended");
  }

  @Test
  void jsonHasOnlyTheTopRows() throws Exception {
    new JsonPrinter(out, display(3)).print(NOON, List.of(frequency(10)));
    JsonObject probe =
        JsonParser.parseString(printed())
            .getAsJsonObject()
            .getAsJsonArray("probes")
            .get(0)
            .getAsJsonObject();
    assertThat(probe.getAsJsonArray("rows")).hasSize(3);
    assertThat(probe.get("count").getAsLong()).isEqualTo(1045);
  }

  @Test
  void jsonNamesTheColumnsWhoseTextIsCut() throws Exception {
    ShownSnapshot shown =
        new ShownSnapshot(
            frequency(0).probe(),
            "",
            new FrequencySnapshot(
                Map.of(
                    List.of(new KeyText("abc", true).element(), "3"), 2L, List.of("abc", "3"), 1L),
                Losses.NONE,
                Sampling.NONE),
            ProbeHealth.UNKNOWN,
            FrequencySnapshot.EMPTY,
            null);
    new JsonPrinter(out, display(null)).print(NOON, List.of(shown));
    assertThat(printed())
        .contains(
            "\"rows\":[{\"key\":[\"abc\",3],\"count\":2,\"cut\":[\"name\"]},"
                + "{\"key\":[\"abc\",3],\"count\":1}]");
  }

  @Test
  void screenShowsWhatFitsAndFollowsItsSize() throws Exception {
    Terminal.@Nullable Size[] size = {new Terminal.Size(6, 40)};
    ScreenPrinter printer = new ScreenPrinter(out, display(null), () -> size[0]);
    printer.print(NOON, List.of(frequency(10)));
    String first = printed();
    assertThat(first).startsWith("\u001b[2J\u001b[H").endsWith("\u001b[J");
    List<String> shown = first.replaceAll("\u001b\\[[0-9]*[A-Za-z]", "").lines().toList();
    assertThat(shown).hasSize(5);
    assertThat(shown.get(0)).isEqualTo("[12:00:00]");
    assertThat(shown.get(4)).isEqualTo("... 9 more lines: | cat shows them all");

    size[0] = new Terminal.Size(50, 60);
    printer.print(NOON, List.of(histogram("log2", true, 1, 7)));
    String second = printed();
    assertThat(second).startsWith("\u001b[H").contains("\u001b[32m****");
    assertThat(second).contains("\u001b[31mlost 5 (table full: 3, memory not readable: 2)");
    assertThat(second.replaceAll("\u001b\\[[0-9]*[A-Za-z]", "").lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(60));
  }

  @Test
  void closedOutputEndsIt() {
    Output closed =
        new Output(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            },
            StandardCharsets.UTF_8);
    assertThatThrownBy(() -> new TextPrinter(closed, display(null)).print(NOON, List.of()))
        .isInstanceOf(ClosedOutputException.class);
  }

  /** Everything in it comes from a process that wants to look like something else. */
  private static ShownSnapshot hostile() {
    Map<List<String>, Long> counts =
        Map.of(
            List.of(EVIL, "1]}]}\n{\"time\":0}"), 5L,
            List.of("short"), 4L,
            List.of("\u4e2d", "007"), 3L,
            List.of("a", "18446744073709551615"), 2L);
    return new ShownSnapshot(
        new Message.Attached(
            3,
            EVIL,
            "\t77         fd = 1" + EVIL,
            false,
            "",
            List.of(new KeyColumn("name" + EVIL, true), new KeyColumn("fd", false)),
            null,
            List.of(),
            List.of("It does \"not\" see." + EVIL),
            LibraryState.MAPPED),
        "p:c:g()",
        new FrequencySnapshot(counts, Losses.NONE, Sampling.NONE),
        ProbeHealth.UNKNOWN,
        FrequencySnapshot.EMPTY,
        null);
  }

  private static ShownSnapshot pairs() {
    return new ShownSnapshot(
        new Message.Attached(
            3,
            "sizes",
            "sizes",
            true,
            "",
            List.of(new KeyColumn("n", false)),
            null,
            List.of(),
            List.of(),
            LibraryState.MAPPED),
        "r:c:malloc(size_t n) on $retval..p:c:free(void *p) on p:size_t:$entry(n)#sizes",
        new FrequencySnapshot(Map.of(List.of("8"), 5L), Losses.NONE, Sampling.NONE),
        new ProbeHealth(1, 1, null, null, 9L, LibraryState.MAPPED),
        new FrequencySnapshot(
            Map.of(List.of("64"), 7L, List.of("8"), 2L), Losses.NONE, Sampling.NONE),
        null);
  }

  @Test
  void openPairsFollowThePairsThatHaveEnded() throws Exception {
    new TextPrinter(out, display(null)).print(NOON, List.of(pairs()));
    assertThat(printed().lines().skip(1))
        .containsExactly(
            "sizes",
            "\tCOUNT      EVENT",
            "\t5          n = 8",
            "\tOPEN       EVENT",
            "\t2          n = 8",
            "\t7          n = 64",
            "open 9");
  }

  @Test
  void jsonHasOpenPairsByKey() throws Exception {
    new JsonPrinter(out, display(null)).print(NOON, List.of(pairs()));
    assertThat(printed())
        .contains("\"open\":9,\"openByKey\":[{\"key\":[64],\"open\":7},{\"key\":[8],\"open\":2}]");
  }

  private static final String EVIL =
      "\u001b[2J\u009b1m\r\n[12:00:00]\n\t99         fd = 3\u202e\u2028\ud800\u0000";

  @Test
  void whatTheTargetSaysForgesNoRowAndCommandsNoTerminal() throws Exception {
    new TextPrinter(out, display(null)).print(NOON, List.of(hostile(), hostile()));
    List<String> lines = printed().lines().toList();
    assertThat(lines).hasSize(1 + 2 * (1 + 1 + 4));
    assertThat(lines.get(1))
        .isEqualTo(
            "\\t77         fd = 1\\x1b[2J\\x9b1m\\r\\n[12:00:00]\\n\\t99         fd = 3"
                + "\\u202e\\u2028\\ud800\\x00");
    assertThat(lines.get(3)).endsWith(" = b'a', fd = 18446744073709551615");
    assertThat(lines.get(4)).endsWith(" = b'\\u4e2d', fd = b'007'");
    assertThat(lines.get(5)).endsWith(" = b'short', fd = b''");
    assertThat(lines.get(6)).endsWith(", fd = b'1]}]}\\n{\"time\":0}'");
    assertThat(String.join("", lines)).matches("[\t -~]*");
  }

  @Test
  void screenTakesCommandsFromUsOnly() throws Exception {
    ShownSnapshot evil = histogram("log2", false, 1, 7);
    evil =
        new ShownSnapshot(
            new Message.Attached(
                1,
                "x",
                EVIL,
                false,
                "",
                List.of(),
                evil.probe().buckets(),
                List.of(),
                List.of(),
                LibraryState.MAPPED),
            evil.specifier(),
            evil.part(),
            ProbeHealth.UNKNOWN,
            FrequencySnapshot.EMPTY,
            null);
    ScreenPrinter printer = new ScreenPrinter(out, display(null), () -> new Terminal.Size(9, 30));
    printer.print(NOON, List.of(evil, hostile()));
    String shown = printed();
    assertThat(shown.replaceAll("\u001b\\[(3[12]m|[01]m|2J|H|K|J)", "")).matches("[\n\t -~]*");
    assertThat(shown.split("\u001b\\[2J", -1)).hasSize(2);
    assertThat(shown.lines().filter(line -> !line.equals("\u001b[J"))).hasSize(8);
  }

  @Test
  void jsonHoldsEveryValueAndParsesLineByLine() throws Exception {
    new JsonPrinter(out, display(null)).print(NOON, List.of(hostile()));
    String text = printed();
    assertThat(text).matches("[ -~]*\n");
    JsonObject probe =
        JsonParser.parseString(text)
            .getAsJsonObject()
            .getAsJsonArray("probes")
            .get(0)
            .getAsJsonObject();
    assertThat(probe.get("name").getAsString()).isEqualTo(EVIL);
    assertThat(probe.get("label").getAsString()).endsWith(EVIL);
    JsonArray rows = probe.getAsJsonArray("rows");
    assertThat(rows).hasSize(4);
    JsonArray key = rows.get(0).getAsJsonObject().getAsJsonArray("key");
    assertThat(key.get(0).getAsString()).isEqualTo(EVIL);
    assertThat(key.get(1).getAsString()).isEqualTo("1]}]}\n{\"time\":0}");
    JsonArray last = rows.get(3).getAsJsonObject().getAsJsonArray("key");
    assertThat(last.get(1).getAsJsonPrimitive().isNumber()).isTrue();
    assertThat(last.get(1).getAsString()).isEqualTo("18446744073709551615");
  }

  @Test
  void messageCannotPassForTwo() {
    out.complain("cannot load: " + EVIL + "\njargdist: all is well\n  caret\nhint: no\n\n");
    String text = printed();
    assertThat(text.lines().filter(line -> line.startsWith("jargdist: "))).hasSize(1);
    assertThat(text.lines().skip(1))
        .allMatch(line -> line.startsWith("  ") || line.equals("hint: no"));
    assertThat(text).endsWith("\n  jargdist: all is well\n  caret\nhint: no\n").matches("[\n -~]*");
    out.complain("x".repeat(10_000_000));
    assertThat(printed().length()).isLessThan(10_000);
  }

  @Test
  void whatTheCharacterSetLacksIsEscaped() throws Exception {
    Output ascii = new Output(bytes, StandardCharsets.US_ASCII);
    ascii.line("caf\u00e9 \ud83d\ude00").check();
    assertThat(printed()).isEqualTo("caf\\xe9 \\U0001f600\n");
    out.line("caf\u00e9 \ud83d\ude00 \u0645\u06cc\u200c\u062e").check();
    assertThat(printed()).isEqualTo("caf\u00e9 \ud83d\ude00 \u0645\u06cc\u200c\u062e\n");
  }
}
