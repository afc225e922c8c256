static __always_inline u64 slot_of(u64 magnitude) {
  u64 distance = bpf_log2l(magnitude);
  return distance;
}

static __always_inline void add(u32 line, u64 slot, u64 value) {
  struct histogram *mine = histogram.lookup(&line);
  // The compiler may know that the slot is small enough and leave the test out, but the
  // verifier of Linux 6.1 does not.
  asm volatile("" : "+r"(slot));
  if (!mine || slot >= 65) return;
  __sync_fetch_and_add(&mine->slots[slot], 1);
  __sync_fetch_and_add(&mine->sum, value);
}

struct key {
  u64 v0;
};
struct events { u64 half[2]; };
BPF_F_TABLE("hash", struct key, struct events, counts, SIZED, 0);

static __always_inline void count(struct account *account, struct key *key, u64 half) {
  struct events *events = counts.lookup(key);
  if (!events) {
    struct events none = {};
    counts.insert(key, &none);
    events = counts.lookup(key);
  }
  if (!events) {
    lose(account, 0);
    return;
  }
  __sync_fetch_and_add(&events->half[half & 1], 1);
  __sync_fetch_and_add(&account->counted, 1);
}

struct frame { u64 stack; u64 start; };
struct block_key { u32 thread; u32 number; };
struct block { u64 depth; struct frame frames[4]; };
BPF_F_TABLE("hash", struct block_key, struct block, calls, SIZED, 0);
BPF_F_TABLE("array", u32, struct block, no_calls, 1, 0);

static __always_inline struct block *add_block(u32 thread, u32 number) {
  struct block_key key = { .thread = thread, .number = number };
  u32 zero = 0;
  struct block *empty = no_calls.lookup(&zero);
  if (!empty) return 0;
  calls.insert(&key, empty);
  return calls.lookup(&key);
}

static __always_inline struct frame *frame_at(struct block *first, u32 thread, u64 index) {
  struct block *block = first;
  if (index >= 4) {
    struct block_key key = { .thread = thread, .number = index / 4 };
    block = calls.lookup(&key);
  }
  if (!block) return 0;
  // The compiler would calculate with the block before it is known not to be null, which
  // the verifier refuses.
  asm volatile("" : "+r"(index));
  return &block->frames[index % 4];
}

static __always_inline void drop_top(struct block *first, u32 thread) {
  u64 depth = --first->depth;
  if (depth && depth % 4 == 0) {
    struct block_key key = { .thread = thread, .number = depth / 4 };
    calls.delete(&key);
  }
}

// A call that began before counting did is neither counted nor lost.
static __always_inline void unwind(
    struct account *account, struct gate *gate, struct block *first, u32 thread,
    u64 stack) {
#pragma nounroll
  for (int i = 0; i < 64 && first->depth; i++) {
    struct frame *top = frame_at(first, thread, first->depth - 1);
    if (!top || top->stack >= stack) break;
    if (top->start >= gate->since) lose(account, 4);
    drop_top(first, thread);
  }
}

int thread_exit(struct exiting *ctx) {
  struct gate *gate = find_gate();
  if (!gate) return 0;
  u64 half = CONTEXT(gate->half) & 1;
  u32 line = half * ATTACHED(0x6a61726763707521ULL) + bpf_get_smp_processor_id();
  struct account *account = ledger.lookup(&line);
  if (!account) return 0;
  u64 id = bpf_get_current_pid_tgid();
  if (!is_target(id)) return 0;
  struct block_key key = { .thread = (u32)id };
  struct block *first = calls.lookup(&key);
  if (!first) return 0;
  unwind(account, gate, first, (u32)id, ALL);
  calls.delete(&key);
  return 0;
}

