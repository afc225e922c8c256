/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.ResolvedProbe;
import java.util.List;

/**
 * The process to which a tracepoint's events belong, as a filter by process sees it: the one that
 * runs on the processor at that moment ({@code current}). In an interrupt, that is the interrupted
 * one.
 */
enum TracepointContext {
  /** The process that causes the event. */
  CAUSER(""),

  INTERRUPT(
      "most events of %s are in interrupts: those are counted that interrupt this process, whoever has"
          + " caused them, and those are missing that this process has caused and that interrupt"
          + " another one"),

  KERNEL_THREAD(
      "events of %s are in threads of the kernel, which work for this process and do not belong to"
          + " it: they are missing"),

  PARTLY(
      "events of %s that are in an interrupt, in a thread of the kernel or in another process are"
          + " missing, also if this process has caused them"),

  SWITCH(
      "events of %s belong to the thread that stops running: those are counted at which a thread of"
          + " this process stops, and those are missing at which one begins (next_pid)"),

  WAKER(
      "events of %s belong to who wakes, not to who is woken: those are missing at which another"
          + " process or an interrupt, such as a timer's or a network card's, wakes a thread of this"
          + " process"),

  SENDER(
      "events of %s belong to who sends the signal, not to who gets it: those are missing that"
          + " another process or the kernel sends to this one");

  private final String sentence;

  TracepointContext(String sentence) {
    this.sentence = sentence;
  }

  /** The first that fits holds. */
  private record Rule(String category, Glob event, TracepointContext context) {
    Rule(String category, String event, TracepointContext context) {
      this(category, new Glob(event), context);
    }
  }

  /** These rules follow from the callers of the tracepoints in Linux 5.10 to 6.18. */
  private static final List<Rule> RULES =
      List.of(
          // __schedule in kernel/sched/core.c, before it changes the thread.
          new Rule("sched", "sched_switch", SWITCH),
          // try_to_wake_up in kernel/sched/core.c; also in the interrupt that another processor
          // is sent for it.
          new Rule("sched", "sched_wakeup", WAKER),
          new Rule("sched", "sched_waking", WAKER),
          new Rule("sched", "sched_migrate_task", WAKER),
          // kernel/sched/stats.h: who puts the thread back, or the timer's interrupt.
          new Rule("sched", "sched_stat_*", PARTLY),
          // An RCU callback in kernel/exit.c.
          new Rule("sched", "sched_process_free", PARTLY),
          new Rule("sched", "sched_kthread_work_execute*", KERNEL_THREAD),
          // __send_signal_locked in kernel/signal.c
          new Rule("signal", "signal_generate", SENDER),
          // kernel/irq/handle.c, kernel/softirq.c; the latter also after a system call.
          new Rule("irq", "softirq_*", PARTLY),
          new Rule("irq", "*", INTERRUPT),
          new Rule("irq_vectors", "*", INTERRUPT),
          new Rule("nmi", "*", INTERRUPT),
          // kernel/time/timer.c, hrtimer.c, itimer.c
          new Rule("timer", "*expire*", INTERRUPT),
          new Rule("timer", "tick_stop", PARTLY),
          new Rule("timer", "timer_base_idle", PARTLY),
          new Rule("timer", "*start", PARTLY),
          new Rule("timer", "*cancel", PARTLY),
          new Rule("alarmtimer", "alarmtimer_fired", INTERRUPT),
          // net/core/dev.c: what arrives; over loopback the sender's own thread may take it in.
          new Rule("napi", "*", PARTLY),
          new Rule("net", "*", PARTLY),
          new Rule("qdisc", "*", PARTLY),
          new Rule("skb", "kfree_skb", PARTLY),
          new Rule("skb", "consume_skb", PARTLY),
          // net/ipv4/tcp_timer.c and tcp_input.c: a timer, or an acknowledgement that arrives.
          new Rule("tcp", "tcp_retransmit_skb", PARTLY),
          new Rule("tcp", "tcp_retransmit_synack", PARTLY),
          new Rule("tcp", "tcp_rcv_space_adjust", CAUSER),
          new Rule("tcp", "tcp_sendmsg_locked", CAUSER),
          new Rule("tcp", "*", PARTLY),
          new Rule("udp", "*", PARTLY),
          new Rule("sock", "sock_send_length", CAUSER),
          new Rule("sock", "sock_recv_length", CAUSER),
          new Rule("sock", "*", PARTLY),
          new Rule("mptcp", "*", PARTLY),
          // block/blk-mq.c and bio.c: the end of a request is in the disk's interrupt; data that
          // write(2) leaves in memory is written later by threads of the kernel.
          new Rule("block", "block_rq_complete", INTERRUPT),
          new Rule("block", "block_rq_error", INTERRUPT),
          new Rule("block", "block_bio_complete", INTERRUPT),
          new Rule("block", "block_io_done", INTERRUPT),
          new Rule("block", "*", PARTLY),
          new Rule("nvme", "nvme_complete_rq", INTERRUPT),
          new Rule("nvme", "*", PARTLY),
          new Rule("scsi", "scsi_dispatch_cmd_done", INTERRUPT),
          new Rule("scsi", "*", PARTLY),
          new Rule("writeback", "balance_dirty_pages", CAUSER),
          new Rule("writeback", "*", PARTLY),
          new Rule("jbd2", "*", PARTLY),
          new Rule("ext4", "*", PARTLY),
          new Rule("xfs", "*", PARTLY),
          new Rule("btrfs", "*", PARTLY),
          // kernel/workqueue.c
          new Rule("workqueue", "workqueue_execute_*", KERNEL_THREAD),
          new Rule("workqueue", "*", PARTLY),
          new Rule("rcu", "*", PARTLY),
          // mm/vmscan.c, mm/compaction.c, mm/khugepaged.c, mm/ksm.c
          new Rule("vmscan", "mm_vmscan_kswapd_*", KERNEL_THREAD),
          new Rule("vmscan", "mm_vmscan_direct_*", CAUSER),
          new Rule("vmscan", "*", PARTLY),
          new Rule("compaction", "*kcompactd*", KERNEL_THREAD),
          new Rule("compaction", "*", PARTLY),
          new Rule("huge_memory", "*", PARTLY),
          new Rule("ksm", "*", KERNEL_THREAD),
          new Rule("power", "*", PARTLY));

  static TracepointContext of(String category, String event) {
    for (Rule rule : RULES) {
      if (rule.category().equals(category) && rule.event().matches(event)) {
        return rule.context();
      }
    }
    return CAUSER;
  }

  /** Says what a filter by process misses; nothing if that is nothing. */
  void warn(ResolvedProbe.Tracepoint tracepoint, Warnings warnings) {
    if (!sentence.isEmpty()) {
      warnings.add(
          sentence.replace("%s", tracepoint.category() + ":" + tracepoint.event())
              + "; --scope system counts those of all processes");
    }
  }
}
