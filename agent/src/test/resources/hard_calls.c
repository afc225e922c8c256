/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The calls that are hard to count: from many threads at once, from threads that die inside, nested
 * too deep, left by longjmp, made by a child. io.jargdist.testing.HardCalls calls them from a JVM.
 * Compiled without optimisation, so that every function has a frame and is called.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>

long hard_call(long value) { return value; }

long hard_text(const char *text) { return text != 0; }

/* The deepest returns 0, the one above it 1, and so on; all but the deepest call and sleep. */
long hard_recursion(long depth, long micros) {
  if (depth == 0) return 0;
  long result = 1 + hard_recursion(depth - 1, micros);
  hard_call(depth);
  if (micros) usleep(micros);
  return result;
}

long hard_jump(jmp_buf *back, long depth) {
  if (depth == 0) longjmp(*back, 1);
  return hard_jump(back, depth - 1) + 1;
}

/* An exception of C++ without C++: its frames are left one after the other, up to who catches it. */
struct catcher {
  jmp_buf back;
  unsigned long frame;
};

static _Unwind_Reason_Code at_frame(
    int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
    struct _Unwind_Exception *thrown, struct _Unwind_Context *context, void *argument) {
  struct catcher *catcher = argument;
  if (actions & _UA_END_OF_STACK) abort();
  if (_Unwind_GetCFA(context) > catcher->frame) longjmp(catcher->back, 1);
  return _URC_NO_REASON;
}

long hard_throw(struct catcher *catcher, long depth) {
  static struct _Unwind_Exception thrown;
  if (depth == 0) _Unwind_ForcedUnwind(&thrown, at_frame, catcher);
  return hard_throw(catcher, depth - 1) + 1;
}

static void catch_it(long depth) {
  struct catcher catcher;
  catcher.frame = (unsigned long)__builtin_frame_address(0);
  if (!setjmp(catcher.back)) hard_throw(&catcher, depth);
}

long hard_exit(long value) {
  pthread_exit(0);
  return value;
}

static pthread_barrier_t inside;

long hard_meeting(long value) {
  pthread_barrier_wait(&inside);
  return value;
}

struct work {
  void (*run)(struct work *);
  long times, operand;
};

static void call(struct work *work) {
  for (long i = 0; i < work->times; i++) hard_call(i % work->operand);
}

static void exit_inside(struct work *work) { hard_exit(0); }

static void meet(struct work *work) { hard_meeting(work->operand); }

static void *thread_main(void *argument) {
  struct work *work = argument;
  pthread_barrier_wait(&inside);
  work->run(work);
  return 0;
}

/* Threads that all start at once; each runs the same work. */
static int at_once(struct work *work, long threads) {
  pthread_t *ids = calloc(threads, sizeof(*ids));
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_barrier_init(&inside, 0, threads);
  for (long i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], &small, thread_main, work)) return 1;
  }
  for (long i = 0; i < threads; i++) pthread_join(ids[i], 0);
  free(ids);
  return 0;
}

static void jump(long times, long depth) {
  jmp_buf back;
  for (volatile long i = 0; i < times; i++) {
    if (!setjmp(back)) hard_jump(&back, depth);
    hard_call(i);
  }
}

