/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.facts.CType;
import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.OpenFileFields;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.ResolvedProbe.TracepointField;
import io.jargdist.facts.ResolvedProbe.UsdtSite;
import io.jargdist.facts.Returns;
import io.jargdist.facts.TypeSource;
import io.jargdist.facts.TypedFunction;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.specifier.ProbePoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A machine that has every function, and of which only what stands here is known: what is planned
 * for it is the same everywhere.
 */
final class ExampleMachine implements TypeSource {
  private final Map<String, CType> types = new HashMap<>();
  private final Map<Integer, Map<String, Member>> members = new HashMap<>();
  private final Map<String, Prototype> prototypes = new HashMap<>();
  private final Map<String, TypedFunction> typed = new HashMap<>();
  private final Map<String, List<TracepointField>> events = new HashMap<>();

  ExampleMachine() {
    CType.Struct dentry = struct("struct dentry", 192);
    member(dentry, 56, new CType.Array(CType.S8, 32), "d_iname");
    CType.Struct path = struct("struct path", 16);
    member(path, 8, new CType.Pointer(dentry), "dentry");
    CType.Struct file = struct("struct file", 232);
    member(file, 64, path, "f_path");
    member(file, 128, CType.U32, "f_flags");
    CType.Struct queue = struct("struct cfs_rq", 512);
    member(queue, 320, CType.S64, "runtime_remaining");
    CType.Struct buffer = struct("struct sk_buff", 232);
    member(buffer, 112, CType.U32, "len");
    of(buffer).put("pkt_type", new Member(128, CType.U8, 0, 3));
    CType.Struct vector = struct("struct kiocb_vector", 16);
    member(vector, 0, new CType.Pointer(CType.S8, true), "base");
    types.put("fmode_t", CType.U32);

    function("__kmalloc", new CType.Pointer(CType.OPAQUE), "size", CType.U64, "flags", CType.U32);
    function(
        "vfs_read",
        CType.S64,
        "file",
        new CType.Pointer(file),
        "buf",
        new CType.Pointer(CType.S8),
        "count",
        CType.U64);

    function("tcp_send", CType.S32, "skb", new CType.Pointer(buffer), "flags", CType.S32);
    function("tcp_close", CType.OPAQUE, "skb", new CType.Pointer(buffer), "now", CType.BOOL);
    function("__x64_sys_fsync", CType.S64, "fd", CType.U32);
    // fentry and fexit can be attached to these; all others are probed by kprobes.
    typed.put(
        "tcp_send",
        new TypedFunction(11, List.of(new CType.Pointer(buffer), CType.S32), CType.S32));
    typed.put(
        "tcp_close",
        new TypedFunction(12, List.of(new CType.Pointer(buffer), CType.BOOL), CType.OPAQUE));
    typed.put(
        "__x64_sys_fsync",
        new TypedFunction(13, List.of(new CType.Pointer(CType.OPAQUE)), CType.S64));

    event("block:block_rq_complete", "dev_t dev 8 4 0", "sector_t sector 16 8 0");
    event("block:block_rq_complete", "unsigned int nr_sector 24 4 0", "char[8] rwbs 34 8 1");
    event("irq:irq_handler_entry", "int irq 8 4 1", "__data_loc char[] name 12 4 1");
    event("syscalls:sys_exit_epoll_wait", "int __syscall_nr 8 4 1", "long ret 16 8 1");
    event("syscalls:sys_enter_openat", "const char * filename 24 8 0", "umode_t mode 40 8 0");
    event("net:net_dev_start_xmit", "void * skbaddr 16 8 0", "u16 protocol 32 2 0");
    event("skb:kfree_skb", "void * skbaddr 8 8 0", "unsigned short protocol 24 2 0");
    event("sched:sched_wakeup", "char[16] comm 8 16 1", "pid_t pid 24 4 1", "int prio 28 4 1");
    event("sched:sched_switch", "char[16] prev_comm 8 16 1", "pid_t prev_pid 24 4 1");
    event("sched:sched_switch", "char[16] next_comm 40 16 1", "pid_t next_pid 56 4 1");
    event("sock:inet_sock_set_state", "__u8[4] daddr 28 4 0", "__u8[16] daddr_v6 48 16 0");
    event("block:block_rq_issue", "dev_t dev 8 4 0", "sector_t sector 16 8 0");
    CType.Struct task = struct("struct task_struct", 4096);
    member(task, 1234, CType.S32, "pid");
    for (OpenFileFields.Field field : OpenFileFields.Field.values()) {
      CType known = types.get(field.struct());
      CType.Struct struct =
          known instanceof CType.Struct found ? found : struct(field.struct(), 512);
      if (!of(struct).containsKey(field.member())) {
        member(struct, 16 + 8 * field.ordinal(), CType.U64, field.member());
      }
    }
    event("raw_syscalls:sys_enter", "long id 8 8 1", "unsigned long[6] args 16 48 0");
  }

  private CType.Struct struct(String name, int size) {
    CType.Struct struct = new CType.Struct(name, members.size() + 1, size);
    members.put(struct.id(), new LinkedHashMap<>());
    types.put(name, struct);
    return struct;
  }

  private Map<String, Member> of(CType.Struct struct) {
    return Objects.requireNonNull(members.get(struct.id()));
  }

