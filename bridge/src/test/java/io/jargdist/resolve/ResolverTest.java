/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.ReturnDanger;
import io.jargdist.facts.Returns;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.specifier.Form;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierParser;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Resolves probes of this JVM itself, and of the running kernel. */
class ResolverTest {
  private static final String NOT_EXPORTED = "_ZN15G1CollectedHeap7collectEN7GCCause5CauseE()";

  private final TargetProcess self = self();
  private final TargetLibraries libraries = new TargetLibraries(self);

  @AfterEach
  void close() {
    libraries.close();
  }

  private static TargetProcess self() {
    try {
      return TargetProcess.of(ProcessHandle.current().pid());
    } catch (MachineException e) {
      throw new AssertionError(e);
    }
  }

  private ResolvedProbe resolve(String specifier) throws SpecifierException, MachineException {
    return new Resolver(libraries, new KernelTypes(), new Warnings())
        .resolve(parse(specifier))
        .get(0);
  }

  private static Specifier parse(String specifier) throws SpecifierException {
    return SpecifierParser.parse(specifier, Form.FREQUENCY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p:c:malloc()",
        "r:c:read()",
        "p:jvm:JVM_MonitorWait()",
        "r:jvm:JVM_MonitorWait()",
        "p:jvm:_ZN15G1CollectedHeap7collectEN7GCCause5CauseE()",
        "p:jvm:G1CollectedHeap::collect()",
        "p:libc.so.6:fsync()",
        "p:libjvm.so:JVM_MonitorWait()"
      })
  void functionsAreFoundAtTheOffsetThatTheirSymbolSays(String specifier) throws Exception {
    ResolvedProbe.UserFunction function = (ResolvedProbe.UserFunction) resolve(specifier);
    CodeLocation location = function.locations().get(0);
    assertThat(Files.readSymbolicLink(Path.of(location.path())))
        .isEqualTo(Path.of(location.display().replaceFirst(":.*", "")).toRealPath());
    assertThat(location.offset()).isPositive();
  }

  @Test
  void mangledAndDemangledNamesLeadToOnePlace() throws Exception {
    assertThat(resolve("p:jvm:G1CollectedHeap::collect()"))
        .isEqualTo(resolve("p:jvm:_ZN15G1CollectedHeap7collectEN7GCCause5CauseE()"));
  }

  /** The near names are this machine's: its libc, its JVM, its kernel. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p:c:fsink() | function | has no function \"fsink\" | fsync",
        "p:nolib:f() | library | has not mapped a library \"nolib\" | it has ",
        "p:jvn*:f() | library | a library that matches \"jvn*\" | did you mean jvm",
        "p:nolib*:f() | library | a library that matches \"nolib*\" | it has ",
        "p:*jv*:JVM_MonitorWaits() | function | has no function | did you mean JVM_MonitorWait",
        "p:jvmm:f() | library | has not mapped a library \"jvmm\" | did you mean jvm",
        "p:jvm:JVM_MonitorWaits() | function | has no function | did you mean JVM_MonitorWait",
        "p:jvm:G1CollectedHeap::colect() | function | has no function | G1CollectedHeap::collect",
        "u:jvm:gc_begin() | probe | no USDT probe \"gc_begin\" | did you mean gc__begin",
        "u:jvm:hotspt:gc__begin() | probe | provider \"hotspt\" has no USDT probe"
            + " | its provider is hotspot",
        "t:sched:sched_swich() | event | no tracepoint event \"sched_swich\" | sched_switch",
        "t:shed:sched_switch() | category | no tracepoint category \"shed\" | did you mean sched",
      })
  void whatCannotBeProbedIsRefusedWithTheReason(
      String specifier, String field, String reason, String hint) {
    assertThatThrownBy(() -> resolve(specifier))
        .isInstanceOfSatisfying(
            SpecifierException.class,
            refused -> {
              assertThat(refused.diagnostic().field()).isEqualTo(field);
              assertThat(refused.diagnostic().reason()).contains(reason);
              assertThat(refused.diagnostic().hint()).contains(hint);
            })
        .hasMessageContaining("\n  " + specifier + "\n");
  }

  /** glibc's names, old and new, and musl's: of Alpine's link and of the file itself. */
  @ParameterizedTest
  @CsvSource({
    "libc.so.6, c, true",
    "libc-2.31.so, c, true",
    "libc.musl-x86_64.so.1, c, true",
    "ld-musl-x86_64.so.1, c, true",
    "libcurl.so.4, c, false",
    "libcap.so.2, c, false",
    "ld-linux-x86-64.so.2, c, false",
    "libjvm.so, jvm, true",
    "libjvmti.so, jvm, false",
    "libstdc++.so.6, stdc++, true",
    "libpthread-2.31.so, pthread, true",
  })
  void librariesAreKnownByTheirShortNames(String file, String name, boolean known) {
    assertThat(MappedLibraries.isNamed(file, name)).isEqualTo(known);
  }

