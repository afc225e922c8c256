/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.codegen.Planner;
import io.jargdist.codegen.ProbePlan;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.ctext.PlanOptions;
import io.jargdist.facts.Architecture;
import io.jargdist.facts.PidNumbers;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSources;
import io.jargdist.kernel.Gate;
import io.jargdist.kernel.LoadedProbe;
import io.jargdist.kernel.Machine;
import io.jargdist.kernel.OwnThreads;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.KernelTypes;
import io.jargdist.resolve.Resolver;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.Warnings;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Mapper;
import io.jargdist.testing.Target;
import io.jargdist.testing.TestUser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target maps what it likes, and swaps it while it is looked at. */
class HostileFilesIT {
  private static final int BREAKPOINT = 0xcc;
  private static final byte PUSH = 0x55;
  private static final long FUNCTION = 0x1000;
  private static final long MEGABYTE = 1 << 20;

  private final KernelTypes types = new KernelTypes();
  @TempDir private Path folder;

  /**
   * Between reading and attaching, the target puts a file of a process of root's to the place of
   * its own: a breakpoint of its choice must not get into that.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMappingThatIsSwappedLeadsIntoNoOtherFile(boolean links) throws Exception {
    byte[] code = new byte[0x2000];
    Arrays.fill(code, PUSH);
    Path victims = Files.write(folder.resolve("victim.so"), code);
    Path own = library("liba.so", "hit");
    try (Mapper victim = Mapper.start(List.of(), victims);
        Mapper other = Mapper.start(List.of(), own);
        TestUser user = TestUser.create();
        Mapper target = Mapper.start(List.of(user.prefix()), own);
        TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()))) {
      ProbePlan plan = plan(libraries);
      target.swap(victims);
      try (CompilerProcess compiler = compiler();
          Gate gate = Gate.create();
          OwnThreads none = OwnThreads.create();
          LoadedProbe probe =
              LoadedProbe.load(
                  compiler.compile(plan.text()),
                  plan,
                  null,
                  libraries.target().filter(),
                  null,
                  links,
                  true,
                  gate,
                  none)) {
        assertThat(probe.recursionMisses()).isZero();
        assertThat(victim.byteAt(FUNCTION)).isEqualTo(PUSH);
        assertThat(other.byteAt(FUNCTION)).isEqualTo(BREAKPOINT);
      }
      assertThat(other.byteAt(FUNCTION)).isEqualTo(PUSH);
    }
  }

  /** It would be attached to a file that is not the one that was mapped. */
  @Test
  void aMappingThatIsSwappedBeforeItIsOpenedIsRefused() throws Exception {
    Path own = library("liba.so", "hit");
    Path second = library("libb.so", "hit");
    try (Mapper target = Mapper.start(List.of(), own);
        TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()))) {
      target.swap(second);
      assertThatThrownBy(() -> plan(libraries))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("is not the file that process " + target.pid() + " has mapped");
    }
  }

  @Test
  void systemScopeLeavesFilesAloneThatTheTargetCanWrite() throws Exception {
    try (TestUser user = TestUser.create()) {
      Path roots = library("liba.so", "hit");
      assertRefused(user, user.give(roots), true);
      assertRefused(user, roots, false);
      Path shared = Files.createDirectory(folder.resolve("shared"));
      Path inShared = Files.copy(roots, shared.resolve("liba.so"));
      Command.run(List.of("chmod", "1777", shared.toString()));
      assertRefused(user, inShared, false);
      Command.run(List.of("chmod", "0777", shared.toString()));
      assertRefused(user, inShared, true);
      Command.run(List.of("chmod", "0755", shared.toString()));
      Command.run(List.of("chmod", "0666", inShared.toString()));
      assertRefused(user, inShared, true);
      Command.run(List.of("chgrp", user.name(), inShared.toString()));
      Command.run(List.of("chmod", "0664", inShared.toString()));
      assertRefused(user, inShared, true);
    }
  }

  private void assertRefused(TestUser user, Path file, boolean refused) throws Exception {
    try (Mapper target = Mapper.start(List.of(user.prefix()), file);
        TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()))) {
      plan(libraries);
      if (refused) {
        assertThatThrownBy(libraries::checkThatTargetCannotWrite)
            .isInstanceOf(MachineException.class)
            .hasMessageContaining("--scope system does not probe " + file)
            .hasMessageContaining("can write");
      } else {
        libraries.checkThatTargetCannotWrite();
      }
    }
  }

  private ProbePlan plan(TargetLibraries libraries) throws Exception {
    var specifier = SpecifierParser.parse("p:liba.so:hit()", Form.FREQUENCY);
    List<ResolvedProbe> probe = new Resolver(libraries, types, new Warnings()).resolve(specifier);
    PlanOptions options =
        new PlanOptions(
            80,
            100,
            800,
            100,
            Log2Buckets.DEFAULT,
            null,
            true,
            Machine.possibleCpus(),
            PidNumbers.INITIAL,
            false);
    return Planner.plan(specifier, probe, options, TypeSources.of(types), Architecture.current());
  }

  private static CompilerProcess compiler() {
    return new CompilerProcess(
        Path.of(System.getProperty("java.home")), Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  /** 180 bytes that mean a name of 30 GB. */
  @Test
  void namesThatGrowTakeNoMemory() throws Exception {
    StringBuilder name = new StringBuilder("_Z4real1pIiiE");
    for (char digit : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".toCharArray()) {
      String last = "S" + digit + "_";
      name.append("S_I").append(last).append(last).append('E');
    }
    Path library = library("libx.so", name.toString());
    try (Mapper target = Mapper.start(List.of(), library)) {
      Command.Result list = list(target, "p:x:rea*");
      // The name itself does not begin so, and its meaning is not looked for.
      assertThat(list.exit()).isEqualTo(2);
      Command.Result all = list(target, "p:x:*real*");
      assertThat(all.out()).isEqualTo("p:x:" + name + "()\n");
    }
  }

  /** Fails if it needs more than 2 GB, most of which a JVM reserves, or 30 s. */
  private static Command.Result list(Mapper target, String glob) throws Exception {
    return Command.jargdistBehind(
        List.of("prlimit", "--data=" + 2048 * MEGABYTE, "--cpu=30"),
        "probes",
        Long.toString(target.pid()),
        glob);
  }

  /** Sizes that are lies, in a file that is mostly a hole. */
  @Test
  void aLargeFileTakesNeitherTimeNorMemory() throws Exception {
    Path library = library("libx.so", "real");
    try (var file = new RandomAccessFile(library.toFile(), "rw")) {
      file.setLength(6000 * MEGABYTE);
      // The size of the symbol table.
      file.seek(SECTIONS + 64 + 0x20);
      file.writeLong(Long.reverseBytes(5000 * MEGABYTE));
    }
    try (Mapper target = Mapper.start(List.of(), library)) {
      Command.Result list = list(target, "p:x:*");
      assertThat(list.err()).contains(library + " is not a whole ELF file (");
      // The others of the process are listed all the same.
      assertThat(list(target, "p:c:realloc").out()).contains("p:c:realloc()");
    }
  }

  @Test
  void aSignalIsObeyedWhileAFileIsRead() throws Exception {
    Path library = library("libx.so", "real");
    try (var file = new RandomAccessFile(library.toFile(), "rw")) {
      file.setLength(6000 * MEGABYTE);
      file.seek(SECTIONS + 64 + 0x20);
      file.writeLong(Long.reverseBytes(5000 * MEGABYTE));
    }
    Path[] many = new Path[50];
    Arrays.fill(many, library);
    try (Mapper target = Mapper.start(List.of(), many)) {
      Process command =
          new ProcessBuilder(
                  Jdks.own().resolve("bin/java").toString(),
                  "-jar",
                  Target.JAR.toString(),
                  "probes",
                  Long.toString(target.pid()))
              .redirectErrorStream(true)
              .start();
      await().until(() -> reads(command.pid(), library) || !command.isAlive());
      assertThat(command.isAlive()).isTrue();
      command.destroy();
      assertThat(command.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean reads(long pid, Path file) throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
          return true;
        }
      }
    }
    return false;
  }

  private static final int SECTIONS = 64 + 56;

  /**
   * A library of one function, of which no linker would say that it is one: symbols and names
   * behind the headers, code at 0x1000.
   */
  private Path library(String file, String function) throws IOException {
    byte[] names = ("\0" + function + "\0").getBytes(UTF_8);
    byte[] image = new byte[0x2000];
    Arrays.fill(image, (int) FUNCTION, image.length, PUSH);
    ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    int symbols = SECTIONS + 3 * 64;
    int strings = symbols + 48;
    bytes.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    bytes.putShort((short) 3).putShort((short) 62).putInt(1).putLong(0).putLong(64);
    bytes.putLong(SECTIONS).putInt(0).putShort((short) 64).putShort((short) 56);
    bytes.putShort((short) 1).putShort((short) 64).putShort((short) 3).putShort((short) 2);
    bytes.putInt(1).putInt(5).putLong(FUNCTION).putLong(FUNCTION).putLong(FUNCTION);
    bytes.putLong(0x1000).putLong(0x1000).putLong(0x1000);
    section(bytes.position(SECTIONS + 64), 11, symbols, 48, 2);
    section(bytes.position(SECTIONS + 128), 3, strings, names.length, 0);
    bytes.position(symbols + 24).putInt(1).put((byte) 0x12).put((byte) 0).putShort((short) 1);
    bytes.putLong(FUNCTION).putLong(16).put(names);
    Files.write(folder.resolve(file), image);
    folder.toFile().setExecutable(true, false);
    folder.toFile().setReadable(true, false);
    return folder.resolve(file);
  }

  private static void section(ByteBuffer bytes, int type, long offset, long size, int link) {
    bytes.putInt(0).putInt(type).putLong(2).putLong(0).putLong(offset).putLong(size);
    bytes.putInt(link).putInt(0).putLong(8).putLong(24);
  }

  /** A name that is no text, with a character that Java takes for the end of a line. */
  @Test
  void namesThatAreNoTextAreListedAndProbed() throws Exception {
    Path library = library("liba.so", "hit");
    String odd = "na\\351ve\\r7f00-8000 r-xp 00000000 00:00 1 ";
    List<String> prefix =
        List.of(
            "sh",
            "-c",
            "d=$(dirname \"$1\")/$(printf '"
                + odd
                + "'); mkdir \"$d\" && cp \"$1\" \"$d/libodd.so\" && exec \"$0\" \"$d/libodd.so\"");
    try (Mapper target = Mapper.start(prefix, library)) {
      TargetProcess process = TargetProcess.of(target.pid());
      assertThat(process.files())
          .anyMatch(
              file -> file.path().contains("na\\351ve\r7f00") && file.name().equals("libodd.so"))
          .noneMatch(file -> file.path().startsWith("/libodd"));
      Command.Result list = Command.jargdist("probes", Long.toString(target.pid()), "p:odd:*");
      assertThat(list.out()).isEqualTo("p:odd:hit()\n");
    }
  }
}
