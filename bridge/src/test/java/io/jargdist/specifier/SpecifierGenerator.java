/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes specifiers at random: what the grammar allows, most of it meaningful. The same seed gives
 * the same specifiers.
 */
public final class SpecifierGenerator {
  /**
   * The place of a probe, and the names that its expressions can use.
   *
   * @param text up to the closing parenthesis
   * @param numbers expressions that are numbers there
   * @param pointers expressions that are pointers there
   */
  public record Head(String text, List<String> numbers, List<String> pointers) {}

  /** The functions that every libc has, and probes that every kernel and HotSpot have. */
  public static final List<Head> HEADS =
      List.of(
          new Head(
              "p:c:write(int fd, const char *buf, size_t count)",
              List.of("fd", "count"),
              List.of("buf")),
          new Head(
              "r:c:read(int fd, void *buf, size_t count)",
              List.of("$retval", "$latency", "$entry(fd)", "$entry(count)"),
              List.of("$entry(buf)")),
          new Head(
              "p:c:nanosleep(struct timespec *req, struct timespec *rem)",
              List.of("req->tv_sec", "req->tv_nsec", "rem->tv_nsec"),
              List.of("req")),
          new Head(
              "p:c:open64(char *file, unsigned flags, u16 mode)",
              List.of("flags", "mode", "O_CREAT"),
              List.of("file")),
          new Head(
              "r:c:open64(const char * file, short flags)",
              List.of("$retval", "$entry(flags)"),
              List.of("$entry(file)")),
          new Head("p:c:malloc(unsigned long size)", List.of("size", "GFP_KERNEL"), List.of()),
          new Head(
              "p:jvm:JVM_MonitorWait(void *env, void **object, s64 ms)",
              List.of("ms", "(long)env"),
              List.of("env", "*object", "object")),
          new Head(
              "p:*jv*:JVM_MonitorNotify(void *env, void **object)",
              List.of("(long)env"),
              List.of("env", "*object", "object")),
          new Head(
              "p:jvm:_ZN13ObjectMonitor5enterEP10JavaThread(ObjectMonitor *m, JavaThread *t)",
              List.of(
                  "m->_recursions",
                  "t->_osthread->_thread_id",
                  "t->_thread_state",
                  "(s64)m->_object",
                  "sizeof(JavaThread)"),
              List.of("m", "t->_osthread", "(JavaThread *)m")),
          new Head("u:jvm:thread__start()", List.of("arg2", "arg3", "arg5"), List.of("arg1")),
          new Head(
              "u:jvm:hotspot.class__loaded()", List.of("arg2", "arg4"), List.of("arg1", "arg3")),
          new Head(
              "u:jvm:method__compile__end()",
              List.of("class_length", "success", "arg2"),
              List.of("class", "method", "arg1")),
          new Head(
              "u:jvm:thread__park__begin() if !is_absolute..thread__park__end()",
              List.of("$latency", "$entry(time)", "$entry(is_absolute)"),
              List.of("parker")),
          new Head(
              "t:sched:sched_switch()",
              List.of("args->prev_pid", "args->next_prio", "args->prev_comm[3]"),
              List.of("args->prev_comm", "args->next_comm")),
          new Head(
              "t:syscalls:sys_enter_openat()",
              List.of("args->dfd", "args->flags", "args->mode", "AT_FDCWD"),
              List.of("args->filename")),
          new Head("t:syscalls:sys_exit_read()", List.of("args->ret"), List.of("$COMM")),
          new Head(
              "p:c:write(int fd, const char *buf, size_t count) if fd>2..r:c:write()",
              List.of("$retval", "$latency", "$entry(fd)", "$entry(count + 1)"),
              List.of("$entry(buf)")),
          new Head(
              "r:c:malloc(size_t n) if n>64 on $retval..p:c:free(void *p) on p",
              List.of("$entry(n)", "$latency", "$entry($retval)==p", "p!=0"),
              List.of("p")),
          new Head(
              "t:sched:sched_wakeup() on args->pid..sched_switch() on args->next_pid",
              List.of("$latency", "$entry(args->prio)", "args->next_prio"),
              List.of("args->next_comm", "args->prev_comm")),
          new Head(
              "u:jvm:vmops__begin() if arg2 > 3 ..  vmops__end()",
              List.of("$latency", "$entry(arg2)", "arg3"),
              List.of("arg1", "$entry(arg1)")));

  private static final List<String> TYPES =
      List.of(
          "int",
          "unsigned",
          "u8",
          "s8",
          "u16",
          "short",
          "u32",
          "s64",
          "u64",
          "long",
          "size_t",
          "unsigned long long",
          "char",
          "bool",
          "const int",
          "long unsigned int",
          "pid_t");
  private static final List<String> BINARY =
      List.of(
          "*", "/", "%", "+", "-", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "^", "|",
          "&&", "||");
  private static final List<String> LITERALS =
      List.of(
          "0",
          "1",
          "2",
          "7",
          "10",
          "31",
          "32",
          "63",
          "64",
          "255",
          "4096",
          "0x7fffffff",
          "0x80000000",
          "2147483648",
          "0xffffffffffffffff",
          "1U",
          "3UL",
          "5LL",
          "010",
          "0b101",
          "'a'",
          "'\\n'",
          "'\\0'",
          "9223372036854775807",
          "18446744073709551615u");
  private static final List<String> ADDRESSES =
      List.of("sockaddr", "sockaddr_in", "sockaddr_in6", "sockaddr_storage", "in_addr", "in6_addr");
  private static final List<String> TEXTS =
      List.of(
          "x", "test.txt", "a:b#c,d)", "\\\\ \\\"", "/usr/lib/jvm/java-17/lib/modules", "\\x41");

