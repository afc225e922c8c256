/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopTest {
  private static final Pattern READY = Pattern.compile("shop: pid (\\d+), (http://127.0.0.1:\\d+)");

  @TempDir private Path temporaryFolder;
  private Process shop;
  private URI address;

  @BeforeEach
  void open() throws IOException {
    shop =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.io.tmpdir=" + temporaryFolder,
                Shop.class.getName(),
                "--seconds",
                "2")
            .redirectErrorStream(true)
            .start();
    BufferedReader output = shop.inputReader();
    Matcher ready = READY.matcher(output.readLine());
    assertThat(ready.matches()).isTrue();
    assertThat(ready.group(1)).isEqualTo(Long.toString(shop.pid()));
    address = URI.create(ready.group(2));
  }

  @AfterEach
  void close() {
    shop.destroyForcibly();
  }

  @Test
  void answersTakesOrdersAndEndsByItselfLeavingNoFiles() throws Exception {
    assertThat(get("/product/0").body()).startsWith("<h1>Product 0</h1>");
    assertThat(get("/product/no").statusCode()).isEqualTo(404);
    assertThat(order("a hat").body()).matches("order \\d+, by localhost/127.0.0.1\n");
    assertThat(get("/orders").body()).contains(" a hat, 10 % off\n");

    assertThat(shop.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(shop.exitValue()).isZero();
    assertThat(shop.inputReader().readLine()).isNull();
    assertThat(temporaryFolder).isEmptyDirectory();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(address.resolve(path)));
  }

  private HttpResponse<String> order(String what) throws Exception {
    return send(
        HttpRequest.newBuilder(address.resolve("/order")).POST(BodyPublishers.ofString(what)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
