/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * The output of {@code --help} is in {@code help/COMMAND.txt}. {@code -Dgoldens=rewrite} writes
 * these anew and fails.
 */
class HelpTest {
  private static final Path GOLDENS = Path.of("src/test/resources/io/jargdist/cli/help");

  private static List<CommandLine> commands() {
    CommandLine root = new CommandLine(new JargdistCommand());
    List<CommandLine> commands = new ArrayList<>(List.of(root));
    commands.addAll(root.getSubcommands().values());
    return commands;
  }

  @TestFactory
  List<DynamicTest> helpIsAsRecorded() {
    return commands().stream()
        .map(command -> DynamicTest.dynamicTest(command.getCommandName(), () -> check(command)))
        .toList();
  }

  private static void check(CommandLine command) throws Exception {
    String text = command.getUsageMessage(Ansi.OFF);
    Path golden = GOLDENS.resolve(command.getCommandName() + ".txt");
    if ("rewrite".equals(System.getProperty("goldens"))) {
      Files.createDirectories(GOLDENS);
      Files.writeString(golden, text);
      throw new AssertionError(golden + " was written anew: look at the difference, then commit");
    }
    assertThat(text).isEqualTo(Files.readString(golden));
  }

  @Test
  void everyCommandOfOursHasExamples() {
    assertThat(commands())
        .filteredOn(command -> !command.getCommandName().equals("generate-completion"))
        .allSatisfy(
            command -> assertThat(command.getUsageMessage(Ansi.OFF)).contains("Examples:\n"));
  }
}
