/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.samples.bench.Argdist;
import io.jargdist.testing.Command;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What docs/specifier-language.md lists as different from argdist is different: a row of it that is
 * not true any more of argdist fails here. Not here are those that argdist does not do each time
 * (losing events between two prints, several rows of one text, the order of rows with equal counts,
 * a probe that cannot be attached), and {@code -i 0}, with which it does not stop.
 */
class ArgdistDifferencesIT {
  private static final String FAILED = "r:c:access(char *path)";
  private static final String ONLY_OURS = ":STRCMP(\"/no/such\", $entry(path))";
  private static final String OPENED = "t:syscalls:sys_enter_openat()";
  private static final String SEEK = "p:c:lseek64(int fd, long offset)";

  /** What argdist does not take, by what it says, a regular expression. */
  private static final Map<String, String> REFUSED_BY_ARGDIST = new LinkedHashMap<>();

  static {
    REFUSED_BY_ARGDIST.put("p:c:read(int fd):int:fd:fd>2?1:0", "extraneous");
    REFUSED_BY_ARGDIST.put("p:c:open(char *f):int:STREQ(\"a,b\", f)", "mismatched");
    REFUSED_BY_ARGDIST.put("p:c:open(char *f):int:1:STRCMP(\":\", f)", "extraneous");
    REFUSED_BY_ARGDIST.put("p:jvm:G1CollectedHeap::collect():int:1", "extraneous");
    REFUSED_BY_ARGDIST.put("p:jvm:JVM_GC()", "Can't mix strings and bytes");
    REFUSED_BY_ARGDIST.put("u:jvm:gc__begin()", "USDT failed");
    REFUSED_BY_ARGDIST.put("p:c:read(int fd):int:fd/3", "LLVM ERROR|unsupported signed division");
    REFUSED_BY_ARGDIST.put("p:c:read():char*:$COMM", "Failed to compile");
    REFUSED_BY_ARGDIST.put(
        "p:c:qsort(void *b, size_t n, size_t w, int (*c)(void *, void *)):size_t:n",
        "Failed to compile");
  }

  @Test
  void whatArgdistShowsWrongOrNotAtAllIsShown() throws Exception {
    DisplayTool.needArgdist();
    try (Target target = Target.start(Jdks.own(), null, List.of("-XX:+UseG1GC"))) {
      List<String> both =
          accumulating(
              target, "-t", Integer.toString(target.mainThread()), "-C", "p:c:fsync()#a#b");
      List<String> shown =
          accumulating(
              target,
              "-C",
              OPENED + ":s64:args->dfd:STRCMP(\"/etc/passwd\", args->filename)",
              "-C",
              FAILED + ":char,bool:$retval,$retval" + ONLY_OURS,
              "-H",
              FAILED + ":int:$retval" + ONLY_OURS + "#as int",
              "-H",
              SEEK + ":long:-offset:offset==4099#as long");
      List<String> argdists =
          accumulating(
              target,
              "-C",
              "u:" + DisplayTool.libjvm(target.pid()) + ":gc__begin():int:arg10",
              "-C",
              "p:c:fsync():u32:bpf_get_smp_processor_id()*0");
      try (DisplayTool argdistThread = DisplayTool.argdist(both);
          DisplayTool jargdistThread = DisplayTool.jargdist(both);
          DisplayTool argdist = DisplayTool.argdist(shown);
          DisplayTool jargdist = DisplayTool.jargdist(shown);
          DisplayTool only = DisplayTool.argdist(argdists)) {
        List.of(argdistThread, jargdistThread, argdist, jargdist, only)
            .forEach(DisplayTool::awaitFirstPrint);
        target.run("fsync 13");
        target.run("access 7 /no/such/file");
        target.run("lseek 5 4099");
        target.run("open 3 /etc/passwd");
        target.run("gc 3");
        assertThat(argdist.errors()).contains(Argdist.REPAIRED);

        List<List<String>> prints =
            DisplayTool.nextPrints(argdistThread, jargdistThread, argdist, jargdist, only);
        assertThat(prints.get(0))
            .containsExactly("p:c:fsync()#a#b", "\tCOUNT      EVENT", "\t13         total calls");
        assertThat(prints.get(1)).containsExactly("a#b", "\tCOUNT      EVENT");

        // glibc 2.41 passes the whole register, earlier ones the lower half of it.
        assertThat(prints.get(2))
            .containsAnyOf("\t3          args->dfd = 4294967196", "\t3          args->dfd = -100")
            .contains("\t7          $retval = b'\\xff', $retval = True")
            .noneMatch(line -> line.contains("as int"))
            .anyMatch(
                line ->
                    line.strip().startsWith("9223372036854775808 -> 18446744073709551615 : 5 "));
        assertThat(prints.get(3))
            .contains("\t3          args->dfd = -100")
            .contains("\t7          $retval = -1, $retval = 1")
            .anyMatch(line -> line.matches(" *-1 -> -1 +: 7 .*"))
            .anyMatch(line -> line.matches(" *-8191 -> -4096 +: 5 .*"));

        assertThat(prints.get(4))
            .contains("\t3          arg10 = 1")
            .contains("\t13         bpf_get_smp_processor_id()*0 = 0");
      }
      assertThat(refusal(target, "u:jvm:gc__begin():int:arg10")).contains("there is no arg10 here");
      assertThat(refusal(target, "p:c:fsync():u32:bpf_get_smp_processor_id()*0"))
          .contains("functions cannot be called");
    }
  }

