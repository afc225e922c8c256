/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import io.jargdist.specifier.Expression.BuiltinFunction;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows the words of people who know C, Python, SQL, bpftrace or the kernel's helpers, and what to
 * write instead. Such a hint is given only for a word that has no meaning where it stands.
 */
final class OtherWords {
  private static final Map<String, String> PROBE_TYPES =
      Map.ofEntries(
          Map.entry("uprobe", "p:LIBRARY:FUNCTION()"),
          Map.entry("uretprobe", "r:LIBRARY:FUNCTION()"),
          Map.entry("kprobe", "p::FUNCTION()"),
          Map.entry("fentry", "p::FUNCTION()"),
          Map.entry("kfunc", "p::FUNCTION()"),
          Map.entry("kretprobe", "r::FUNCTION()"),
          Map.entry("fexit", "r::FUNCTION()"),
          Map.entry("kretfunc", "r::FUNCTION()"),
          Map.entry("tracepoint", "t:CATEGORY:EVENT()"),
          Map.entry("rawtracepoint", "t:CATEGORY:EVENT()"),
          Map.entry("usdt", "u:LIBRARY:PROBE()"),
          Map.entry("k", "p::FUNCTION()"),
          Map.entry("kr", "r::FUNCTION()"),
          Map.entry("ur", "r:LIBRARY:FUNCTION()"),
          Map.entry("U", "u:LIBRARY:PROBE()"),
          Map.entry("P", "p:LIBRARY:FUNCTION()"),
          Map.entry("R", "r:LIBRARY:FUNCTION()"),
          Map.entry("T", "t:CATEGORY:EVENT()"));

  private static final Map<String, String> OPERATORS =
      Map.of("and", "&&", "or", "||", "not", "!", "AND", "&&", "OR", "||", "NOT", "!", "mod", "%");

  private static final String NO_ERRNO =
      "errno cannot be read; a system call's tracepoint has it, negated:"
          + " t:syscalls:sys_exit_read():long:args->ret:args->ret<0";

  private static final String NOT_KNOWN = "of who calls, there are $PID, $TID, $COMM and $CPU";

  private static final String CONTAINS =
      BuiltinFunction.STRSTR.form() + " says whether the text is in the string";
  private static final String ENDS =
      BuiltinFunction.STRENDS.form() + " says whether the string ends with the text";

  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("errno", NO_ERRNO),
          Map.entry("comm", "the thread's name is $COMM"),
          Map.entry("execname", "the thread's name is $COMM"),
          Map.entry("pid", "the process is $PID, the thread $TID"),
          Map.entry("tgid", "the process is $PID"),
          Map.entry("tid", "the thread is $TID"),
          Map.entry("retval", "did you mean $retval?"),
          Map.entry("ret", "did you mean $retval?"),
          Map.entry("latency", "did you mean $latency?"),
          Map.entry("elapsed", "did you mean $latency?"),
          Map.entry("entry", "did you mean $entry(parameter)?"),
          Map.entry("nsecs", "there is no clock; $latency of r: is the time of a call"),
          Map.entry("uid", NOT_KNOWN),
          Map.entry("gid", NOT_KNOWN),
          Map.entry("username", NOT_KNOWN),
          Map.entry("cpu", "the processor is $CPU"),
          Map.entry("ustack", NOT_KNOWN),
          Map.entry("kstack", NOT_KNOWN),
          Map.entry("curtask", NOT_KNOWN),
          Map.entry("null", "write 0"),
          Map.entry("nullptr", "write 0"),
          Map.entry("true", "write 1"),
          Map.entry("false", "write 0"));

  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("hist", "-H makes a histogram of the value"),
          Map.entry(
              "lhist", "-H makes a histogram of the value, with --buckets linear(MIN,MAX,STEP)"),
          Map.entry("count", "-C counts"),
          Map.entry("sum", "-S adds the value up: -S ...:TYPE:EXPRESSION"),
          Map.entry("avg", "-H with --stats shows count, mean and percentiles of the value"),
          Map.entry("min", "-H with --stats shows count, mean and percentiles of the value"),
          Map.entry("max", "-H with --stats shows count, mean and percentiles of the value"),
          Map.entry("stats", "-H with --stats shows count, mean and percentiles of the value"),
          Map.entry("str", "the type char* makes it a text: function(char *name):char*:name"),
          Map.entry("kstr", "the type char* makes it a text: function(char *name):char*:name"),
          Map.entry("errno", NO_ERRNO),
          Map.entry("strstr", CONTAINS),
          Map.entry("strcontains", CONTAINS),
          Map.entry("contains", CONTAINS),
          Map.entry("strrchr", ENDS),
          Map.entry("endswith", ENDS),
          Map.entry("bswap", "ntohs(number) and ntohl(number) swap the bytes of 2 and of 4 bytes"),
          Map.entry("be16toh", "write ntohs(number)"),
          Map.entry("be32toh", "write ntohl(number)"),
          Map.entry("bpf_ntohs", "write ntohs(number)"),
          Map.entry("bpf_ntohl", "write ntohl(number)"),
          Map.entry("ntop", "$IP(address), as a key of type char*, is an internet address as text"),
          Map.entry(
              "inet_ntop", "$IP(address), as a key of type char*, is an internet address as text"),
          Map.entry("htons", "write ntohs(number), which does the same"),
          Map.entry("htonl", "write ntohl(number), which does the same"),
          Map.entry("bpf_get_smp_processor_id", "the processor is $CPU"),
          Map.entry("bpf_get_current_pid_tgid", "the process is $PID, the thread $TID"),
          Map.entry("bpf_get_current_comm", "the thread's name is $COMM"),
          Map.entry("bpf_ktime_get_ns", "$latency of r: is the time of a call"));

  private OtherWords() {}

  /** Returns how a probe of another tool begins here; null if the word is none. */
  static @Nullable String probeType(String word) {
    return PROBE_TYPES.get(word.startsWith("uprobe") ? "uprobe" : word);
  }

  /** Returns the operator that a word means; null if it is none. */
  static @Nullable String operator(@Nullable String word) {
    return word == null ? null : OPERATORS.get(word);
  }

  /** Returns what to write for a value of this name; null if that is not known. */
  static @Nullable String value(String name) {
    String operator = OPERATORS.get(name);
    return operator == null ? VALUES.get(name) : "write " + operator + " for " + name;
  }

  /** Returns what to write instead of a call; null if that is not known. */
  static @Nullable String function(String name) {
    return FUNCTIONS.get(name);
  }
}
