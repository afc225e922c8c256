/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.resolve.placement.Disassembler;
import io.jargdist.resolve.placement.Instruction;
import io.jargdist.resolve.placement.InstructionKind;
import io.jargdist.resolve.placement.Placement;
import io.jargdist.resolve.placement.UprobeCosts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Whatever a file or a text of a target has: it is read, or refused in one line, and no other
 * exception leaves.
 */
class ElfFuzzTest {
  @TempDir private Path folder;

  @Test
  void librariesThatGccHasMade() throws Exception {
    byte[] library = Files.readAllBytes(compiled());
    Read whole = read(library);
    assertThat(whole.functions).contains("fuzz_one", "fuzz_two");
    assertThat(whole.notes).hasSize(2);
    int inputs = Fuzzing.run("gcc", 6, random -> Fuzzing.mutated(library, random), this::read);
    assertThat(inputs).isGreaterThan(100);
  }

  /** Versions, a build id, the name of a debug file, and symbols that are compressed. */
  @Test
  void librariesThatWereStripped() throws Exception {
    Path library = compiled();
    Path mini = folder.resolve("mini");
    gnu("objcopy", "--only-keep-debug", library.toString(), mini.toString());
    Path debug = Files.copy(mini, folder.resolve("libfuzz.debug"));
    gnu("xz", mini.toString());
    gnu("objcopy", "--add-gnu-debuglink=" + debug, library.toString());
    gnu("strip", "--strip-all", library.toString());
    byte[] linked = Files.readAllBytes(library);
    gnu("objcopy", "--add-section", ".gnu_debugdata=" + mini + ".xz", library.toString());
    byte[] packed = Files.readAllBytes(library);
    byte[] separate = Files.readAllBytes(debug);
    assertThat(read(linked).functions).contains("fuzz_one", "fuzz_hidden");
    Files.delete(debug);
    assertThat(read(packed).functions).contains("fuzz_one", "fuzz_hidden");
    int inputs =
        Fuzzing.run(
            "stripped",
            6,
            random -> Fuzzing.mutated(random.nextBoolean() ? linked : packed, random),
            input -> {
              Files.write(debug, separate);
              read(input);
            });
    assertThat(inputs).isGreaterThan(20);
    inputs =
        Fuzzing.run(
            "debug file",
            4,
            random -> Fuzzing.mutated(separate, random),
            input -> {
              Files.write(debug, input);
              read(linked);
            });
    assertThat(inputs).isGreaterThan(20);
  }