int entry(struct pt_regs *ctx) {
  struct gate *gate = find_gate();
  if (!gate) return 0;
  u64 half = CONTEXT(gate->half) & 1;
  u32 line = half * ATTACHED(0x6a61726763707521ULL) + bpf_get_smp_processor_id();
  struct account *account = ledger.lookup(&line);
  if (!account) return 0;
  __sync_fetch_and_add(&account->hits, 1);
  u64 id = bpf_get_current_pid_tgid();
  if (!is_target(id)) return 0;
  struct block_key key = { .thread = (u32)id };
  struct block *first = calls.lookup(&key);
  if (!first) first = add_block((u32)id, 0);
  if (!first) {
    return 0;
  }
  unwind(account, gate, first, (u32)id, ctx->sp + 1);
  u64 depth = first->depth;
  if (depth >= 64) {
    if (gate->since != CLOSED) lose(account, 7);
    return 0;
  }
  if (depth && depth % 4 == 0) add_block((u32)id, depth / 4);
  struct frame *top = frame_at(first, (u32)id, depth);
  if (!top) return 0;
  top->stack = ctx->sp;
  first->depth = depth + 1;
  top->start = bpf_ktime_get_ns();
  return 0;
}

struct frame { u64 stack; u64 start; u64 at_entry[1]; };
struct block_key { u32 thread; u32 number; };
struct block { u64 depth; struct frame frames[4]; };
BPF_F_TABLE("hash", struct block_key, struct block, calls, SIZED, 0);
BPF_F_TABLE("array", u32, struct block, no_calls, 1, 0);

// The verifier does not let a program calculate with what it knows to be an address. Swapping
// its bytes makes it a number, and swapping them again makes it the right one.
#define PLAIN(address) ({ \
  u64 number_ = __builtin_bswap64((u64)(address)); \
  asm volatile("" : "+r"(number_)); \
  __builtin_bswap64(number_); })

struct where { u64 v0; };
struct pair { struct where where; u64 start; u64 live; u64 turn; };
BPF_F_TABLE("hash", struct where, struct pair, open_pairs, SIZED, 0);

static __always_inline u64 thread_of(u64 id) {
  return (u32)id;
}

static __always_inline int take(struct pair *pair, struct where *where, u64 turn) {
  if (turn) pair->turn = 0;
  return turn != 0;
}

static __always_inline void give(struct pair *pair) {
  pair->turn = 1;
}

int thread_ends(struct ending_thread *ctx) {
  struct gate *gate = find_gate();
  if (!gate) return 0;
  u64 half = CONTEXT(gate->half) & 1;
  u32 line = half * ATTACHED(0x6a61726763707521ULL) + bpf_get_smp_processor_id();
  struct account *account = ledger.lookup(&line);
  if (!account) return 0;
  u64 id = bpf_get_current_pid_tgid();
  if (!is_target(id)) return 0;
  struct where where = { .v0 = (u32)id };
  struct pair *pair = open_pairs.lookup(&where);
  if (!pair) return 0;
  u64 live = pair->live;
  if (take(pair, &where, CONTEXT(pair->turn))) {
    if (live) { lose(account, 12); __sync_fetch_and_add(&account->ended, 1); }
    
  }
  open_pairs.delete(&where);
  return 0;
}

static __always_inline u64 exchange(u64 *word, u64 expected, u64 replacement) {
  u64 saved, found;
  asm volatile("%0 = r0\n"
               "r0 = %2\n"
               "lock *(u64 *)(%3 + 0) += %4\n"
               "r0 = r0\n"
               "%1 = r0\n"
               "r0 = %0"
               : "=&r"(saved), "=&r"(found)
               : "r"(expected), "r"(word), "r"(replacement)
               : "memory");
  return found;
}

struct place { u64 slot; struct key key; };
struct slot { u64 events[2]; u64 sum[2]; };
BPF_F_TABLE("hash", struct place, struct slot, slots, SIZED, 0);
BPF_F_TABLE("hash", struct key, u32, keys, SIZED, 0);

static __always_inline struct slot *add_slot(struct place *place) {
  if (!keys.lookup(&place->key)) {
    u32 known = 1;
    keys.insert(&place->key, &known);
    if (!keys.lookup(&place->key)) return 0;
  }
  struct slot none = {};
  slots.insert(place, &none);
  return slots.lookup(place);
}

static __always_inline void add(
    struct account *account, struct place *place, u64 half, u64 value) {
  struct slot *slot = slots.lookup(place);
  if (!slot) slot = add_slot(place);
  if (!slot) {
    lose(account, 0);
    return;
  }
  __sync_fetch_and_add(&slot->events[half & 1], 1);
  __sync_fetch_and_add(&slot->sum[half & 1], value);
  __sync_fetch_and_add(&account->counted, 1);
}
