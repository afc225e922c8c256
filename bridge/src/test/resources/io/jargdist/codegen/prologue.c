#include <uapi/linux/ptrace.h>

#define READ(type, reader, address) ({ \
  type value_ = 0; \
  if (reader(&value_, sizeof(value_), (void *)(address))) failed = 1; \
  value_; })

// Keeps the compiler from moving a load of what the verifier watches.
#define CONTEXT(place) ({ \
  u64 value_ = (place); \
  asm volatile("" : "+r"(value_)); \
  value_; })

struct config { u64 since; u64 device; u64 inode; u32 process; u32 thread; };
struct losses { u64 counts[9]; };
BPF_F_TABLE("array", u32, struct config, config, 1, 0);
BPF_F_TABLE("array", u32, struct losses, losses, 4, 1024);

static __always_inline void lose(u32 reason) {
  u32 cpu = bpf_get_smp_processor_id();
  struct losses *mine = losses.lookup(&cpu);
  if (mine) __sync_fetch_and_add(&mine->counts[reason], 1);
}

static __always_inline u64 unsigned_divide(u64 a, u64 b) {
  return b ? a / b : 0;
}

static __always_inline u64 unsigned_modulo(u64 a, u64 b) {
  return b ? a % b : 0;
}

static __always_inline s64 signed_divide(s64 a, s64 b) {
  u64 quotient = unsigned_divide(a < 0 ? -(u64)a : a, b < 0 ? -(u64)b : b);
  return (a < 0) == (b < 0) ? quotient : -quotient;
}

static __always_inline s64 signed_modulo(s64 a, s64 b) {
  u64 rest = unsigned_modulo(a < 0 ? -(u64)a : a, b < 0 ? -(u64)b : b);
  return a < 0 ? -rest : rest;
}

static __always_inline int is_target(struct config *target, u64 id) {
  if ((u32)(id >> 32) != target->process) return 0;
  return 1;
}

