/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.facts.Architecture;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plain name means all that the process calls by it, and nothing else: exact counts of libraries
 * that gcc makes. This process is bridge and target in one.
 */
class PlainNamesIT {
  @TempDir private static Path folder;
  private static OwnBridge bridge;

  @BeforeAll
  static void start() throws IOException {
    bridge = new OwnBridge(folder);
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  private interface Calls {
    void make() throws Exception;
  }

  /** The counts of a probe of some calls. */
  private record Counted(
      Map<List<String>, Long> rows, List<String> attachPoints, List<String> warnings) {
    long total() {
      return rows.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static Counted counted(String specifier, Calls calls) throws Exception {
    Message.Attached probe = attach(specifier);
    calls.make();
    FrequencySnapshot read = bridge.frequency(probe);
    bridge.detach(probe);
    assertThat(read.losses().total()).as("lost by %s", specifier).isZero();
    return new Counted(read.counts(), probe.attachPoints(), probe.warnings());
  }

  private static Message.Attached attach(String specifier) throws ProbeException {
    return bridge.count(specifier, OwnBridge.options());
  }

  private static void assertRefused(String specifier, String... parts) {
    assertThatThrownBy(() -> attach(specifier))
        .isInstanceOf(ProbeException.class)
        .hasMessageContainingAll(parts);
  }

  /** What could be meant by the name of a library is told, and the probe waits for it. */
  private static void assertWaits(String specifier, String hint) throws Exception {
    Message.Attached probe = attach(specifier);
    assertThat(probe.libraries().awaited()).endsWith(" is not mapped");
    assertThat(probe.libraries().late()).singleElement().asString().contains(hint);
    assertThat(probe.attachPoints()).isEmpty();
    bridge.detach(probe);
  }

  @Test
  void allCopiesOfALibraryAreProbed() throws Exception {
    String source = "long f(long a) { return a + %s; } %s";
    String more = "long g(long a) { return a; }";
    GccLibrary one =
        GccLibrary.load(
            GccLibrary.compile(
                folder.resolve("one/libdup.so"), source.replace("%s;", "1;").replace("%s", "")));
    GccLibrary two =
        GccLibrary.load(
            GccLibrary.compile(
                folder.resolve("two/libdup.so"), source.replace("%s;", "2;").replace("%s", more)));
    Calls calls =
        () -> {
          one.call("f", 4099, 7);
          two.call("f", 4099, 11);
          two.call("g", 4099, 3);
        };
    Counted entries = counted("p:dup:f(long a):long:a", calls);
    assertThat(entries.rows()).isEqualTo(Map.of(List.of("4099"), 18L));
    assertThat(entries.attachPoints()).hasSize(2);
    assertThat(entries.attachPoints())
        .anyMatch(point -> point.contains("/one/libdup.so:f"))
        .anyMatch(point -> point.contains("/two/libdup.so:f"));
    assertThat(entries.warnings()).isEmpty();
    Counted returns = counted("r:dup:f(long a):long,long:$entry(a),$retval:$latency>0", calls);
    assertThat(returns.rows())
        .isEqualTo(Map.of(List.of("4099", "4100"), 7L, List.of("4099", "4101"), 11L));
    assertThat(counted("p:" + one.file() + ":f()", calls).total()).isEqualTo(7);
    assertThat(counted("p:" + two.file() + ":f()", calls).total()).isEqualTo(11);
    Counted inOne = counted("p:dup:g()", calls);
    assertThat(inOne.total()).isEqualTo(3);
    assertThat(inOne.warnings())
        .containsExactly(one.file() + " has no function \"g\", so nothing is counted there.");
    assertRefused("p:dup:h()", "/one/libdup.so", "/two/libdup.so", " have no function \"h\"");
    assertThat(bridge.checked("p:dup:f()").summary())
        .contains("would attach: uprobe " + one.file() + ":f")
        .contains("would attach: uprobe " + two.file() + ":f");
  }

  @Test
  void probesOfUsdtInAllCopiesAreSeen() throws Exception {
    String source =
        """
        long f(long a) {
          __asm__ volatile("990: nop\\n.pushsection .note.stapsdt,\\"\\",\\"note\\"\\n"
            ".balign 4\\n.4byte 992f-991f,994f-993f,3\\n991: .asciz \\"stapsdt\\"\\n992: .balign 4\\n"
            "993: .8byte 990b,0,0\\n.asciz \\"copies\\"\\n.asciz \\"seen\\"\\n.asciz \\"\\"\\n"
            "994: .balign 4\\n.popsection\\n");
          return a + %d;
        }
        """;
    GccLibrary one =
        GccLibrary.load(
            GccLibrary.compile(folder.resolve("first/libnote.so"), source.replace("%d", "1")));
    GccLibrary two =
        GccLibrary.load(
            GccLibrary.compile(folder.resolve("second/libnote.so"), source.replace("%d", "2")));
    Calls calls =
        () -> {
          one.call("f", 1, 5);
          two.call("f", 1, 13);
        };
    assertThat(counted("u:note:seen()", calls).total()).isEqualTo(18);
    assertThat(counted("u::copies:seen()", calls).total()).isEqualTo(18);
    assertThat(counted("u:" + two.file() + ":seen()", calls).total()).isEqualTo(13);
    assertThat(counted("u:libno*:seen()", calls).total()).isEqualTo(18);
    assertThat(counted("u:" + folder + "/second/*note*:copies:seen()", calls).total())
        .isEqualTo(13);
    assertRefused(
        "u:libno*:sean()",
        "/first/libnote.so",
        "/second/libnote.so",
        "have no USDT probe \"sean\"",
        "did you mean seen?");
  }

  private static GccLibrary patterned(String file, String source) throws Exception {
    return GccLibrary.load(GccLibrary.compile(folder.resolve(file), source));
  }

  @Test
  void aStarInANameMeansAllLibrariesThatMatchAndHaveTheFunction() throws Exception {
    GccLibrary one = patterned("star/libstar-1.so", "long f(long a) { return a + 1; }");
    GccLibrary two = patterned("star/libstar-2.so.7", "long f(long a) { return a + 2; }");
    GccLibrary three = patterned("other/libstar-3.so", "long f(long a) { return a + 3; }");
    GccLibrary four = patterned("star/libstar-none.so", "long g(long a) { return a; }");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("star"));
    Path again = Files.createLink(folder.resolve("star/libstar-4.so"), one.file());
    GccLibrary.load(again);
    Calls calls =
        () -> {
          one.call("f", 4099, 7);
          two.call("f", 4099, 11);
          three.call("f", 4099, 13);
          four.call("g", 4099, 3);
        };
    Counted all = counted("p:libstar-*:f(long a):long:a", calls);
    assertThat(all.rows()).isEqualTo(Map.of(List.of("4099"), 31L));
    assertThat(all.attachPoints()).hasSize(3);
    assertThat(all.warnings()).isEmpty();
    for (String name : List.of("star-*", "st*r-*", "*tar-*", "libstar-*.so*", "*ibsta*")) {
      assertThat(counted("p:" + name + ":f()", calls).total()).as(name).isEqualTo(31);
    }
    assertThat(counted("p:*star-1:f()", calls).total()).isEqualTo(7);
    assertThat(counted("p:star-*.7:f()", calls).total()).isEqualTo(11);
    assertThat(counted("p:star-n*:g()", calls).total()).isEqualTo(3);
    assertThat(counted("r:star-*:f():long:$retval", calls).rows())
        .isEqualTo(Map.of(List.of("4100"), 7L, List.of("4101"), 11L, List.of("4102"), 13L));
    assertThat(counted("p:" + folder + "/star/libstar-*:f()", calls).total()).isEqualTo(18);
    assertThat(counted("p:" + link + "/lib*-2.so*:f()", calls).total()).isEqualTo(11);
    assertRefused(
        "p:star-*:h()", "/star/libstar-1.so", "have no function \"h\"", "libstar-none.so");
    assertWaits("p:stra-*:f()", "that matches \"stra-*\" is mapped yet: did you mean star");
    assertWaits("p:" + folder + "/star/x*:f()", "is mapped yet: ");
    assertWaits("p:" + folder + "/none/*star*:f()", "is mapped yet: ");
  }

  @Test
  void aStarMeansSixtyFourLibrariesAtMost() throws Exception {
    Path first = folder.resolve("many/libmany-0.so");
    List<GccLibrary> many = new ArrayList<>();
    many.add(patterned("many/libmany-0.so", "long f(long a) { return a; }"));
    for (int i = 1; i < 64; i++) {
      many.add(GccLibrary.load(Files.copy(first, folder.resolve("many/libmany-" + i + ".so"))));
    }
    Calls calls =
        () -> {
          for (GccLibrary library : many) {
            library.call("f", 1, 3);
          }
        };
    Counted all = counted("p:many-*:f()", calls);
    assertThat(all.total()).isEqualTo(192);
    assertThat(all.attachPoints()).hasSize(64);
    GccLibrary.load(Files.copy(first, folder.resolve("many/libmany-64.so")));
    assertRefused("p:many-*:f()", "65 libraries match, and 64 are allowed", "more of the name");
    assertThat(counted("p:many-1*:f()", calls).total()).isEqualTo(33);
  }

  private static GccLibrary versions() throws Exception {
    Path script = Files.writeString(folder.resolve("versions"), "V1 { *; };\nV2 { *; } V1;\n");
    return GccLibrary.load(
        GccLibrary.compile(
            folder.resolve("libversions.so"),
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <pthread.h>
            volatile long sink;
            __attribute__((noinline)) long apart_old(long a) { return sink += a; }
            __attribute__((noinline)) long apart_new(long a) { return sink -= a; }
            __attribute__((noinline)) long passed_new(long a) { return sink ^= a; }
            __attribute__((noinline)) long passed_old(long a) { return a < 0 ? -1 : passed_new(a); }
            __attribute__((noinline)) long same(long a) { return sink |= a; }
            __asm__(".symver apart_old,apart@V1\\n.symver apart_new,apart@@V2\\n"
                    ".symver passed_old,passed@V1\\n.symver passed_new,passed@@V2\\n"
                    ".symver same,alias@V1\\n.symver same,alias@@V2\\n");
            static long call(const char *name, const char *version, long a) {
              long (*f)(long) = dlvsym(dlopen("PATH", RTLD_NOW | RTLD_NOLOAD), name, version);
              return f ? f(a) : (*(volatile int *)0);
            }
            long apart_1(long a) { return call("apart", "V1", a); }
            long apart_2(long a) { return call("apart", "V2", a); }
            long passed_1(long a) { return call("passed", "V1", a); }
            long passed_2(long a) { return call("passed", "V2", a); }
            long alias_1(long a) { return call("alias", "V1", a); }
            long alias_2(long a) { return call("alias", "V2", a); }
            long libc_kill(long version) {
              int (*f)(pthread_t, int) =
                  dlvsym(RTLD_DEFAULT, "pthread_kill", version == 1 ? "GLIBC_2.2.5" : "GLIBC_2.34");
              return f ? f(pthread_self(), 0) : -1;
            }
            """
                .replace("PATH", folder.resolve("libversions.so").toString()),
            "-O2",
            "-Wl,-Bsymbolic",
            "-Wl,--version-script=" + script));
  }

  @Test
  void allVersionsOfASymbolAreProbed() throws Exception {
    GccLibrary library = versions();
    Calls calls =
        () -> {
          library.call("apart_1", 4, 7);
          library.call("apart_2", 4, 11);
        };
    Counted both = counted("p:versions:apart(long a):long:a", calls);
    assertThat(both.rows()).isEqualTo(Map.of(List.of("4"), 18L));
    assertThat(both.attachPoints())
        .anyMatch(point -> point.contains(":apart@V1"))
        .anyMatch(point -> point.contains(":apart@@V2"));
    assertThat(counted("r:versions:apart():u64:$latency/1000000000", calls).total()).isEqualTo(18);
    assertThat(counted("p:versions:apart@V1()", calls).total()).isEqualTo(7);
    assertThat(counted("p:versions:apart@V2()", calls).total()).isEqualTo(11);
    assertThat(counted("p:versions:apart@@V2()", calls).total()).isEqualTo(11);
    assertRefused(
        "p:versions:apart@V3()", "no version \"V3\" of \"apart\"", "there is apart@@V2, apart@V1");
  }

  @Test
  void anAddressOfTwoVersionsIsOnePlace() throws Exception {
    GccLibrary library = versions();
    Counted alias =
        counted(
            "p:versions:alias()",
            () -> {
              library.call("alias_1", 4, 7);
              library.call("alias_2", 4, 11);
            });
    assertThat(alias.total()).isEqualTo(18);
    assertThat(alias.attachPoints()).hasSize(1);
  }

  @Test
  void aVersionThatPassesItsCallsOnDoesNotCountThemTwice() throws Exception {
    GccLibrary library = versions();
    Calls calls =
        () -> {
          library.call("passed_1", 4, 7);
          library.call("passed_1", -4, 3);
          library.call("passed_2", 4, 11);
        };
    Counted all = counted("p:versions:passed()", calls);
    assertThat(all.total()).isEqualTo(18);
    assertThat(all.warnings())
        .singleElement()
        .asString()
        .contains("passed@V1 passes its calls on to passed@@V2")
        .contains("p:versions:passed@V1()");
    assertThat(counted("r:versions:passed():u64:$latency/1000000000", calls).total()).isEqualTo(18);
    assertThat(counted("p:versions:passed@V1()", calls).total()).isEqualTo(10);
  }

  /** On Temurin 25 libjvm is bound to the old ones. */
  @Test
  void oldVersionsOfLibcAreSeen() throws Exception {
    if (Architecture.current() != Architecture.X86_64) {
      System.err.println("libc has these versions on x86-64 only: skipped");
      return;
    }
    GccLibrary library = versions();
    if (library.call("libc_kill", 1) != 0 || library.call("libc_kill", 2) != 0) {
      System.err.println("this libc has not both versions of pthread_kill: skipped");
      assertThat(System.getProperty("jargdist.skips")).isNotEqualTo("forbidden");
      return;
    }
    Calls calls =
        () -> {
          library.call("libc_kill", 1, 7);
          library.call("libc_kill", 2, 11);
        };
    String rest = "(long thread, int signal):int:signal:signal==0";
    assertThat(counted("p:c:pthread_kill" + rest, calls).total()).isEqualTo(18);
    assertThat(counted("p:c:pthread_kill@GLIBC_2.2.5" + rest, calls).total()).isEqualTo(7);
    assertThat(counted("p:c:pthread_kill@GLIBC_2.34" + rest, calls).total()).isEqualTo(11);
  }

  private static final String CLONES =
      """
      #include <stdlib.h>
      volatile long sink;
      struct pair { long a, b; };
      static __attribute__((noinline)) long only_clone(struct pair *p, long unused) {
        sink += p->a;
        return sink + p->a;
      }
      __attribute__((noinline)) long both(long a, long b) {
        long s = 0;
        for (long i = 0; i < b; i++) { sink += a * i; s ^= sink * b; }
        return s;
      }
      long call_plain(long b) { return both(b, b); }
      long call_only(long times) {
        long s = 0;
        for (long i = 0; i < times; i++) { struct pair p = {i, i + 1}; s += only_clone(&p, i); }
        return s;
      }
      long call_both(long times) {
        long s = 0;
        for (long i = 0; i < times; i++) s += both(i, 7);
        return s;
      }
      __attribute__((noinline)) long with_piece(long a) {
        if (__builtin_expect(a == -1, 0)) { sink = a; abort(); }
        return sink + a;
      }
      long hidden_calls(long a);
      static __attribute__((noinline)) long hidden(long a) { return sink -= a; }
      long hidden_calls(long a) { return hidden(a) + hidden(a + 1); }
      """;

  private static Path clones(String name) throws Exception {
    return GccLibrary.compile(
        folder.resolve(name), CLONES, "-O3", "-fno-ipa-icf", "-fno-semantic-interposition");
  }

  @Test
  void whatTheCompilerMadeOfAFunctionIsTold() throws Exception {
    GccLibrary library = GccLibrary.load(clones("libclones.so"));
    Counted plain =
        counted(
            "p:clones:both()",
            () -> {
              library.call("call_both", 19, 1);
              library.call("call_plain", 3, 5);
            });
    assertThat(plain.total()).isEqualTo(5);
    assertThat(plain.warnings())
        .singleElement()
        .asString()
        .contains("The compiler made other functions of both")
        .contains("p:clones:both.constprop.0()");
    Counted clone = counted("p:clones:both.constprop.0()", () -> library.call("call_both", 19, 1));
    assertThat(clone.total()).isEqualTo(19);
    assertThat(clone.warnings())
        .singleElement()
        .asString()
        .contains("its parameters may be others than those of both");
  }

  @Test
  void aFunctionOfWhichOnlyACloneIsLeftIsNotTakenSilently() throws Exception {
    GccLibrary library = GccLibrary.load(clones("libonly.so"));
    String clone =
        assertThatRefusal("p:only:only_clone()")
            .replaceAll("(?s).*probe p:only:(only_clone[.a-z0-9]+)\\(\\).*", "$1");
    assertThat(clone).startsWith("only_clone.");
    assertThat(counted("p:only:" + clone + "()", () -> library.call("call_only", 20, 1)).total())
        .isEqualTo(20);
  }

  private static String assertThatRefusal(String specifier) {
    try {
      attach(specifier);
    } catch (ProbeException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError(specifier + " was accepted");
  }

  @Test
  void aPieceOfAFunctionIsNeitherAnOverloadNorAFunction() throws Exception {
    GccLibrary library = GccLibrary.load(clones("libpiece.so"));
    Counted whole = counted("r:piece:with_piece()", () -> library.call("with_piece", 1, 17));
    assertThat(whole.total()).isEqualTo(17);
    assertThat(whole.warnings()).isEmpty();
    assertRefused(
        "p:piece:with_piece.cold()", "it is no function but a piece", "p:piece:with_piece()");
    assertRefused("r:piece:with_piece.cold()", "it is no function but a piece");
  }

  private static void assertHiddenIsSeen(Path file) throws Exception {
    GccLibrary library = GccLibrary.load(file);
    Counted hidden = counted("p:" + file + ":hidden()", () -> library.call("hidden_calls", 5, 6));
    assertThat(hidden.total()).isEqualTo(12);
  }

  private static void strip(Path file) throws Exception {
    GccLibrary.run("strip", "--strip-all", file.toString());
  }

  private static Path debugFileOf(Path file, Path debug) throws Exception {
    Files.createDirectories(debug.getParent());
    GccLibrary.run("objcopy", "--only-keep-debug", file.toString(), debug.toString());
    return debug;
  }

  @Test
  void aStrippedFileIsSaidToBeStripped() throws Exception {
    Path file = clones("libstripped.so");
    strip(file);
    GccLibrary.load(file);
    assertRefused(
        "p:stripped:hidden()",
        "has no function \"hidden\"",
        "is stripped",
        "install its debug symbols",
        "/usr/lib/debug/.build-id/");
  }

  @Test
  void symbolsOfALinkedFileAreFoundBesideItAndInItsFolder() throws Exception {
    for (String place : List.of("libbeside.debug", ".debug/libbelow.debug")) {
      Path file = clones(place.replaceFirst(".*/", "").replace(".debug", ".so"));
      Path debug = debugFileOf(file, folder.resolve(place));
      strip(file);
      GccLibrary.run("objcopy", "--add-gnu-debuglink=" + debug, file.toString());
      assertHiddenIsSeen(file);
    }
  }

  @Test
  void aLinkedFileOfAnotherBuildIsNotTaken() throws Exception {
    Path file = clones("libmixed.so");
    Path debug = debugFileOf(file, folder.resolve("libmixed.debug"));
    strip(file);
    GccLibrary.run("objcopy", "--add-gnu-debuglink=" + debug, file.toString());
    Files.write(debug, new byte[1], StandardOpenOption.APPEND);
    GccLibrary.load(file);
    assertRefused(
        "p:mixed:hidden()", "is stripped", "not taken: ", "(its checksum is another one)");
    Path other = GccLibrary.compile(folder.resolve("libother.so"), "long hidden(long a);", "-O2");
    debugFileOf(other, debug);
    assertRefused("p:mixed:hidden()", "(it belongs to another build)");
  }

  @Test
  void symbolsAreFoundByTheBuildId() throws Exception {
    String id = "6a61726764697374" + Long.toHexString(ProcessHandle.current().pid() | 1L << 60);
    Path file =
        GccLibrary.compile(folder.resolve("libbuilt.so"), CLONES, "-O3", "-Wl,--build-id=0x" + id);
    Path tree = Path.of("/usr/lib/debug/.build-id", id.substring(0, 2));
    boolean existed = Files.isDirectory(tree);
    Path debug = tree.resolve(id.substring(2) + ".debug");
    try {
      debugFileOf(file, debug);
      strip(file);
      assertHiddenIsSeen(file);
    } finally {
      Files.deleteIfExists(debug);
      if (!existed) {
        Files.deleteIfExists(tree);
      }
    }
  }

  @Test
  void symbolsThatAFileHasCompressedInItselfAreFound() throws Exception {
    Path file = clones("libmini.so");
    Path mini = debugFileOf(file, folder.resolve("mini"));
    strip(file);
    GccLibrary.run("xz", mini.toString());
    GccLibrary.run("objcopy", "--add-section", ".gnu_debugdata=" + mini + ".xz", file.toString());
    assertHiddenIsSeen(file);
  }

  @Test
  void anIndirectFunctionNamesWhatCanBeProbed() throws Exception {
    GccLibrary library =
        GccLibrary.load(
            GccLibrary.compile(
                folder.resolve("libpicks.so"),
                """
                volatile long sink;
                __attribute__((noinline)) long __picked_fast(long a) { return sink += a; }
                static void *choose(void) { return __picked_fast; }
                long picked(long a) __attribute__((ifunc("choose")));
                long __picked_chk(long a) __attribute__((ifunc("choose")));
                """,
                "-O2"));
    assertRefused("p:picks:picked()", "it is an IFUNC", "calls go to: __picked_fast");
    assertThat(counted("p:picks:__picked_fast()", () -> library.call("picked", 1, 23)).total())
        .isEqualTo(23);
  }
}