  @Test
  void returnsInACopyOfTheJvmAreDangerous(@TempDir Path folder) throws Exception {
    Path libjvm = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
    Path copy = Files.copy(libjvm, folder.resolve("libother.so"));
    TargetProcess other =
        new TargetProcess(
            self.pid(),
            self.filter(),
            List.of(new MappedFile(copy.toString(), copy.toString(), "", 0, 0, 0, false)));
    try (TargetLibraries opened = new TargetLibraries(other)) {
      Resolver resolver = new Resolver(opened, new KernelTypes(), new Warnings());
      for (String library : List.of("other", copy.toString())) {
        assertThat(returns(resolver.resolve(parse("r:" + library + ":" + NOT_EXPORTED))))
            .isEqualTo(new Returns.Replaced(ReturnDanger.HOTSPOT));
        assertThat(returns(resolver.resolve(parse("r:" + library + ":JVM_MonitorWait()"))))
            .isEqualTo(new Returns.Replaced(null));
        assertThat(resolver.resolve(parse("p:" + library + ":" + NOT_EXPORTED))).isNotNull();
      }
    }
  }

  @Test
  void aLinkToALibraryIsTheLibrary(@TempDir Path folder) throws Exception {
    Path libjvm = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
    Path link = Files.createSymbolicLink(folder.resolve("liblinked.so"), libjvm);
    assertThat(resolve("r:" + link + ":JVM_MonitorWait()"))
        .isEqualTo(resolve("r:jvm:JVM_MonitorWait()"));
    assertThat(returns(List.of(resolve("r:" + link + ":" + NOT_EXPORTED))))
        .isEqualTo(new Returns.Replaced(ReturnDanger.HOTSPOT));
  }

  private static @Nullable Returns returns(List<ResolvedProbe> found) {
    return ((ResolvedProbe.UserFunction) found.get(0)).returns();
  }

  @Test
  void indirectFunctionNamesItsImplementations() {
    assertThatThrownBy(() -> resolve("p:c:memcpy()")).hasMessageContaining("IFUNC");
  }

  @Test
  void everyUsdtProbeOfTheJvmCanBeReadWithAllArguments() throws Exception {
    TargetProcess.MappedFile libjvm =
        self.files().stream()
            .filter(file -> file.name().equals("libjvm.so"))
            .findFirst()
            .orElseThrow();
    ElfFile elf = libraries.open(libjvm);
    List<UsdtNotes.Note> notes = UsdtNotes.read(elf);
    assertThat(notes).hasSizeGreaterThan(500);
    for (UsdtNotes.Note note : notes) {
      assertThat(elf.codeOffset(note.address())).isPositive();
      List<UsdtOperand> operands =
          UsdtOperandParser.parse(note.arguments(), Architecture.current());
      long written =
          note.arguments().isBlank() ? 0 : note.arguments().strip().split(" (?=-?\\d+f?@)").length;
      assertThat(operands).as(note.toString()).hasSize((int) written);
      assertThat(operands)
          .as(note.toString())
          .filteredOn(operand -> operand instanceof UsdtOperand.Unreadable)
          .allMatch(operand -> operand.toString().contains("xmm"));
    }
  }

  @Test
  void aFileThatCannotBeReadIsNamed(@TempDir Path folder) throws Exception {
    byte[] libjvm = new byte[1 << 16];
    Path file = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");
    try (InputStream in = Files.newInputStream(file)) {
      assertThat(in.readNBytes(libjvm, 0, libjvm.length)).isEqualTo(libjvm.length);
    }
    Path cut = Files.write(folder.resolve("libcut.so"), libjvm);
    List<MappedFile> files = new ArrayList<>(self.files());
    files.add(new MappedFile(cut.toString(), cut.toString(), "", 0, 0, 0, false));
    TargetProcess other = new TargetProcess(self.pid(), self.filter(), files);
    Warnings warnings = new Warnings();
    try (TargetLibraries opened = new TargetLibraries(other)) {
      Resolver resolver = new Resolver(opened, new KernelTypes(), warnings);
      assertThat(resolver.resolve(parse("u::gc__begin()"))).isNotNull();
      assertThat(warnings.all())
          .singleElement()
          .asString()
          .startsWith("places of the USDT probe gc__begin in files that cannot be read are not")
          .contains(cut.toString());
    }
  }

