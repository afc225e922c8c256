/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Skips;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * bcc's argdist and ours on the same process, over the same calls: the same text. What differs on
 * purpose is in docs/specifier-language.md.
 *
 * <p>argdist runs with one repair: its Python code passes six of seven arguments to {@code
 * bpf_attach_uprobe}, so that the offset of a reference counter is whatever is on the stack, and
 * the kernel refuses a second probe of a function whose offset differs.
 */
class ArgdistConformanceIT {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path ARGDIST = Path.of("/usr/sbin/argdist-bpfcc");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String WRITE = "p:c:write(int fd, const void *buf, size_t count)";
  private static final String READ = "r:c:read(int fd, void *buf, size_t count)";
  private static final String TWO_SIZES = "count==4099||count==1021";
  private static final String SYSCALL = "t:syscalls:";

  /** Only the workload makes these calls, or has these values. {@code JVM@} is libjvm's path. */
  private static final List<String> COUNTS =
      List.of(
          "p:c:fsync()",
          "p:c:fsync()#label here",
          "p:c:fsync()#",
          "r:c:fsync()",
          "r:c:fsync()#ret",
          "p:c:fsync(int fd):int:fd",
          "r:c:fsync(int fd):int,u32:$retval,$PID:$latency > 0 && $entry(fd) > 2",
          WRITE + ":int,size_t:fd,count:" + TWO_SIZES + "||count==5003",
          WRITE + ":size_t:count+fd:" + TWO_SIZES,
          WRITE + ":u32:$PID:count==4099",
          WRITE + ":u32,u16:__tgid,count&0xff:count==4099",
          WRITE + ":u8,unsigned char,short,long long:count,count,count,count:" + TWO_SIZES,
          "p:c:access(const char *path):char*:path:STRCMP(\"/no/such\", path)",
          "r:c:access(char *path):int:$retval:STRCMP(\"/no/such\", $entry(path))",
          "r:c:access(char *path):char *,int:$entry(path),$retval:STRCMP(\"/no/such\","
              + " $entry(path))",
          "p:c:access(void *path):void *:path:STRCMP(\"/no/such/file\", path)",
          READ + ":u64,size_t:$retval,$entry(count):$entry(count)==4099",
          "p:c:lseek64(int fd, long offset, int whence):int,long:whence,offset:offset==4099",
          "p:c:lseek64(int fd, long offset):long,int,s64:-offset,0-5,offset-5000:offset==4099",
          "r:JVM@:JVM_MonitorWait(void *env, void *obj, long ms):long:$entry(ms):$entry(ms)==7",
          "p:JVM@:JVM_GC()",
          "u:JVM@:gc__begin():int:arg1:arg1==1",
          "u:JVM@:thread__start():char*,u64:arg1,arg2:STRCMP(\"some\",arg1)",
          SYSCALL + "sys_enter_lseek():u64,u32:args->offset,args->whence:args->offset==4099",
          SYSCALL + "sys_exit_fsync():long:args->ret",
          SYSCALL + "sys_enter_fsync()",
          "p:c:ftruncate64(int fd):int:fd",
          "r:c:ftruncate64()#none");

  private static final List<String> HISTOGRAMS =
      List.of(
          "r:c:fsync()",
          "r:c:fsync()#fsync results",
          "p:c:malloc(size_t size):size_t:size:size==40960",
          WRITE + ":size_t:count:" + TWO_SIZES + "||count==5003#bytes written",
          WRITE + ":u64:count<<30:" + TWO_SIZES,
          "r:c:read():u64:$retval:$retval==4099",
          READ + ":size_t:$entry(count):$entry(count)==4099",
          SYSCALL + "sys_enter_write():u64:args->count:args->count==4099||args->count==1021",
          SYSCALL + "sys_exit_read():long:args->ret:args->ret==4099#a label longer than the column",
          "r:c:ftruncate64()");

  private static final List<String> COMMANDS =
      List.of(
          "write 31 4099",
          "write 17 1021",
          "write 2 5003",
          "read 29 4099",
          "lseek 23 4099",
          "fsync 13",
          "malloc 19 40960",
          "access 11 /no/such/file",
          "access 7 /no/such/o'brien",
          "access 5 /no/such/\"quote\"",
          "access 3 /no/such/\\t\"'",
          "access 13 /no/such/\u00e9t\u00e9",
          "wait 3 7",
          "gc 3",
          "thread 7 somebody");

  @TempDir Path folder;

  @Test
  void rowsAreThoseOfArgdist() throws Exception {
    List<String> words = new ArrayList<>();
    COUNTS.forEach(each -> words.addAll(List.of("-C", each)));
    HISTOGRAMS.forEach(each -> words.addAll(List.of("-H", each)));
    compare(words, COMMANDS);
  }