/* Text at the end of the readable memory: whole, without its end, and wholly behind it. */
static void texts(long times) {
  long page = sysconf(_SC_PAGESIZE);
  char *pages = mmap(0, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(pages + page, page, PROT_NONE);
  char *end = pages + page;
  end[-4] = 'e';
  end[-3] = 'n';
  end[-2] = 'd';
  for (long i = 0; i < times; i++) {
    hard_text(end - 4);
    end[-1] = 'x';
    hard_text(end - 4);
    end[-1] = 0;
    hard_text(end);
  }
  munmap(pages, 2 * page);
}

static void in_child(long times, long by_vfork) {
  pid_t child = by_vfork ? vfork() : fork();
  if (child == 0) {
    for (long i = 0; i < times; i++) hard_call(0);
    _exit(0);
  }
  waitpid(child, 0, 0);
}

/* Children of which nobody hears, with all that this process has open. */
static void leave_children(long times, long seconds) {
  for (long i = 0; i < times; i++) {
    if (fork() == 0) {
      sleep(seconds);
      _exit(0);
    }
  }
}

/* A USDT probe hard:mark with one argument, as sys/sdt.h would make it. */
#define MARK(value) asm volatile( \
  "990: nop\n" \
  ".pushsection .note.stapsdt,\"\",\"note\"\n" \
  ".balign 4\n" \
  ".4byte 992f-991f, 994f-993f, 3\n" \
  "991: .asciz \"stapsdt\"\n" \
  "992: .balign 4\n" \
  "993: .8byte 990b, _.stapsdt.base, 0\n" \
  ".asciz \"hard\"\n.asciz \"mark\"\n.asciz \"8@%0\"\n" \
  "994: .balign 4\n" \
  ".popsection\n" \
  ".ifndef _.stapsdt.base\n" \
  ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
  ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n" \
  "_.stapsdt.base: .space 1\n" \
  ".size _.stapsdt.base, 1\n" \
  ".popsection\n" \
  ".endif\n" : : "m"(value))

long hard_begin(long key, const char *text) { return key + (text != 0) - 1; }

long hard_end(long key) { return key; }

static long pair_key(struct work *work, long i) { return pthread_self() * 4096 + i; }

/* Each round has an event of each kind, with one key: begin, a system call, a mark, end. */
static void pairs(struct work *work) {
  for (long i = 0; i < work->times; i++) {
    long key = pair_key(work, i);
    hard_begin(key, "whole");
    lseek(-1, key, SEEK_SET);
    MARK(key);
    hard_end(key);
  }
}

/* Two begin for each that ends; then as many end once more. */
static void unmatched(struct work *work) {
  for (long i = 0; i < work->times; i++) {
    long key = pair_key(work, i);
    hard_begin(key, "first");
    hard_begin(key, "second");
    hard_end(key);
    hard_end(key);
  }
}

/* All threads begin and end the same keys at once. */
static void contend(struct work *work) {
  for (long i = 0; i < work->times; i++) {
    hard_begin(i % work->operand, "contended");
    hard_end(i % work->operand);
  }
}

static void left_open(struct work *work) {
  for (long i = 0; i < work->times; i++) hard_begin(pair_key(work, i), "open");
}

static void seek(long times) {
  for (long i = 0; i < times; i++) lseek(-1, 4099, SEEK_SET);
}

static void allocate(long times, long bytes) {
  for (long i = 0; i < times; i++) free(malloc(bytes));
}

/* Returns 0, or 1 if a thread could not be started. */
int Java_io_jargdist_testing_HardCalls_run(
    void *env, void *type, int what, long times, long operand, long threads) {
  struct work work = {call, times, operand};
  switch (what) {
    case 0:
      return at_once(&work, threads);
    case 1:
      for (long i = 0; i < times; i++) hard_recursion(operand, threads);
      return 0;
    case 2:
      jump(times, operand);
      return 0;
    case 3:
      work.run = exit_inside;
      for (long i = 0; i < times; i++) {
        if (at_once(&work, threads)) return 1;
      }
      return 0;
    case 4:
      work.run = meet;
      return at_once(&work, threads);
    case 5:
      texts(times);
      return 0;
    case 6:
      in_child(times, operand);
      return 0;
    case 7:
      work.times = 1;
      for (long i = 0; i < times; i++) {
        if (at_once(&work, threads)) return 1;
      }
      return 0;
    case 8:
      seek(times);
      return 0;
    case 9:
      allocate(times, operand);
      return 0;
    case 10:
      work.run = operand == -1 ? unmatched : operand == -2 ? left_open : operand ? contend : pairs;
      return at_once(&work, threads);
    case 12:
      for (long i = 0; i < times; i++) catch_it(operand);
      return 0;
    default:
      leave_children(times, operand);
      return 0;
  }
}
