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

// A number that is put into the program when it is loaded.
#define ATTACHED(placeholder) ({ \
  u64 value_ = placeholder; \
  asm volatile("" : "+r"(value_)); \
  value_; })

struct account { u64 hits; u64 counted; u64 lost[9]; } __attribute__((aligned(64)));
BPF_F_TABLE("array", u32, struct account, ledger, 4, 1024);

static __always_inline void lose(struct account *account, u32 reason) {
  __sync_fetch_and_add(&account->lost[reason], 1);
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

static __always_inline int is_target(u64 id) {
  if (id >> 32 != ATTACHED(0x6a61726770696421ULL)) return 0;
  return 1;
}

