#include <uapi/linux/ptrace.h>

#define READ(type, reader, address) ({ \
  type value_ = 0; \
  if (reader(&value_, sizeof(value_), (void *)(address))) failed = 1; \
  value_; })

// Keeps the compiler from moving or repeating a load.
#define CONTEXT(place) ({ \
  u64 value_ = (place); \
  asm volatile("" : "+r"(value_)); \
  value_; })

// A number that is put into the program when it is loaded. The second instruction marks it.
#define ATTACHED(placeholder) ({ \
  u64 value_; \
  asm volatile("%0 = " #placeholder " ll\n%0 = %0" : "=r"(value_)); \
  value_; })

// The size of a table that gets its size when it is created.
#define SIZED 1

// When counting began, and which half of the tables counts.
#define CLOSED 9223372036854775807ULL
struct gate { u64 since; u64 half; };
BPF_F_TABLE("array", u32, struct gate, start_gate, 1, 0);

static __always_inline struct gate *find_gate(void) {
  u32 zero = 0;
  return start_gate.lookup(&zero);
}

struct account { u64 hits; u64 counted; u64 lost[13]; u64 begun; u64 ended; } __attribute__((aligned(64)));
BPF_F_TABLE("array", u32, struct account, ledger, SIZED, 1024);

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

BPF_F_TABLE("array", u32, u64, own_bits, 1, 0);
BPF_F_TABLE("hash", u32, u32, own_threads, 256, 0);

// By the number that is_target() compares.
static __always_inline int is_own_thread(u32 thread) {
  u32 zero = 0;
  u64 *bits = own_bits.lookup(&zero);
  return bits && *bits >> (thread % 64) & 1 && own_threads.lookup(&thread);
}

// Process and thread, by the numbers that the target sees.
static __always_inline u64 seen_id(u64 id) {
  return id;
}

static __always_inline int is_target(u64 id) {
  if (id >> 32 != ATTACHED(0x6a61726770696421ULL)) return 0;
  if (is_own_thread(id)) return 0;
  return 1;
}

