/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import io.jargdist.samples.shop.Shop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * Takes the pictures of the documents: a real JConsole with our tab, on the shop of the samples.
 * {@code bin/console-picture} starts it.
 */
public final class ConsolePicture {
  /** The size of JConsole's window, so that there is nothing else in the picture. */
  private static final String SCREEN = "900x750";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String PROBES =
      "-H 'r:c:fsync():u64:$latency/1000#fsync us'"
          + " -C 'p:c:open64(char *path):char*:path#files opened'"
          + " -H 'r:c:read():int:$retval#read sizes'"
          + " -C 'p:c:write(int fd):int:fd#writes by fd'"
          + " -C 'u:jvm:gc__begin()#collections'"
          + " -H 'r:c:read(int fd):int,int:$retval,$entry(fd)#sizes by fd'";

  private ConsolePicture() {}

  /**
   * @param args the folder for console.png, a histogram, console-keys.png, a frequency of texts,
   *     and console-histograms.png, a histogram for each key
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    Path jdk = Jdks.own();
    if (!JConsole.missing(jdk).isEmpty()) {
      throw new IOException(JConsole.missing(jdk));
    }
    Process shop =
        new ProcessBuilder(
                jdk.resolve("bin/java").toString(),
                "-XX:+UseG1GC",
                "-Xmx128m",
                "-Xmn8m",
                "-javaagent:" + Target.JAR + "=" + PROBES,
                "-cp",
                Target.classes(),
                Shop.class.getName())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (JConsole console = JConsole.start(jdk, shop.pid(), SCREEN)) {
      await(console, "click Insecure_connection", "clicked");
      await(console, "tab jargdist", "chosen");
      select(console, "fsync_us");
      // One a second: they fill the picture.
      await(console, "text jargdist.heatmap", "\\d{3} intervals");
      console.ask("shot " + folder.resolve("console.png"));
      console.ask("set jargdist.form Count by");
      console.ask("set jargdist.specifier p:c:open64(char *path):char*:path");
      select(console, "files_opened");
      await(console, "text jargdist.bars", ": ");
      console.ask("shot " + folder.resolve("console-keys.png"));
      console.ask("set jargdist.form Histogram of");
      console.ask("set jargdist.specifier r:c:read(int fd):int,int:$retval,$entry(fd)");
      select(console, "sizes_by_fd");
      await(console, "text jargdist.keys", "all together.*\n.*\n.*\n");
      console.ask("select jargdist.keys 1 2");
      // There is a chart for each of them then.
      await(console, "text jargdist.bars", "absent");
      console.ask("shot " + folder.resolve("console-histograms.png"));
    } finally {
      shop.destroy();
    }
  }

  private static void select(JConsole console, String label) throws IOException {
    await(console, "text jargdist.probes", Pattern.quote(label));
    List<String> probes = console.ask("text jargdist.probes").lines().toList();
    int row = 0;
    while (!probes.get(row).contains(label)) {
      row++;
    }
    console.ask("select jargdist.probes " + row);
  }

  /**
   * @param answer of which its answer has a part
   */
  private static void await(JConsole console, String command, String answer) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> Pattern.compile(answer).matcher(console.ask(command)).find());
  }
}
