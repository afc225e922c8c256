/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A user of this machine without any privilege, with a home of its own. The test that makes one
 * owns it; {@link #close()} ends its processes and removes it with its home. Needs root.
 */
public final class TestUser implements AutoCloseable {
  private final String name;
  private final int uid;
  private final Path home;

  private TestUser(String name, int uid, Path home) {
    this.name = name;
    this.uid = uid;
    this.home = home;
  }

  public static TestUser create() throws IOException, InterruptedException {
    Skips.unless(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root makes users");
    String name =
        "jargdist-test-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    run(List.of("useradd", "--create-home", "--user-group", "--shell", "/bin/sh", name));
    String[] entry = run(List.of("getent", "passwd", name)).strip().split(":");
    TestUser user = new TestUser(name, Integer.parseInt(entry[2]), Path.of(entry[5]));
    run(List.of("chmod", "700", user.home.toString()));
    return user;
  }

  public String name() {
    return name;
  }

  public int uid() {
    return uid;
  }

  /** Closed to all other users. */
  public Path home() {
    return home;
  }

  /**
   * The words before a command that let it run as this user, with nothing of our environment.
   *
   * @param environment {@code NAME=VALUE}
   */
  public String[] prefix(String... environment) {
    List<String> words =
        new ArrayList<>(List.of("setpriv", "--reuid=" + name, "--regid=" + name, "--clear-groups"));
    words.addAll(List.of("env", "-i", "-C", "/", "HOME=" + home, "PATH=/usr/bin:/bin"));
    words.addAll(List.of(environment));
    return words.toArray(String[]::new);
  }

  /** Runs a command as this user, to its end. */
  public Command.Result run(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(prefix()));
    words.addAll(List.of(command));
    return Command.run(words);
  }

  /**
   * Copies a file or folder into this user's home, as its own.
   *
   * @return where it is
   */
  public Path give(Path source) throws IOException, InterruptedException {
    Path copy = home.resolve(source.getFileName().toString());
    run(List.of("cp", "-r", source.toString(), copy.toString()));
    run(List.of("chown", "-R", name + ":", copy.toString()));
    return copy;
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Command.Result result = Command.run(command);
    assertThat(result.exit()).as("%s: %s", command, result.err()).isZero();
    return result.out();
  }

  @Override
  public void close() throws IOException {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      all.filter(process -> process.info().user().filter(name::equals).isPresent())
          .forEach(ProcessHandle::destroyForcibly);
    }
    try {
      // These files are left by its JVMs.
      Command.run(
          List.of("sh", "-c", "find /tmp -maxdepth 1 -user \"$0\" -exec rm -rf {} +", name));
      Command.run(List.of("userdel", "--force", "--remove", name));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