  private final SplittableRandom random;

  public SpecifierGenerator(long seed) {
    random = new SplittableRandom(seed);
  }

  public Form form() {
    return pick(List.of(Form.HISTOGRAM, Form.FREQUENCY, Form.FREQUENCY, Form.SUM));
  }

  /** A specifier for one of the heads. */
  public String next(Form form) {
    Head head = pick(HEADS);
    StringBuilder text = new StringBuilder(head.text());
    int values = form.hasValue() ? 1 + random.nextInt(4) : random.nextInt(5);
    List<String> types = new ArrayList<>();
    List<String> expressions = new ArrayList<>();
    for (int i = 0; i < values; i++) {
      boolean string =
          !(form.hasValue() && i == 0) && !head.pointers().isEmpty() && random.nextInt(4) == 0;
      types.add(string ? pick(List.of("char*", "const char *", "char const*")) : pick(TYPES));
      expressions.add(string ? text(head) : expression(head, random.nextInt(1, 6)));
    }
    if (values > 0) {
      text.append(':').append(String.join(blank(), types).replace(" ,", ","));
      text.append(':').append(String.join("," + pick(List.of("", " ")), expressions));
      if (random.nextBoolean()) {
        text.append(':').append(expression(head, random.nextInt(1, 5)));
      }
    }
    if (random.nextInt(3) == 0) {
      text.append(pick(List.of("#label", " # a:b#c", "#", "#\u00e9\u4e2d")));
    }
    return text.toString();
  }

  private String text(Head head) {
    return switch (random.nextInt(7)) {
      case 0 -> "$COMM";
      case 3 -> "$FILE((int)" + leaf(head) + ")";
      case 1 -> "$IP((u32)" + leaf(head) + ")";
      case 2 -> "$IP((struct " + pick(ADDRESSES) + " *)" + pick(head.pointers()) + ")";
      default -> pick(head.pointers());
    };
  }

  private String blank() {
    return pick(List.of(",", ", ", " , "));
  }

  private String expression(Head head, int depth) {
    if (depth == 0 || random.nextInt(8) == 0) {
      return leaf(head);
    }
    return switch (random.nextInt(12)) {
      case 0 -> pick(List.of("!", "~", "-", "+")) + " " + operand(head, depth);
      case 1 ->
          operand(head, depth)
              + "?"
              + expression(head, depth - 1)
              + ":"
              + expression(head, depth - 1);
      case 2 -> "(" + pick(TYPES) + ")" + operand(head, depth);
      case 3 -> head.pointers().isEmpty() ? leaf(head) : match(head);
      case 4 -> head.pointers().isEmpty() ? leaf(head) : memory(head);
      case 5 -> pick(List.of("ntohs", "ntohl")) + "(" + expression(head, depth - 1) + ")";
      default ->
          operand(head, depth) + pick(List.of("", " ")) + pick(BINARY) + " " + operand(head, depth);
    };
  }

  private String operand(Head head, int depth) {
    String inner = expression(head, depth - 1);
    return random.nextInt(3) == 0 ? inner : "(" + inner + ")";
  }

  private String match(Head head) {
    String text = "\"" + pick(TEXTS) + "\"";
    String pointer = random.nextInt(6) == 0 ? "$COMM" : pick(head.pointers());
    return pick(List.of("STRCMP", "STREQ", "STRSTR", "STRENDS"))
        + "("
        + text
        + ", "
        + pointer
        + ")";
  }

  private String memory(Head head) {
    String pointer = pick(head.pointers());
    return switch (random.nextInt(7)) {
      case 5 -> pointer + pick(List.of("==0", "!=" + pointer, "!=0&&" + leaf(head) + ">0"));
      case 6 -> "(" + leaf(head) + "?" + pointer + ":" + pick(head.pointers()) + ")[1]";
      case 0 -> "*(" + pick(TYPES) + " *)" + pointer;
      case 1 -> "((" + pick(TYPES) + " *)" + pointer + ")[" + random.nextInt(100) + "]";
      case 2 -> "((struct iovec *)" + pointer + ")->iov_len";
      case 3 -> "((struct list_head *)" + pointer + ")->next->prev==0";
      default -> "((struct stat *)" + pointer + ")->st_size";
    };
  }

  private String leaf(Head head) {
    return switch (random.nextInt(5)) {
      case 0 -> pick(LITERALS);
      case 1 -> pick(List.of("$PID", "$TID", "$CPU", "__pid", "__tgid", "sizeof(int)", "EINTR"));
      default -> pick(head.numbers());
    };
  }

  /** One to three characters of a text deleted, repeated, replaced or inserted. */
  public String mutate(String text) {
    String alphabet = ":#(),'\"$->.*&|!?[]{};=%+/\\ 09afxSTRargs_~^<\u00e9\t";
    StringBuilder mutated = new StringBuilder(text);
    for (int edits = random.nextInt(1, 4); edits > 0; edits--) {
      int at = random.nextInt(mutated.length() + 1);
      char c = alphabet.charAt(random.nextInt(alphabet.length()));
      int kind = at == mutated.length() ? 0 : random.nextInt(4);
      switch (kind) {
        case 1 -> mutated.deleteCharAt(at);
        case 2 -> mutated.setCharAt(at, c);
        case 3 -> {
          int end = Math.min(mutated.length(), at + random.nextInt(1, 12));
          mutated.insert(at, mutated.substring(at, end));
        }
        default -> mutated.insert(at, c);
      }
    }
    return mutated.toString();
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
