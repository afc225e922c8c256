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

#define TASK_FILES 16
#define TASK_FOLDERS 24
#define FOLDERS_ROOT 32
#define FILES_TABLE 40
#define TABLE_SIZE 48
#define TABLE_FILES 56
#define FILE_INODE 64
#define FILE_PATH 64
#define FILE_OPERATIONS 80
#define FILE_DATA 88
#define PATH_MOUNT 96
#define PATH_ENTRY 8
#define INODE_SUPERBLOCK 112
#define INODE_NUMBER 120
#define INODE_GENERATION 128
#define SUPERBLOCK_DEVICE 136
#define SUPERBLOCK_MAGIC 144
#define ENTRY_PARENT 152
#define ENTRY_NAME 160
#define ENTRY_HASH 168
#define HASH_PREVIOUS 176
#define NAME_HASH 184
#define NAME_TEXT 192
#define MOUNT_ROOT 200
#define MOUNT_ITSELF 208
#define MOUNT_PARENT 216
#define MOUNT_POINT 224
#define SOCKET_SOCK 232
#define SOCK_FAMILY 240
#define SOCK_STATE 248
#define SOCK_PORT 256
#define SOCK_OWN_PORT 264
#define SOCK_ADDRESS_4 272
#define SOCK_ADDRESS_6 280
#define SOCK_PROTOCOL 288
#define SOCK_TYPE 296
#define UNIX_ADDRESS 304
#define UNIX_PEER 312
#define ADDRESS_LENGTH 320
#define ADDRESS_NAME 328

// Memory of the kernel; 0 if it cannot be read.
#define KERNEL(type, address) ({ \
  type value_ = 0; \
  bpf_probe_read_kernel(&value_, sizeof(value_), (void *)(address)); \
  value_; })

// What tells an open file from those with another text: the inode and its name, or the peer
// of a socket.
struct open_file {
  u64 inode;
  u64 operations;
  u64 name;
  u32 device;
  u32 generation;
  u32 deleted;
  struct address peer;
  u16 protocol;
  u16 listens;
  u32 unused;
};

struct file_name {
  struct open_file file;
  u64 kind;
  u64 place;
  u64 length;
  char names[768];
};

BPF_F_TABLE("hash", struct open_file, u64, open_files, SIZED, 0);
BPF_F_TABLE("hash", u64, struct file_name, file_names, SIZED, 0);
BPF_F_TABLE("array", u32, struct file_name, no_file_name, 1, 0);

static __always_inline u64 open_file(u32 descriptor) {
  u64 files = KERNEL(u64, bpf_get_current_task() + TASK_FILES);
  u64 table = KERNEL(u64, files + FILES_TABLE);
  if (descriptor >= KERNEL(u32, table + TABLE_SIZE)) return 0;
  return KERNEL(u64, KERNEL(u64, table + TABLE_FILES) + descriptor * 8ULL);
}

// Whether no folder has the name any more.
static __always_inline u32 is_deleted(u64 entry) {
  return KERNEL(u64, entry + ENTRY_PARENT) != entry
      && !KERNEL(u64, entry + ENTRY_HASH + HASH_PREVIOUS);
}

// Where a Unix socket is bound, or the one that it is connected to.
static __always_inline u64 unix_address(u64 sock) {
  u64 address = KERNEL(u64, sock + UNIX_ADDRESS);
  if (address || KERNEL(u16, sock + SOCK_TYPE) == 2) return address;
  return KERNEL(u64, KERNEL(u64, sock + UNIX_PEER) + UNIX_ADDRESS);
}

static __always_inline void identify_socket(u64 sock, struct open_file *file, u64 inode) {
  u32 family = KERNEL(u16, sock + SOCK_FAMILY);
  file->peer.family = family;
  if (family == 1) {
    file->inode = inode;
    u64 address = unix_address(sock);
    file->peer.words[0] = address;
    file->peer.words[1] = address >> 32;
  } else if (family == 2 || family == 10) {
    file->protocol = KERNEL(u16, sock + SOCK_PROTOCOL);
    if (KERNEL(u8, sock + SOCK_STATE) == 10) {
      file->listens = KERNEL(u16, sock + SOCK_OWN_PORT);
      return;
    }
    file->peer.port = KERNEL(u16, sock + SOCK_PORT);
    if (family == 2) {
      file->peer.words[0] = KERNEL(u32, sock + SOCK_ADDRESS_4);
    } else {
      bpf_probe_read_kernel(
          &file->peer.words, sizeof(file->peer.words), (void *)(sock + SOCK_ADDRESS_6));
    }
  }
}

