/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** A JDK's JConsole with our tab, on a virtual screen, operated by a {@link SwingDriver}. */
public final class JConsole implements AutoCloseable {
  private static final Path XVFB = Path.of("/usr/bin/Xvfb");

  private final Process screen;
  private final Process console;
  private final BufferedReader answers;
  private final OutputStream commands;
  private final Path driver;

  private JConsole(Process screen, Process console, Path driver) {
    this.screen = screen;
    this.console = console;
    this.driver = driver;
    this.answers = console.inputReader(StandardCharsets.UTF_8);
    this.commands = console.getOutputStream();
  }

  /** Returns why it cannot be used here; empty if it can. */
  public static String missing(Path jdk) {
    if (!Files.isExecutable(XVFB)) {
      return "there is no Xvfb: bin/test installs it";
    }
    return Files.isExecutable(jdk.resolve("bin/jconsole"))
            && Files.exists(jdk.resolve("lib/libawt_xawt.so"))
        ? ""
        : jdk + " has no JConsole: bin/test installs Debian's";
  }

  /** Starts one that connects to a JVM. Its window is smaller than the screen. */
  public static JConsole start(Path jdk, long pid) throws IOException {
    return start(jdk, pid, "1180x820");
  }

  /**
   * @param size of the screen, {@code WIDTHxHEIGHT}
   */
  static JConsole start(Path jdk, long pid, String size) throws IOException {
    Path driver = driverJar();
    Process screen =
        new ProcessBuilder(
                XVFB.toString(),
                "-displayfd",
                "1",
                "-screen",
                "0",
                size + "x24",
                "-nolisten",
                "tcp")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String display = screen.inputReader().readLine();
    if (display == null) {
      throw new IOException("Xvfb did not start");
    }
    ProcessBuilder console =
        new ProcessBuilder(
                jdk.resolve("bin/jconsole").toString(),
                "-J-javaagent:" + driver,
                "-J-Duser.language=en",
                "-interval=1",
                "-pluginpath",
                Target.JAR.toString(),
                Long.toString(pid))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    console.environment().put("DISPLAY", ":" + display.strip());
    return new JConsole(screen, console.start(), driver);
  }

  /** An agent has to be a jar. */
  private static Path driverJar() throws IOException {
    Path jar = Files.createTempFile("swing-driver", ".jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", SwingDriver.class.getName());
    String entry = SwingDriver.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        InputStream in = SwingDriver.class.getResourceAsStream("SwingDriver.class")) {
      if (in == null) {
        throw new IOException("no " + entry);
      }
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    }
    return jar;
  }

  /**
   * @param command as {@link SwingDriver} has them
   * @return its answer
   */
  public String ask(String command) throws IOException {
    commands.write((command + "\n").getBytes(StandardCharsets.UTF_8));
    commands.flush();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith("> ")) {
        return line.substring(2).replace("\\n", "\n");
      }
    }
    throw new IOException("JConsole has ended");
  }

  /** Returns what a component of the tab shows; see {@link SwingDriver}. */
  public String text(String component) throws IOException {
    return ask("text jargdist." + component);
  }

  @Override
  public void close() throws IOException {
    Stream.of(console, screen)
        .map(Process::toHandle)
        .flatMap(JConsole::withDescendants)
        .forEach(ProcessHandle::destroyForcibly);
    Files.deleteIfExists(driver);
  }

  private static Stream<ProcessHandle> withDescendants(ProcessHandle process) {
    return Stream.concat(process.descendants().toList().stream(), List.of(process).stream());
  }
}
