/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.DebianFile;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of samples/exporters, as they are, with the monitoring systems that they are for. */
class MonitoringIT {
  private static final Path SAMPLES = Path.of("../samples/exporters").toAbsolutePath().normalize();
  private static final Path AGENTS =
      Path.of(System.getProperty("jargdist.jar", "target/jargdist.jar"))
          .resolveSibling("monitoring");

  /** Seeks just behind 1 GB: nothing but the workload makes them. */
  private static final String OFFSETS =
      "-H 'p:c:lseek64(int fd, long offset):long:offset-(1<<30):offset>>13==1<<17#offsets'"
          + " -C 'p:c:fsync():char*:$COMM#syncs'"
          + " -H 'p:c:lseek64(int fd, long offset):long,int:offset-(1<<30),offset%2"
          + ":offset>>13==1<<17#parity'"
          + " -S 'p:c:lseek64(int fd, long offset):long,int:offset-(1<<30),offset%2"
          + ":offset>>13==1<<17#total'";

  private static final int BASE = 1 << 30;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @Test
  void prometheusFindsTheQuantilesOfTwoJvms(@TempDir Path folder) throws Exception {
    Path prometheus = DebianFile.find("usr/bin", "prometheus");
    int[] ports = {freePort(), freePort(), freePort()};
    Files.copy(SAMPLES.resolve("prometheus.yml"), folder.resolve("prometheus.yml"));
    Files.writeString(
        folder.resolve("jvms.yml"),
        String.format(
            Locale.ROOT, "- targets: ['127.0.0.1:%d', '127.0.0.1:%d']%n", ports[0], ports[1]));
    try (Target one = exporting(ports[0]);
        Target two = exporting(ports[1])) {
      one.run("lseek 40 " + (BASE + 100));
      two.run("lseek 60 " + (BASE + 4099));
      two.run("fsync 53");
      Process server =
          new ProcessBuilder(
                  prometheus.toString(),
                  "--config.file=" + folder.resolve("prometheus.yml"),
                  "--storage.tsdb.path=" + folder.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + ports[2])
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      try {
        // 100 values: 40 from 64 to 127, 60 from 4096 to 8191. The median is the tenth of the 60.
        int port = ports[2];
        String offsets = "{name=\"offsets\"}";
        String all =
            "histogram_quantile(%s, sum by (le) (jargdist_histogram_bucket" + offsets + "))";
        awaitAnswer(port, String.format(Locale.ROOT, all, "0.5"), 4095 + 4096 * 10 / 60.0);
        awaitAnswer(port, String.format(Locale.ROOT, all, "0.2"), 63 + 64 * 20 / 40.0);
        awaitAnswer(port, "sum(jargdist_histogram_sum" + offsets + ")", 40 * 100 + 60 * 4099);
        awaitAnswer(port, "sum(jargdist_histogram_count" + offsets + ")", 100);
        awaitAnswer(port, "sum(jargdist_histogram_lost)", 0);
        awaitAnswer(port, "sum(jargdist_frequency_frequencies{_COMM=~\"caller.*\"})", 53);
        // The even ones are those 40, the odd ones those 60.
        String byKey = "sum by (le) (jargdist_histogram_bykey_bucket{offset_2=\"%s\"})";
        awaitAnswer(
            port,
            "histogram_quantile(0.5, " + String.format(Locale.ROOT, byKey, "0") + ")",
            63 + 64 * 0.5);
        awaitAnswer(
            port,
            "histogram_quantile(0.5, " + String.format(Locale.ROOT, byKey, "1") + ")",
            4095 + 4096 * 0.5);
        awaitAnswer(port, "sum(jargdist_histogram_bykey_count)", 100);
        awaitAnswer(port, "sum(jargdist_sum_sums_sum{offset_2=\"1\"})", 60 * 4099);
        awaitAnswer(port, "sum(jargdist_sum_sums_events)", 100);
        awaitAnswer(port, "sum(jargdist_sum_sum)", 40 * 100 + 60 * 4099);
        // What happened between two scrapes: another 30 values from 64 to 127.
        one.run("lseek 30 " + (BASE + 100));
        String lately =
            "histogram_quantile(0.5, sum by (le) (rate(jargdist_histogram_bucket"
                + offsets
                + "[1m])))";
        awaitAnswer(port, lately, 63 + 64 * 0.5);
      } finally {
        server.destroyForcibly();
      }
    }
  }