static __always_inline void copy_name(struct file_name *name, u64 entry, u64 at) {
  u64 text = KERNEL(u64, entry + ENTRY_NAME + NAME_TEXT);
  long length = bpf_probe_read_kernel_str(&name->names[at & 511], 256, (void *)text);
  if (length > 0) name->length = at + length;
}

// The names from the file up to the root of the process, or of all mounts.
static __always_inline void copy_path(u64 file, struct file_name *name) {
  u64 root = KERNEL(u64, bpf_get_current_task() + TASK_FOLDERS) + FOLDERS_ROOT;
  u64 root_mount = KERNEL(u64, root + PATH_MOUNT);
  u64 root_entry = KERNEL(u64, root + PATH_ENTRY);
  u64 mount = KERNEL(u64, file + FILE_PATH + PATH_MOUNT);
  u64 entry = KERNEL(u64, file + FILE_PATH + PATH_ENTRY);
  u64 parent = KERNEL(u64, entry + ENTRY_PARENT);
  if (parent == entry && KERNEL(u64, mount + MOUNT_ROOT) != entry) {
    name->place = 2;
    copy_name(name, entry, 0);
    return;
  }
#pragma nounroll
  for (int i = 0; i < 40; i++) {
    if (mount == root_mount && entry == root_entry) {
      name->place = 1;
      return;
    }
    if (entry == KERNEL(u64, mount + MOUNT_ROOT)) {
      u64 inner = mount - MOUNT_ITSELF;
      u64 outer = KERNEL(u64, inner + MOUNT_PARENT);
      if (!outer) return;
      if (outer == inner) {
        name->place = 1;
        return;
      }
      entry = KERNEL(u64, inner + MOUNT_POINT);
      mount = outer + MOUNT_ITSELF;
      continue;
    }
    parent = KERNEL(u64, entry + ENTRY_PARENT);
    u64 at = name->length;
    if (parent == entry || at >= 512) return;
    copy_name(name, entry, at);
    if (name->length == at) return;
    entry = parent;
  }
}

static __always_inline void copy_unix_path(struct file_name *name) {
  u64 address = (u64)name->file.peer.words[1] << 32 | name->file.peer.words[0];
  u32 length = KERNEL(u32, address + ADDRESS_LENGTH);
  if (length <= 2 || length > 2 + 108) return;
  if (bpf_probe_read_kernel(&name->names, 108, (void *)(address + ADDRESS_NAME + 2))) return;
  name->length = length - 2;
}

static __always_inline u64 file_of(u32 descriptor) {
  u64 file = open_file(descriptor);
  if (!file) return 1;
  struct open_file identity = {};
  u64 inode = KERNEL(u64, file + FILE_INODE);
  u64 superblock = KERNEL(u64, inode + INODE_SUPERBLOCK);
  u64 kind = KERNEL(u64, superblock + SUPERBLOCK_MAGIC);
  u64 inode_number = KERNEL(u64, inode + INODE_NUMBER);
  identity.device = KERNEL(u32, superblock + SUPERBLOCK_DEVICE);
  identity.operations = KERNEL(u64, file + FILE_OPERATIONS);
  if (kind == 0x534f434b) {
    u64 sock = KERNEL(u64, KERNEL(u64, file + FILE_DATA) + SOCKET_SOCK);
    identify_socket(sock, &identity, inode_number);
  } else if (kind != 0x50495045) {
    identity.inode = inode_number;
    identity.generation = KERNEL(u32, inode + INODE_GENERATION);
    u64 entry = KERNEL(u64, file + FILE_PATH + PATH_ENTRY);
    identity.name = KERNEL(u64, entry + ENTRY_NAME + NAME_HASH);
    identity.deleted = is_deleted(entry);
  }
  u64 *known = open_files.lookup(&identity);
  u64 number = known ? *known : 0;
  if (!known) {
    u32 zero = 0;
    struct file_name *none = no_file_name.lookup(&zero);
    number = bpf_ktime_get_ns() << 8 | (bpf_get_smp_processor_id() & 127) << 1 | 1;
    if (!none || file_names.insert(&number, none)) return 0;
    struct file_name *name = file_names.lookup(&number);
    if (!name) return 0;
    name->file = identity;
    name->kind = kind;
    if (kind != 0x534f434b) {
      copy_path(file, name);
    } else if (identity.peer.family == 1) {
      copy_unix_path(name);
    }
  }
  bool same = open_file(descriptor) == file && KERNEL(u64, file + FILE_INODE) == inode
      && KERNEL(u64, inode + INODE_NUMBER) == inode_number;
  if (known) return same ? number : 0;
  if (same && !open_files.insert(&identity, &number)) return number;
  file_names.delete(&number);
  known = same ? open_files.lookup(&identity) : 0;
  return known ? *known : 0;
}