  @Test
  void usdtProbeHasAllItsSites() throws Exception {
    ResolvedProbe.Usdt probe = (ResolvedProbe.Usdt) resolve("u:jvm:gc__begin()");
    assertThat(probe.provider()).isEqualTo("hotspot");
    assertThat(probe.sites()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8@%rdi|Register[type=Int[size=8, signed=false, truth=false], register=rdi, shift=0]",
        "-4@%eax|Register[type=Int[size=4, signed=true, truth=false], register=rax, shift=0]",
        "1@%ah|Register[type=Int[size=1, signed=false, truth=false], register=rax, shift=8]",
        "2@%r10w|Register[type=Int[size=2, signed=false, truth=false], register=r10, shift=0]",
        "-4@$-5|Constant[type=Int[size=4, signed=true, truth=false], value=-5]",
        "8@-16(%rbp)|Memory[type=Int[size=8, signed=false, truth=false], base=rbp, index=null, scale=1, displacement=-16]",
        "8@(%rax,%rbx,8)|Memory[type=Int[size=8, signed=false, truth=false], base=rax, index=rbx, scale=8, displacement=0]",
        "8@x19|Register[type=Int[size=8, signed=false, truth=false], register=x19, shift=0]",
        "-4@[sp, 12]|Memory[type=Int[size=4, signed=true, truth=false], base=sp, index=null, scale=1, displacement=12]",
        "8f@%xmm0|Unreadable[type=Int[size=8, signed=false, truth=false], text=%xmm0]",
        "8@sym(%rip)|Unreadable[type=Int[size=8, signed=false, truth=false], text=sym(%rip)]"
      })
  void operandsAreReadAsTheAssemblerWroteThem(String line) {
    String[] parts = line.split("\\|");
    Architecture architecture =
        parts[0].matches(".*@(x19|\\[sp.*)") ? Architecture.AARCH64 : Architecture.X86_64;
    assertThat(UsdtOperandParser.parse(parts[0], architecture))
        .hasSize(1)
        .first()
        .hasToString(parts[1]);
  }

  @Test
  void allTracepointFormatsAreUnderstood() throws Exception {
    int fields = 0;
    try (Stream<Path> formats =
        Files.find(
            Path.of("/sys/kernel/tracing/events"), 3, (path, a) -> path.endsWith("format"))) {
      for (Path format : formats.toList()) {
        List<String> lines = Files.readAllLines(format);
        long declared =
            lines.stream().filter(l -> l.contains("field:") && !l.contains(" common_")).count();
        assertThat(Tracepoints.parse(lines)).as(format.toString()).hasSize((int) declared);
        fields += (int) declared;
      }
    }
    assertThat(fields).isGreaterThan(1000);
  }

  @Test
  void kernelTypesHaveTheLayoutThatTheKernelUses() {
    KernelTypes types = new KernelTypes();
    assertThat(struct(types, "struct task_struct").size()).isGreaterThan(1000);
    CType.Array comm = (CType.Array) member(types, "struct task_struct", "comm").type();
    assertThat(comm.length()).isEqualTo(16);
    assertThat(((CType.Int) comm.element()).size()).isEqualTo(1);
    assertThat(member(types, "struct list_head", "next").offset()).isZero();
    assertThat(member(types, "struct list_head", "prev").offset()).isEqualTo(8);
    // This is in an anonymous struct of an anonymous union.
    assertThat(member(types, "struct sk_buff", "next").offset()).isZero();
    assertThat(member(types, "struct sk_buff", "pkt_type").bitWidth()).isEqualTo(3);
    assertThat(types.named("gfp_t")).isEqualTo(CType.U32);
    assertThat(types.constant("BPF_MAP_TYPE_HASH")).isEqualTo(1L);
    assertThat(types.named("struct no_such_struct")).isNull();
  }

  private static CType.Struct struct(KernelTypes types, String name) {
    return (CType.Struct) requireNonNull(types.named(name));
  }

  private static TypeSource.Member member(KernelTypes types, String struct, String name) {
    return requireNonNull(types.member(struct(types, struct), name));
  }

  @Test
  void prototypesOfKernelFunctionsComeFromTheKernelsTypes() {
    KernelTypes types = new KernelTypes();
    Prototype read = requireNonNull(types.prototype("vfs_read", null));
    assertThat(read.parameters().stream().map(Prototype.Parameter::name))
        .containsExactly("file", "buf", "count", "pos");
    assertThat(read.parameters().get(2).type()).isEqualTo(CType.U64);
    assertThat(read.returnType()).isEqualTo(CType.S64);
    assertThat(read.parameters().get(0).type())
        .isEqualTo(new CType.Pointer(struct(types, "struct file")));
    assertThat(types.prototype("no_such_function", null)).isNull();
    assertThat(types.prototype("vfs_read", "no_such_module")).isNull();
  }

  @Test
  void withoutKprobesItSaysWhatToUseInstead() {
    assumeFalse(Files.isDirectory(Path.of("/sys/bus/event_source/devices/kprobe")));
    assertThatThrownBy(() -> resolve("p::vfs_read()"))
        .hasMessageContaining(
            "this kernel has no kprobes (CONFIG_KPROBES): use a tracepoint (t:CATEGORY:EVENT()) or"
                + " the libc function (p:c:FUNCTION())");
  }
}