  /** Compressed symbols in broken containers, and in whole ones that are too large. */
  @Test
  void compressedSymbols() throws Exception {
    assertThatThrownBy(() -> unpack(packed(new LZMA2Options(1), 25 << 20)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(".gnu_debugdata is larger than 24 MB");
    LZMA2Options largest = new LZMA2Options(1);
    largest.setDictSize(64 << 20);
    assertThatThrownBy(() -> unpack(packed(largest, 1)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(".gnu_debugdata cannot be unpacked");
    byte[] small = packed(new LZMA2Options(1), 4000);
    int inputs =
        Fuzzing.run(
            "xz",
            3,
            random -> Fuzzing.mutated(small, random),
            input -> refused(() -> unpack(input)));
    assertThat(inputs).isGreaterThan(10);
  }

  /** So many zeros. */
  private static byte[] packed(LZMA2Options options, int size) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(packed, options)) {
      out.write(new byte[size]);
    }
    return packed.toByteArray();
  }

  /** Puts the bytes into the section of a file that has no other. */
  private void unpack(byte[] packed) throws IOException {
    Path file = new ElfImage().section(".gnu_debugdata", packed).write(folder.resolve("packed.so"));
    try (ElfFile elf =
        ElfFile.open(RegularFile.open(file.toString(), file.toString()), WorkBudget.ofARequest())) {
      DebugData.read(elf, WorkBudget.ofDebugFiles());
    }
  }

  private static void gnu(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as("%s", List.of(command)).isZero();
  }

  @Test
  void librariesThatNoLinkerHasMade() throws Exception {
    int inputs = Fuzzing.run("made", 5, ElfFuzzTest::made, this::read);
    assertThat(inputs).isGreaterThan(100);
  }

  /** The JVM's own files, with the headers changed. */
  @Test
  void headersOfLargeLibraries() throws Exception {
    Path libjvm = Path.of(System.getProperty("java.home"), "lib/libjava.so");
    byte[] library = Files.readAllBytes(libjvm);
    int inputs = Fuzzing.run("libjava", 4, random -> Fuzzing.mutated(library, random), this::read);
    assertThat(inputs).isGreaterThan(10);
  }

  @Test
  void operandsOfUsdtNotes() throws Exception {
    String[] pieces = {
      "8",
      "-4",
      "1",
      "@",
      "%rdi",
      "%eax",
      "(",
      ")",
      "[",
      "]",
      ",",
      " ",
      "$",
      "-",
      "0x",
      "ffff",
      "99999999999999999999",
      "%xmm0",
      "f",
      "x19",
      "x31",
      "w7",
      "sp",
      "#",
      "sym(%rip)",
      "%ah",
      "\t",
      "8@%rdi",
      "-4@12(%rsp,%rax,4)",
      "8@$-5",
      "16@",
      "\u00e9",
      "08",
      "(%rax"
    };
    int inputs =
        Fuzzing.run(
            "operands",
            2,
            random -> pieces(pieces, random, random.nextInt(100) == 0 ? 5000 : 20),
            input -> {
              for (Architecture architecture : Architecture.values()) {
                String text = new String(input, StandardCharsets.UTF_8);
                for (UsdtOperand operand : UsdtOperandParser.parse(text, architecture)) {
                  check(operand, architecture);
                }
              }
            });
    assertThat(inputs).isGreaterThan(1000);
  }

  /** Registers become C text, so none may be there that the architecture does not have. */
  private static void check(UsdtOperand operand, Architecture architecture) {
    Pattern known =
        architecture == Architecture.X86_64
            ? Pattern.compile("r([89]|1[0-5]|[abcd]x|[sd]i|[bs]p)")
            : Pattern.compile("x([12]?\\d|30)|sp");
    List<String> registers = new ArrayList<>();
    if (operand instanceof UsdtOperand.Register register) {
      registers.add(register.register());
    } else if (operand instanceof UsdtOperand.Memory memory) {
      registers.add(memory.base());
      if (memory.index() != null) {
        registers.add(memory.index());
      }
    }
    assertThat(registers).allMatch(register -> known.matcher(register).matches());
  }

  @Test
  void linesOfMaps() throws Exception {
    String[] pieces = {
      "7f37ca354000-7f37ca356000", " ", "r-xp", "rwxp", "00000000", "fd:01", "1234", "/lib/libc.so",
      " (deleted)", "\\012", "\r", "[heap]", "-", "ffffffffffffffff", "99999999999999999999", "/",
      "7f00-8000 r-xp 0 0:0 1 /a", "\u00e9", "zz", "00400000-00401000 r-xp 00000000 08:01 42   /b"
    };
    int inputs =
        Fuzzing.run(
            "maps",
            2,
            random -> pieces(pieces, random, 12),
            input -> {
              MappedFile file = MappedFile.parse(new String(input, StandardCharsets.ISO_8859_1));
              if (file != null && (!file.bytes().startsWith("/") || file.name().contains("/"))) {
                throw new AssertionError(file.toString());
              }
            });
    assertThat(inputs).isGreaterThan(1000);
  }

  private static byte[] pieces(String[] pieces, Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(most); left > 0; left--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] made(Random random) {
    ElfImage image = new ElfImage();
    for (int left = random.nextInt(20); left > 0; left--) {
      image.function("f" + random.nextInt(9), 0x1000 + random.nextInt(0x1100), size(random));
    }
    for (int left = random.nextInt(6); left > 0; left--) {
      image.symbol(random.nextInt(), random.nextInt(0x3000), size(random));
    }
    for (int left = random.nextInt(6); left > 0; left--) {
      if (random.nextBoolean()) {
        image.note("p", "q" + random.nextInt(3), 0x1000 + random.nextInt(64), "8@%rdi -4@$5");
      } else {
        int nameSize = random.nextBoolean() ? 8 : random.nextInt(64) - 40;
        byte[] texts = new byte[random.nextInt(40)];
        random.nextBytes(texts);
        image.note(nameSize, random.nextInt(128) - 64, random.nextLong(), texts);
      }
    }
    if (random.nextInt(4) == 0) {
      image.codeSize(size(random));
    }
    if (random.nextInt(4) == 0) {
      image.symbolBytes(size(random));
    }
    return random.nextBoolean() ? image.bytes() : Fuzzing.mutated(image.bytes(), random);
  }

  private static long size(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt();
      case 2 -> 0;
      default -> random.nextInt(0x1000);
    };
  }

  private record Read(List<String> functions, List<UsdtNotes.Note> notes) {}

  /** All that is ever read of a file. */
  private Read read(byte[] content) throws IOException {
    List<String> functions = new ArrayList<>();
    List<UsdtNotes.Note> notes = new ArrayList<>();
    Path file = Files.write(folder.resolve("lib.so"), content);
    try (ElfFile elf =
        ElfFile.open(RegularFile.open(file.toString(), file.toString()), WorkBudget.ofARequest())) {
      MappedFile mapped = new MappedFile(file.toString(), file.toString(), "", 0, 0, 0, false);
      refused(
          () ->
              DebugFiles.addTo(
                  elf, mapped, ProcessHandle.current().pid(), WorkBudget.ofDebugFiles()));
      refused(() -> elf.sections().needed());
      refused(() -> notes.addAll(UsdtNotes.read(elf)));
      refused(() -> elf.forEachFunction(symbol -> functions.add(symbol.name())));
      refused(() -> elf.functions("fuzz_one"));
      refused(() -> elf.functionsBeginning("f"));
      refused(() -> elf.codeOffset(0x1000));
      List<ElfFile.Symbol> all = new ArrayList<>();
      refused(() -> all.addAll(elf.functions(false)));
      for (ElfFile.Symbol symbol : all.subList(0, Math.min(5, all.size()))) {
        refused(() -> Branches.lead(elf, symbol, all.get(0).address()));
        refused(() -> place(elf, elf.codeOffset(symbol.address())));
      }
      for (UsdtNotes.Note note : notes.subList(0, Math.min(5, notes.size()))) {
        UsdtOperandParser.parse(note.arguments(), Architecture.current());
        refused(() -> elf.fileOffset(note.address()));
      }
    } catch (MalformedFileException | NotElfException e) {
      assertThat(e.getMessage()).startsWith(file + " is not a ").doesNotContain("\n");
    }
    return new Read(functions, notes);
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void refused(Action action) throws IOException {
    try {
      action.run();
    } catch (MalformedFileException e) {
      assertThat(e.getMessage()).contains(" is not a whole ELF file (").doesNotContain("\n");
    }
  }

  private static void place(ElfFile elf, long offset) {
    Map<InstructionKind, Integer> nanos = new EnumMap<>(InstructionKind.class);
    for (InstructionKind kind : InstructionKind.values()) {
      nanos.put(kind, kind == InstructionKind.PUSH ? 100 : 1000);
    }
    Disassembler none = (code, everywhere) -> List.<Instruction>of();
    Placement placement =
        new ProbePlacer(none, new UprobeCosts(false, nanos, 100))
            .place(elf, offset, new Placement.Reads(6, true));
    assertThat(placement.distance()).isZero();
  }

  private Path compiled() throws Exception {
    Path source = folder.resolve("fuzz.c");
    Files.writeString(
        source,
        """
        #define NOTE(probe) __asm__ volatile("nop\\n990: .pushsection .note.stapsdt,\\"\\",\\"note\\"\\n" \\
          ".balign 4\\n.4byte 992f-991f,994f-993f,3\\n991: .asciz \\"stapsdt\\"\\n992: .balign 4\\n" \\
          "993: .8byte 990b-1,0,0\\n.asciz \\"fuzz\\"\\n.asciz \\"" probe "\\"\\n.asciz \\"8@%rdi -4@$5\\"\\n" \\
          "994: .balign 4\\n.popsection\\n")
        int fuzz_one(int a) { NOTE("first"); return a + 1; }
        static __attribute__((noinline)) int fuzz_hidden(int a) { return a * 3; }
        int fuzz_two(int a) { NOTE("second"); return fuzz_one(a) * 2; }
        int fuzz_old(int a) { return fuzz_hidden(a); }
        int fuzz_new(int a) { return fuzz_hidden(a) + 1; }
        __asm__(".symver fuzz_old,fuzz_versioned@F1\\n.symver fuzz_new,fuzz_versioned@@F2\\n");
        """);
    Path versions = Files.writeString(folder.resolve("versions"), "F1 { *; };\nF2 { *; } F1;\n");
    Path library = folder.resolve("libfuzz.so");
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wl,--version-script=" + versions,
                "-o",
                library.toString(),
                source.toString())
            .inheritIO()
            .start();
    assertThat(gcc.waitFor()).isZero();
    return library;
  }
}
