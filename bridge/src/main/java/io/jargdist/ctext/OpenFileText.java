/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import static io.jargdist.facts.AddressFamily.AF_INET;
import static io.jargdist.facts.AddressFamily.AF_INET6;
import static io.jargdist.facts.AddressFamily.AF_UNIX;

import io.jargdist.facts.OpenFileFields;
import io.jargdist.facts.OpenFileFields.Field;
import java.util.Locale;

/**
 * Writes the C function that finds out which file a descriptor of the current process means, and
 * the tables in which it keeps what names a file.
 *
 * <p>A file gets a number when it is first seen. What tells it from others is the key of one table;
 * what names it is in another one, under the number. A name is complete before its number is
 * published, and is never changed. Whoever publishes second takes the number of the first.
 *
 * <p>The hash of a name depends on its folder, too. So a file that is renamed, and one that gets
 * the inode of a deleted one on a file system without generations, such as an overlay, are others.
 *
 * <p>Another thread may close the descriptor meanwhile, and the kernel may use the structures for
 * another file. So the program looks at the end whether the descriptor still leads to the same
 * inode, and takes a miss for a miss.
 */
public final class OpenFileText {
  /** The number of a file that could not be identified, or for whose name there is no place. */
  public static final long UNKNOWN = 0;

  /** Stands for a number that is not an open descriptor. */
  public static final long NOT_OPEN = 1;

  /** {@code s_magic} of include/uapi/linux/magic.h. */
  public static final int SOCKETS = 0x534f434b;

  public static final int PIPES = 0x50495045;

  /** How many bytes of a path are copied before the last name, and how long a name can be. */
  private static final int PATH = 512;

  private static final int NAME = 256;
  private static final int IDENTITY_SIZE = 64;
  private static final int MOST_FOLDERS = 40;

  private static final int SOCK_DGRAM = 2;
  private static final int TCP_LISTEN = 10;

  /** sizeof(sun_path) of include/uapi/linux/un.h, and what stands before it. */
  private static final int UNIX_PATH = 108;

  private static final int UNIX_FAMILY = 2;

  /** How the copied names make a path. */
  public enum Place {
    /** They do not reach the root: there are too many, or it is not below a root. */
    PARTIAL,
    /** They reach the root of the process. */
    WHOLE,
    /** There is one name, which is in no folder. */
    NO_FOLDER
  }

  private OpenFileText() {}

  /** Returns the size of what names a file, and of its number, in bytes. */
  public static int size() {
    return IDENTITY_SIZE + 3 * Long.BYTES + PATH + NAME + Long.BYTES;
  }

  /** Returns the tables and the function {@code file_of(descriptor)}. */
  static String functions(OpenFileFields fields) {
    StringBuilder text = new StringBuilder();
    for (Field field : Field.values()) {
      text.append(
          String.format(Locale.ROOT, "#define %s %d\n", field.name(), fields.offsets().get(field)));
    }
    return text.append(TABLES).append(IDENTITY).append(NAMES).append(FILE_OF).toString();
  }

  /**
   * Returns the call that gives the number of the file that a descriptor means now.
   *
   * @param descriptor a C expression that binds tighter than any operator
   */
  static String call(String descriptor) {
    return "file_of((u32)" + descriptor + ")";
  }

  private static final String TABLES =
      String.format(
          Locale.ROOT,
          """

          // Memory of the kernel; 0 if it cannot be read.
          #define KERNEL(type, address) ({ \\
            type value_ = 0; \\
            bpf_probe_read_kernel(&value_, sizeof(value_), (void *)(address)); \\
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
            char names[%3$d];
          };

          BPF_F_TABLE("hash", struct open_file, u64, %1$s, SIZED, 0);
          BPF_F_TABLE("hash", u64, struct file_name, %2$s, SIZED, 0);
          BPF_F_TABLE("array", u32, struct file_name, no_file_name, 1, 0);

          """,
          ProgramTables.OPEN_FILES,
          ProgramTables.FILE_NAMES,
          PATH + NAME);

  private static final String IDENTITY =
      String.format(
          Locale.ROOT,
          """
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
            if (address || KERNEL(u16, sock + SOCK_TYPE) == %4$d) return address;
            return KERNEL(u64, KERNEL(u64, sock + UNIX_PEER) + UNIX_ADDRESS);
          }

          static __always_inline void identify_socket(u64 sock, struct open_file *file, u64 inode) {
            u32 family = KERNEL(u16, sock + SOCK_FAMILY);
            file->peer.family = family;
            if (family == %1$d) {
              file->inode = inode;
              u64 address = unix_address(sock);
              file->peer.words[0] = address;
              file->peer.words[1] = address >> 32;
            } else if (family == %2$d || family == %3$d) {
              file->protocol = KERNEL(u16, sock + SOCK_PROTOCOL);
              if (KERNEL(u8, sock + SOCK_STATE) == %5$d) {
                file->listens = KERNEL(u16, sock + SOCK_OWN_PORT);
                return;
              }
              file->peer.port = KERNEL(u16, sock + SOCK_PORT);
              if (family == %2$d) {
                file->peer.words[0] = KERNEL(u32, sock + SOCK_ADDRESS_4);
              } else {
                bpf_probe_read_kernel(
                    &file->peer.words, sizeof(file->peer.words), (void *)(sock + SOCK_ADDRESS_6));
              }
            }
          }

          """,
          AF_UNIX,
          AF_INET,
          AF_INET6,
          SOCK_DGRAM,
          TCP_LISTEN);

