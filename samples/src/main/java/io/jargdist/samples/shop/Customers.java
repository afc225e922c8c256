/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The load: {@value #CUSTOMERS} customers who look at products and order some, and think for 40 to
 * 80 ms before each request.
 */
final class Customers {
  private static final int CUSTOMERS = 4;
  private static final int SHORTEST_THOUGHT_MILLIS = 40;
  private static final int LONGEST_THOUGHT_MILLIS = 80;

  private final URI shop;
  private final HttpClient client = HttpClient.newHttpClient();

  Customers(URI shop) {
    this.shop = shop;
  }

  /** Returns when it is time; fails if a request failed. */
  void shopUntil(Instant end) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(CUSTOMERS);
    try {
      Callable<Void> customer = () -> shopAlone(end);
      for (Future<?> visit : threads.invokeAll(Collections.nCopies(CUSTOMERS, customer))) {
        visit.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  private Void shopAlone(Instant end) throws IOException, InterruptedException {
    Random random = new Random();
    while (Instant.now().isBefore(end)) {
      Thread.sleep(random.nextInt(SHORTEST_THOUGHT_MILLIS, LONGEST_THOUGHT_MILLIS));
      int product = random.nextInt(Catalogue.PRODUCTS);
      switch (random.nextInt(4)) {
        case 0 -> send(to("/order").POST(BodyPublishers.ofString("product " + product)));
        case 1 -> send(to("/orders"));
        default -> send(to("/product/" + product));
      }
    }
    return null;
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(shop.resolve(path));
  }

  private void send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(response.uri() + " answered " + response.statusCode());
    }
  }
}