  private void member(CType.Struct struct, int offset, CType type, String name) {
    of(struct).put(name, new Member(offset, type, 0, 0));
  }

  /**
   * @param parameters name, type, name, type, ...
   */
  private void function(String name, CType returnType, Object... parameters) {
    List<Prototype.Parameter> list = new ArrayList<>();
    for (int i = 0; i < parameters.length; i += 2) {
      list.add(new Prototype.Parameter((String) parameters[i], (CType) parameters[i + 1], false));
    }
    prototypes.put(name, new Prototype(list, returnType));
  }

  /**
   * @param fields each {@code TYPE NAME OFFSET SIZE SIGNED}
   */
  private void event(String event, String... fields) {
    List<TracepointField> list = events.computeIfAbsent(event, n -> new ArrayList<>());
    for (String field : fields) {
      List<String> words = List.of(field.split(" "));
      int name = words.size() - 4;
      String type = String.join(" ", words.subList(0, name));
      boolean dynamic = type.startsWith("__data_loc");
      int bracket = dynamic ? -1 : type.indexOf('[');
      list.add(
          new TracepointField(
              words.get(name),
              bracket < 0 ? type : type.substring(0, bracket),
              Integer.parseInt(words.get(name + 1)),
              Integer.parseInt(words.get(name + 2)),
              words.get(name + 3).equals("1"),
              bracket < 0 ? null : Integer.valueOf(type.substring(bracket + 1, type.length() - 1)),
              dynamic));
    }
  }

  ResolvedProbe resolve(ProbePoint point) {
    return switch (point.kind()) {
      case USER_FUNCTION -> function((ProbePoint.UserFunction) point);
      case KERNEL_FUNCTION -> function((ProbePoint.KernelFunction) point);
      case TRACEPOINT -> tracepoint((ProbePoint.Tracepoint) point);
      case USDT -> usdt((ProbePoint.Usdt) point);
    };
  }

  private ResolvedProbe function(ProbePoint.UserFunction function) {
    return new ResolvedProbe.UserFunction(
        List.of(location(function.library(), function.function())),
        function.atReturn() ? returns(function) : null);
  }

  /** Functions of libjvm are probed at their return instructions. */
  private static Returns returns(ProbePoint.UserFunction function) {
    return function.library().equals("jvm")
        ? new Returns.Instructions(
            List.of(
                location(function.library(), function.function() + "+20"),
                location(function.library(), function.function() + "+52")))
        : new Returns.Replaced(null);
  }

  private ResolvedProbe function(ProbePoint.KernelFunction function) {
    return new ResolvedProbe.KernelFunction(
        function.function(),
        prototypes.get(function.function()),
        function.function().startsWith("__x64_sys_"),
        function.atReturn(),
        typed.get(function.function()),
        "");
  }

  private ResolvedProbe tracepoint(ProbePoint.Tracepoint tracepoint) {
    return new ResolvedProbe.Tracepoint(
        tracepoint.category(),
        tracepoint.event(),
        1,
        events.getOrDefault(tracepoint.category() + ":" + tracepoint.event(), List.of()));
  }

  /** Only those of HotSpot's probes whose name says so here have as many arguments as HotSpot's. */
  private ResolvedProbe usdt(ProbePoint.Usdt usdt) {
    String library = usdt.library() == null ? "jvm" : usdt.library();
    List<UsdtOperand> operands =
        List.of(
            new UsdtOperand.Register(CType.U64, "rdi", 0),
            new UsdtOperand.Memory(CType.U64, "rbp", null, 1, -24),
            new UsdtOperand.Constant(CType.S32, -5),
            new UsdtOperand.Unreadable(CType.U64, "%xmm0"),
            new UsdtOperand.Register(CType.U8, "rdx", 0));
    int count =
        switch (usdt.probe()) {
          case "thread__start" -> 5;
          case "vmops__begin", "vmops__end" -> 3;
          case "thread__park__end" -> 1;
          default -> 4;
        };
    return new ResolvedProbe.Usdt(
        library.equals("jvm") ? "hotspot" : "libpthread",
        usdt.probe(),
        List.of(new UsdtSite(location(library, usdt.probe()), operands.subList(0, count), null)));
  }

  private static CodeLocation location(String library, String name) {
    return new CodeLocation("/lib" + library + ".so", 0x1000, "lib" + library + ".so:" + name);
  }

  @Override
  public @Nullable Integer variableId(String name) {
    return name.equals("__preempt_count") ? (Integer) 4711 : null;
  }

  @Override
  public @Nullable CType named(String name) {
    return types.get(name);
  }

  @Override
  public @Nullable Member member(CType.Struct struct, String name) {
    return of(struct).get(name);
  }

  @Override
  public List<String> memberNames(CType.Struct struct) {
    return List.copyOf(of(struct).keySet());
  }

  @Override
  public Collection<String> names() {
    return types.keySet();
  }

  @Override
  public @Nullable Long constant(String name) {
    return switch (name) {
      case "___GFP_HIGH_BIT" -> 5L;
      case "___GFP_KSWAPD_RECLAIM_BIT" -> 11L;
      case "PIDTYPE_MAX" -> 4L;
      default -> null;
    };
  }
}