  private static final String NAMES =
      String.format(
          Locale.ROOT,
          """
          static __always_inline void copy_name(struct file_name *name, u64 entry, u64 at) {
            u64 text = KERNEL(u64, entry + ENTRY_NAME + NAME_TEXT);
            long length = bpf_probe_read_kernel_str(&name->names[at & %2$d], %3$d, (void *)text);
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
              name->place = %6$d;
              copy_name(name, entry, 0);
              return;
            }
          #pragma nounroll
            for (int i = 0; i < %1$d; i++) {
              if (mount == root_mount && entry == root_entry) {
                name->place = %5$d;
                return;
              }
              if (entry == KERNEL(u64, mount + MOUNT_ROOT)) {
                u64 inner = mount - MOUNT_ITSELF;
                u64 outer = KERNEL(u64, inner + MOUNT_PARENT);
                if (!outer) return;
                if (outer == inner) {
                  name->place = %5$d;
                  return;
                }
                entry = KERNEL(u64, inner + MOUNT_POINT);
                mount = outer + MOUNT_ITSELF;
                continue;
              }
              parent = KERNEL(u64, entry + ENTRY_PARENT);
              u64 at = name->length;
              if (parent == entry || at >= %4$d) return;
              copy_name(name, entry, at);
              if (name->length == at) return;
              entry = parent;
            }
          }

          static __always_inline void copy_unix_path(struct file_name *name) {
            u64 address = (u64)name->file.peer.words[1] << 32 | name->file.peer.words[0];
            u32 length = KERNEL(u32, address + ADDRESS_LENGTH);
            if (length <= %7$d || length > %7$d + %8$d) return;
            if (bpf_probe_read_kernel(&name->names, %8$d, (void *)(address + ADDRESS_NAME + %7$d))) return;
            name->length = length - %7$d;
          }

          """,
          MOST_FOLDERS,
          PATH - 1,
          NAME,
          PATH,
          Place.WHOLE.ordinal(),
          Place.NO_FOLDER.ordinal(),
          UNIX_FAMILY,
          UNIX_PATH);

  private static final String FILE_OF =
      String.format(
          Locale.ROOT,
          """
          static __always_inline u64 file_of(u32 descriptor) {
            u64 file = open_file(descriptor);
            if (!file) return %4$d;
            struct open_file identity = {};
            u64 inode = KERNEL(u64, file + FILE_INODE);
            u64 superblock = KERNEL(u64, inode + INODE_SUPERBLOCK);
            u64 kind = KERNEL(u64, superblock + SUPERBLOCK_MAGIC);
            u64 inode_number = KERNEL(u64, inode + INODE_NUMBER);
            identity.device = KERNEL(u32, superblock + SUPERBLOCK_DEVICE);
            identity.operations = KERNEL(u64, file + FILE_OPERATIONS);
            if (kind == %5$#x) {
              u64 sock = KERNEL(u64, KERNEL(u64, file + FILE_DATA) + SOCKET_SOCK);
              identify_socket(sock, &identity, inode_number);
            } else if (kind != %7$#x) {
              identity.inode = inode_number;
              identity.generation = KERNEL(u32, inode + INODE_GENERATION);
              u64 entry = KERNEL(u64, file + FILE_PATH + PATH_ENTRY);
              identity.name = KERNEL(u64, entry + ENTRY_NAME + NAME_HASH);
              identity.deleted = is_deleted(entry);
            }
            u64 *known = %1$s.lookup(&identity);
            u64 number = known ? *known : 0;
            if (!known) {
              u32 zero = 0;
              struct file_name *none = no_file_name.lookup(&zero);
              number = bpf_ktime_get_ns() << 8 | (bpf_get_smp_processor_id() & 127) << 1 | 1;
              if (!none || %2$s.insert(&number, none)) return %3$d;
              struct file_name *name = %2$s.lookup(&number);
              if (!name) return %3$d;
              name->file = identity;
              name->kind = kind;
              if (kind != %5$#x) {
                copy_path(file, name);
              } else if (identity.peer.family == %6$d) {
                copy_unix_path(name);
              }
            }
            bool same = open_file(descriptor) == file && KERNEL(u64, file + FILE_INODE) == inode
                && KERNEL(u64, inode + INODE_NUMBER) == inode_number;
            if (known) return same ? number : %3$d;
            if (same && !%1$s.insert(&identity, &number)) return number;
            %2$s.delete(&number);
            known = same ? %1$s.lookup(&identity) : 0;
            return known ? *known : %3$d;
          }

          """,
          ProgramTables.OPEN_FILES,
          ProgramTables.FILE_NAMES,
          UNKNOWN,
          NOT_OPEN,
          SOCKETS,
          AF_UNIX,
          PIPES);
}
