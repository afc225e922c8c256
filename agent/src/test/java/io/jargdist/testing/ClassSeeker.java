/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A JVM of another user that looks for classes as it is told on stdin, a name a line. It prints
 * {@code ready}, and {@code done} after each, whether there is such a class or not.
 */
public final class ClassSeeker {
  private ClassSeeker() {}

  public static Target start(Path jdk, TestUser user, String... prefix)
      throws IOException, InterruptedException {
    return Target.start(
        jdk,
        null,
        List.of("-cp", classes(user).toString()),
        List.of(Main.class.getName()),
        prefix.length == 0 ? user.prefix() : prefix);
  }

  /** A folder of the user's with nothing but this class. */
  public static Path classes(TestUser user) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("seeker");
    String name = Main.class.getName().replace('.', '/') + ".class";
    Path copy = folder.resolve(name);
    Files.createDirectories(copy.getParent());
    try (var in = ClassSeeker.class.getResourceAsStream("/" + name)) {
      Files.copy(in, copy);
    }
    Path given = user.give(folder);
    Command.run(List.of("rm", "-r", folder.toString()));
    return given;
  }

  /** Knows no class but those of the JDK. */
  public static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println("ready");
      for (String name = commands.readLine(); name != null; name = commands.readLine()) {
        try {
          Class.forName(name);
        } catch (ClassNotFoundException | LinkageError e) {
          // Most of them look for a class that does not exist.
        }
        System.out.println("done");
      }
    }
  }
}