  @Test
  void onlyTheMostFrequentRowsAreShown() throws Exception {
    String sizes = WRITE + ":size_t:count:" + TWO_SIZES + "||count==5003";
    List<String> commands = COMMANDS.subList(0, 3);
    compare(List.of("-T", "2", "-H", sizes, "-C", sizes, "-C", "p:c:fsync()"), commands);
  }

  private void compare(List<String> words, List<String> commands) throws Exception {
    Path headers = Path.of("/lib/modules", release(), "build");
    Skips.unless(Files.exists(ARGDIST), "argdist is not here (Debian: bpfcc-tools)");
    Skips.unless(Files.exists(headers), headers + " is not here (Debian: linux-headers-amd64)");
    Skips.unless("root".equals(System.getProperty("user.name")), "argdist needs root");
    try (Target target = Target.start(Jdks.own(), null, List.of("-XX:+UseG1GC"))) {
      List<String> arguments = new ArrayList<>(List.of("-p", Long.toString(target.pid()), "-c"));
      String libjvm = libjvm(target.pid());
      words.forEach(word -> arguments.add(word.replace("JVM@", libjvm)));
      Tool argdist = start("argdist", List.of(PYTHON.toString(), "-u", repaired()), arguments);
      Tool jargdist =
          start(
              "jargdist",
              List.of(
                  Jdks.own().resolve("bin/java").toString(),
                  "-jar",
                  Target.JAR.toString(),
                  "--max-overhead",
                  "0"),
              arguments);
      try {
        await().atMost(PATIENCE).until(() -> argdist.prints() > 0 && jargdist.prints() > 0);
        for (String command : commands) {
          target.run(command);
        }
        assertThat(ordered(jargdist.nextPrint())).isEqualTo(ordered(argdist.nextPrint()));
      } finally {
        argdist.process.destroy();
        jargdist.process.destroy();
      }
    }
  }

  /**
   * Rows of equal counts in one order: argdist's is that of the kernel's hash table. And text that
   * argdist splits into several rows, by what lies behind its end, in one.
   */
  private static List<String> ordered(List<String> lines) {
    List<String> result = new ArrayList<>();
    Map<String, Long> rows = new TreeMap<>();
    for (String line : lines) {
      if (line.matches("\t\\d+ .*")) {
        rows.merge(line.substring(12), Long.valueOf(line.substring(1, 11).strip()), Long::sum);
      } else {
        flush(rows, result);
        result.add(line);
      }
    }
    flush(rows, result);
    return result;
  }

  private static void flush(Map<String, Long> rows, List<String> result) {
    rows.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .forEach(row -> result.add("\t%-10d %s".formatted(row.getValue(), row.getKey())));
    rows.clear();
  }

  private String repaired() throws IOException {
    return Files.writeString(
            folder.resolve("argdist.py"),
            """
            import bcc, ctypes, runpy, sys
            lib = bcc.libbcc.lib
            attach = lib.bpf_attach_uprobe
            if len(attach.argtypes) == 6:
                attach.argtypes = attach.argtypes + [ctypes.c_uint]
                lib.bpf_attach_uprobe = lambda *arguments: attach(*arguments, 0)
            runpy.run_path("%s", run_name="__main__")
            """
                .formatted(ARGDIST))
        .toString();
  }

  private Tool start(String name, List<String> command, List<String> arguments) throws IOException {
    List<String> words = new ArrayList<>(command);
    words.addAll(arguments);
    Path out = folder.resolve(name + ".out");
    Path err = folder.resolve(name + ".err");
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new Tool(process, out, err);
  }

  private record Tool(Process process, Path out, Path err) {
    /** How many prints have begun. */
    long prints() throws IOException {
      assertThat(process.isAlive()).as(Files.readString(err) + Files.readString(out)).isTrue();
      return lines().stream().filter(Tool::isClock).count();
    }

    /**
     * The next print but one, without what only we print: what was lost. The next one may show what
     * was read before now.
     */
    List<String> nextPrint() throws IOException {
      long before = prints();
      await().atMost(PATIENCE).until(() -> prints() > before + 2);
      List<String> found = new ArrayList<>();
      long print = 0;
      for (String line : lines()) {
        if (isClock(line)) {
          print++;
        } else if (print == before + 2 && !line.startsWith("lost ")) {
          found.add(line);
        }
      }
      return found;
    }

    private List<String> lines() throws IOException {
      return Files.readString(out, StandardCharsets.UTF_8).lines().toList();
    }

    private static boolean isClock(String line) {
      return line.matches("\\[\\d\\d:\\d\\d:\\d\\d]");
    }
  }

  private static String release() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
  }

  private static String libjvm(long pid) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid), "maps"))
        .lines()
        .filter(line -> line.endsWith("/libjvm.so"))
        .map(line -> line.substring(line.indexOf('/')))
        .findFirst()
        .orElseThrow();
  }
}