  @Test
  void jolokiaReadsTheSameAsJson() throws Exception {
    int port = freePort();
    String agent = "-javaagent:" + AGENTS.resolve("jolokia-agent-jvm-javaagent.jar");
    try (Target target =
        Target.start(Jdks.own(), OFFSETS, List.of(agent + "=host=127.0.0.1,port=" + port))) {
      await().until(() -> target.has(Target.frequency("syncs")));
      target.run("lseek 40 " + (BASE + 100));
      target.run("lseek 60 " + (BASE + 4099));
      target.run("fsync 53");
      String histogram = jolokia(port, "jargdist:type=Histogram,name=offsets");
      assertThat(histogram)
          .contains("\"Count\":100,")
          .contains("\"Lost\":0,")
          .contains("\"State\":\"running\"")
          .contains("\"Sum\":" + (40 * 100 + 60 * 4099) + ",")
          .contains("\"127\":{\"le\":\"127\",\"value\":40}")
          .contains("\"8191\":{\"le\":\"8191\",\"value\":100}")
          .contains("\"+Inf\":{\"le\":\"+Inf\",\"value\":100}");
      assertThat(jolokia(port, "jargdist:type=Frequency,name=syncs"))
          .contains("\"Frequencies\":{\"caller-0\":{")
          .contains("\"value\":53");
      // One reading: what stands in one answer belongs together.
      assertThat(histogram).doesNotContain("\"error");
    }
  }

  @Test
  void openTelemetryReadsWhatTheSampleNames() throws Exception {
    try (Target target =
        Target.start(
            Jdks.own(),
            OFFSETS,
            List.of(
                "-javaagent:" + AGENTS.resolve("opentelemetry-javaagent.jar"),
                "-Dotel.jmx.config=" + SAMPLES.resolve("opentelemetry.yaml"),
                "-Dotel.jmx.discovery.delay=500",
                "-Dotel.metrics.exporter=console",
                "-Dotel.metric.export.interval=500",
                "-Dotel.traces.exporter=none",
                "-Dotel.logs.exporter=none"))) {
      await().atMost(Duration.ofSeconds(30)).until(() -> target.has(Target.frequency("syncs")));
      target.run("lseek 40 " + (BASE + 100));
      target.run("fsync 53");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(exported(target, "jargdist.sum.sum", "total")).isEqualTo("4000");
                assertThat(exported(target, "jargdist.histogram.count", "offsets")).isEqualTo("40");
                assertThat(exported(target, "jargdist.histogram.sum", "offsets")).isEqualTo("4000");
                assertThat(exported(target, "jargdist.histogram.lost", "offsets")).isEqualTo("0");
                assertThat(exported(target, "jargdist.frequency.count", "syncs")).isEqualTo("53");
              });
    }
  }

  private static Target exporting(int port) throws IOException {
    String exporter =
        String.format(
            Locale.ROOT,
            "-javaagent:%s=127.0.0.1:%d:%s",
            AGENTS.resolve("jmx_prometheus_javaagent.jar"),
            port,
            SAMPLES.resolve("jmx-exporter.yml"));
    Target target = Target.start(Jdks.own(), OFFSETS, List.of(exporter));
    await().until(() -> target.has(Target.frequency("syncs")));
    return target;
  }

  /** Waits until Prometheus has scraped both JVMs, and so answers what is expected. */
  private static void awaitAnswer(int port, String expression, double expected) {
    Pattern one = Pattern.compile("\"value\":\\[[0-9.]+,\"([^\"]+)\"]");
    String url =
        String.format(
            Locale.ROOT,
            "http://127.0.0.1:%d/api/v1/query?query=%s",
            port,
            URLEncoder.encode(expression, UTF_8));
    await(expression)
        .atMost(Duration.ofSeconds(40))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> {
              Matcher matcher = one.matcher(get(url));
              assertThat(matcher.find()).isTrue();
              assertThat(Double.parseDouble(matcher.group(1))).isCloseTo(expected, within(0.01));
            });
  }

  private static String jolokia(int port, String bean) throws Exception {
    return get(String.format(Locale.ROOT, "http://127.0.0.1:%d/jolokia/read/%s", port, bean));
  }

  private static String get(String url) throws IOException, InterruptedException {
    return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString(UTF_8))
        .body();
  }

  /** The value of a metric of a probe in the last line that the console exporter printed of it. */
  private static String exported(Target target, String metric, String probe) throws IOException {
    Matcher matcher =
        Pattern.compile(
                "name="
                    + Pattern.quote(metric)
                    + ",.*attributes=\\{probe=\""
                    + probe
                    + "\"}, value=(\\d+)")
            .matcher(target.errors());
    String last = "nothing";
    while (matcher.find()) {
      last = matcher.group(1);
    }
    return last;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
