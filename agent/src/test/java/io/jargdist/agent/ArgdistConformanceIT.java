/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.ConcurrentTest;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * bcc's argdist and ours on the same process, over the same calls: the same text. The intended
 * differences are in docs/specifier-language.md ({@link ArgdistDifferencesIT}).
 */
class ArgdistConformanceIT {
  private static final Pattern ROW = Pattern.compile("\\s*(-?\\d+) -> -?\\d+\\s*: (\\d+)\\s*\\|.*");

  private static final String WRITE = "p:c:write(int fd, const void *buf, size_t count)";
  private static final String READ = "r:c:read(int fd, void *buf, size_t count)";
  private static final String WAIT = "r:JVM@:JVM_MonitorWait(void *env, void *obj, long ms)";
  private static final String SIZES = WRITE + ":size_t:count:count==4099||count==1021||count==5003";
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
          WAIT + ":long:$entry(ms):$entry(ms)==7",
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

  /** Times in microseconds of calls that take a few milliseconds. */
  private static final List<String> LATENCIES =
      List.of(
          WAIT + ":u64:$latency/1000:$entry(ms)==7#latency of 7 ms",
          WAIT + ":u64:$latency/1000:$entry(ms)==2||$entry(ms)==37#latency of others");

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
          "wait 5 2",
          "wait 2 37",
          "gc 3",
          "thread 7 somebody");

  @ConcurrentTest
  void rowsAreThoseOfArgdist() throws Exception {
    List<String> words = new ArrayList<>(List.of("-c"));
    COUNTS.forEach(each -> words.addAll(List.of("-C", each)));
    HISTOGRAMS.forEach(each -> words.addAll(List.of("-H", each)));
    LATENCIES.forEach(each -> words.addAll(List.of("-H", each)));
    try (Target target = target();
        Pair pair = Pair.of(target, words)) {
      pair.awaitFirstPrints();
      for (String command : COMMANDS) {
        target.run(command);
      }
      List<List<String>> prints = DisplayTool.nextPrints(pair.argdist, pair.jargdist);
      List<String> theirs = prints.get(0);
      List<String> ours = prints.get(1);
      assertThat(ordered(beforeLatencies(ours))).isEqualTo(ordered(beforeLatencies(theirs)));
      for (String label : List.of("latency of 7 ms", "latency of others")) {
        assertNear(buckets(ours, label), buckets(theirs, label));
      }
      assertThat(buckets(ours, "latency of 7 ms").values().stream().mapToLong(n -> n).sum())
          .isEqualTo(3);
    }
  }

  @ConcurrentTest
  void optionsMeanWhatTheyMeanToArgdist() throws Exception {
    String longName = "/no/such/long/" + "x".repeat(120);
    String longNames = "p:c:access(char *path):char*:path:STRCMP(\"/no/such/long\", path)";
    String names = "p:c:access(char *path):char*:path:STRCMP(\"/no/such/\", path)";
    String own = SYSCALL + "sys_enter_write():u64:args->count";
    String done = SYSCALL + "sys_exit_write():long:args->ret";
    try (Target target = target();
        Pair top = Pair.of(target, "-T", "2", "-z", "100", "-C", longNames, "-C", SIZES);
        Pair all = Pair.of(target, "-T", "0", "-z", "9", "-C", names, "-C", SIZES);
        Pair most = Pair.of(target, "-T", "-1", "-C", SIZES, "-C", "p:c:fsync()");
        Pair thread =
            Pair.of(target, "-t", "" + target.mainThread(), "-C", own, "-H", done + "#of main")) {
      List<Pair> pairs = List.of(top, all, most, thread);
      pairs.forEach(Pair::awaitFirstPrints);
      for (String command : COMMANDS.subList(0, 3)) {
        target.run(command);
      }
      target.run("fsync 13");
      target.run("access 5 " + longName);
      target.run("access 7 /no/such/file");
      List<List<String>> prints =
          DisplayTool.nextPrints(
              pairs.stream()
                  .flatMap(pair -> Stream.of(pair.argdist, pair.jargdist))
                  .toArray(DisplayTool[]::new));
      for (int theirs = 0; theirs < prints.size(); theirs += 2) {
        assertThat(prints.get(theirs)).anyMatch(line -> line.matches("\t[1-9]\\d* .*"));
        assertThat(ordered(withoutMarks(prints.get(theirs + 1))))
            .isEqualTo(ordered(prints.get(theirs)));
      }
    }
  }

  /** Argdist does not tell which texts are cut. */
  private static List<String> withoutMarks(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll("'\\.{3}$", "'")).toList();
  }

  @ConcurrentTest
  void printsComeAndEndAsThoseOfArgdist() throws Exception {
    try (Target target = target();
        Pair number = Pair.once(target, "-i", "1", "-n", "2", "-C", SIZES, "-H", "r:c:fsync()");
        Pair duration = Pair.once(target, "-i", "2", "-d", "3", "-C", SIZES)) {
      for (Pair pair : List.of(number, duration)) {
        assertThat(pair.argdist.exit()).as(pair.argdist.errors()).isZero();
        assertThat(pair.jargdist.exit()).as(pair.jargdist.errors()).isZero();
        assertThat(withoutTime(pair.jargdist)).isEqualTo(withoutTime(pair.argdist));
        assertThat(withoutTime(pair.jargdist)).filteredOn("[time]"::equals).hasSize(2);
      }
      List<LocalTime> times =
          duration.jargdist.lines().stream()
              .filter(DisplayTool::isClock)
              .map(line -> LocalTime.parse(line.substring(1, line.length() - 1)))
              .toList();
      assertThat(Duration.between(times.get(0), times.get(1)).plusDays(1).toSeconds() % 86400)
          .isBetween(1L, 3L);
    }
  }

  private static List<String> withoutTime(DisplayTool tool) throws IOException {
    return tool.lines().stream().map(line -> DisplayTool.isClock(line) ? "[time]" : line).toList();
  }

  private static Target target() throws IOException {
    DisplayTool.needArgdist();
    return Target.start(Jdks.own(), null, List.of("-XX:+UseG1GC"));
  }

  /** Both programs, with the same arguments. */
  private record Pair(DisplayTool argdist, DisplayTool jargdist) implements AutoCloseable {
    static Pair of(Target target, String... words) throws IOException {
      List<String> all = new ArrayList<>(List.of("-c"));
      all.addAll(List.of(words));
      return of(target, all);
    }

    static Pair once(Target target, String... words) throws IOException {
      return of(target, List.of(words));
    }

    static Pair of(Target target, List<String> words) throws IOException {
      List<String> arguments = new ArrayList<>(List.of("-p", Long.toString(target.pid())));
      String libjvm = DisplayTool.libjvm(target.pid());
      words.forEach(word -> arguments.add(word.replace("JVM@", libjvm)));
      return new Pair(DisplayTool.argdist(arguments), DisplayTool.jargdist(arguments));
    }

    void awaitFirstPrints() {
      argdist.awaitFirstPrint();
      jargdist.awaitFirstPrint();
    }

    @Override
    public void close() throws IOException {
      argdist.close();
      jargdist.close();
    }
  }

  private static List<String> beforeLatencies(List<String> lines) {
    int end = 0;
    while (end < lines.size() && !lines.get(end).strip().startsWith("latency of")) {
      end++;
    }
    return lines.subList(0, end);
  }

  /** The rows of the histogram of a label: its buckets' lower bounds and their counts. */
  private static Map<Long, Long> buckets(List<String> lines, String label) {
    Map<Long, Long> buckets = new TreeMap<>();
    boolean here = false;
    for (String line : lines) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && here) {
        buckets.put(Long.valueOf(row.group(1)), Long.valueOf(row.group(2)));
      } else if (!row.matches()) {
        here = line.strip().startsWith(label);
      }
    }
    return buckets;
  }

  /** Equal counts, and each value in the same bucket or in one beside it. */
  private static void assertNear(Map<Long, Long> ours, Map<Long, Long> theirs) {
    assertThat(upTo(Long.MAX_VALUE, ours)).isPositive().isEqualTo(upTo(Long.MAX_VALUE, theirs));
    for (long low = 2; low < 1L << 40; low *= 2) {
      assertThat(upTo(low, ours))
          .as(ours + " and " + theirs)
          .isBetween(upTo(low / 2, theirs), upTo(low * 2, theirs));
    }
  }

  private static long upTo(long low, Map<Long, Long> buckets) {
    return buckets.entrySet().stream()
        .filter(bucket -> bucket.getKey() <= low)
        .mapToLong(Map.Entry::getValue)
        .sum();
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
        .forEach(
            row ->
                result.add(String.format(Locale.ROOT, "\t%-10d %s", row.getValue(), row.getKey())));
    rows.clear();
  }
}