  private static String refusal(Target target, String specifier) throws Exception {
    Command.Result result =
        Command.jargdist("-p", Long.toString(target.pid()), "-n", "1", "-C", specifier);
    assertThat(result.exit()).isEqualTo(1);
    return result.err();
  }

  @Test
  void whatArgdistRefusesIsAccepted() throws Exception {
    DisplayTool.needArgdist();
    try (Target target = Target.start(Jdks.own(), null, List.of("-XX:+UseG1GC"))) {
      List<String> ours = arguments(target, List.of("-n", "1"));
      Map<DisplayTool, String> theirs = new LinkedHashMap<>();
      for (Map.Entry<String, String> each : REFUSED_BY_ARGDIST.entrySet()) {
        ours.addAll(List.of("-C", each.getKey()));
        if (!each.getKey().contains("$COMM") || !Argdist.knowsComm()) {
          theirs.put(argdist(target, "-C", each.getKey()), each.getValue());
        }
      }
      String once = "t:syscalls:sys_enter_fsync()";
      ours.addAll(List.of("-C", once, "-C", once + "#again"));
      theirs.put(argdist(target, "-C", once, "-C", once + "#again"), "Failed to compile");
      for (Map.Entry<DisplayTool, String> each : theirs.entrySet()) {
        try (DisplayTool argdist = each.getKey()) {
          assertThat(argdist.exit()).as(each.getValue()).isNotZero();
          assertThat(argdist.errors() + argdist.lines()).containsPattern(each.getValue());
        }
      }
      try (DisplayTool jargdist = DisplayTool.jargdist(ours)) {
        assertThat(jargdist.exit()).as(jargdist.errors()).isZero();
        assertThat(jargdist.lines()).filteredOn("\tCOUNT      EVENT"::equals).hasSize(11);
      }
    }
  }

  private static DisplayTool argdist(Target target, String... words) throws IOException {
    return DisplayTool.argdist(arguments(target, List.of("-n", "1"), words));
  }

  private static List<String> accumulating(Target target, String... words) {
    return arguments(target, List.of("-c"), words);
  }

  private static List<String> arguments(Target target, List<String> options, String... words) {
    List<String> arguments = new ArrayList<>(List.of("-p", Long.toString(target.pid())));
    arguments.addAll(options);
    arguments.addAll(List.of(words));
    return arguments;
  }
}
