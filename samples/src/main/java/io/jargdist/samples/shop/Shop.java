/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.samples.shop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A web shop on the loopback interface, and its customers, in one JVM. It does what servers do:
 *
 * <ul>
 *   <li>{@code GET /product/N} reads a file of 128 bytes to 256 KiB and renders a page ({@link
 *       Catalogue}: read, malloc, garbage);
 *   <li>{@code POST /order} appends a line to a log and waits until it is on the disk ({@link
 *       OrderLog}: write, fsync, monitors), loads a class for its discount ({@link Discounts}) and
 *       looks up a host ({@link Couriers}: getaddrinfo);
 *   <li>{@code GET /orders} reads the end of that log (lseek, read);
 *   <li>the {@link Customers} send at most 100 requests a second (sockets, sleeps).
 * </ul>
 *
 * <p>It takes a small part of one core, keeps its files in a temporary folder that it deletes, and
 * ends by itself.
 */
public final class Shop implements AutoCloseable {
  private static final int WORKERS = 4;
  private static final Duration DEFAULT_OPENING = Duration.ofMinutes(10);

  private final Catalogue catalogue;
  private final OrderLog orders;
  private final Couriers couriers = new Couriers();
  private final Discounts discounts = new Discounts();
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private final HttpServer server;

  private Shop(Path folder) throws IOException {
    catalogue = Catalogue.stock(folder);
    orders = OrderLog.open(folder.resolve("orders.log"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/product/", answering(this::product));
    server.createContext("/order", answering(this::order));
    server.createContext("/orders", answering(this::latestOrders));
    server.setExecutor(workers);
    server.start();
  }

  /** Keeps the shop open for {@code --seconds N}, 600 if it is not given. */
  public static void main(String[] args) throws Exception {
    boolean limited =
        args.length == 2 && args[0].equals("--seconds") && args[1].matches("\\d{1,9}");
    if (args.length > 0 && !limited) {
      System.err.println("usage: java ... " + Shop.class.getName() + " [--seconds N]");
      System.exit(2);
    }
    Duration opening = limited ? Duration.ofSeconds(Long.parseLong(args[1])) : DEFAULT_OPENING;
    Path folder = Files.createTempDirectory("shop");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "clean up"));
    try (Shop shop = new Shop(folder)) {
      System.out.printf(
          Locale.ROOT, "shop: pid %d, %s%n", ProcessHandle.current().pid(), shop.address());
      new Customers(shop.address()).shopUntil(Instant.now().plus(opening));
    }
  }

  URI address() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** Stops serving. */
  @Override
  public void close() throws IOException {
    server.stop(0);
    workers.shutdownNow();
    orders.close();
  }

  private byte[] product(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    return catalogue.page(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
  }

  private byte[] order(HttpExchange exchange) throws IOException, InterruptedException {
    String order = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    long number = orders.append(String.format(Locale.ROOT, "%s, %d %% off", order, discount()));
    return String.format(Locale.ROOT, "order %d, by %s%n", number, couriers.find()).getBytes(UTF_8);
  }

  private int discount() throws IOException {
    try {
      return discounts.percent();
    } catch (ReflectiveOperationException e) {
      throw new IOException("the discount cannot be told", e);
    }
  }

  private byte[] latestOrders(HttpExchange exchange) throws IOException {
    return orders.tail();
  }

  private interface Page {
    byte[] answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private static HttpHandler answering(Page page) {
    return exchange -> {
      try (exchange) {
        respond(page, exchange);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static void respond(Page page, HttpExchange exchange)
      throws IOException, InterruptedException {
    try {
      byte[] body = page.answer(exchange);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (IllegalArgumentException e) {
      exchange.sendResponseHeaders(404, -1);
    }
  }

  private static void delete(Path folder) {
    File[] files = folder.toFile().listFiles();
    if (files != null) {
      for (File file : files) {
        file.delete();
      }
    }
    folder.toFile().delete();
  }
}
