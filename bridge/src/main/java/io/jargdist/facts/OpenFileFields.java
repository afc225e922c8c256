/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Where the running kernel's structures have what tells open files from others, and what names
 * them.
 *
 * @param offsets of each field in its structure, in bytes
 * @param missing the fields that this kernel does not have; a descriptor is not explained unless
 *     this is empty
 */
public record OpenFileFields(Map<Field, Integer> offsets, List<String> missing) {
  /** A member of a structure of the kernel. */
  public enum Field {
    TASK_FILES("struct task_struct", "files"),
    TASK_FOLDERS("struct task_struct", "fs"),
    FOLDERS_ROOT("struct fs_struct", "root"),
    FILES_TABLE("struct files_struct", "fdt"),
    TABLE_SIZE("struct fdtable", "max_fds"),
    TABLE_FILES("struct fdtable", "fd"),
    FILE_INODE("struct file", "f_inode"),
    FILE_PATH("struct file", "f_path"),
    FILE_OPERATIONS("struct file", "f_op"),
    FILE_DATA("struct file", "private_data"),
    PATH_MOUNT("struct path", "mnt"),
    PATH_ENTRY("struct path", "dentry"),
    INODE_SUPERBLOCK("struct inode", "i_sb"),
    INODE_NUMBER("struct inode", "i_ino"),
    INODE_GENERATION("struct inode", "i_generation"),
    SUPERBLOCK_DEVICE("struct super_block", "s_dev"),
    SUPERBLOCK_MAGIC("struct super_block", "s_magic"),
    ENTRY_PARENT("struct dentry", "d_parent"),
    ENTRY_NAME("struct dentry", "d_name"),
    ENTRY_HASH("struct dentry", "d_hash"),
    HASH_PREVIOUS("struct hlist_bl_node", "pprev"),
    NAME_HASH("struct qstr", "hash_len"),
    NAME_TEXT("struct qstr", "name"),
    MOUNT_ROOT("struct vfsmount", "mnt_root"),
    MOUNT_ITSELF("struct mount", "mnt"),
    MOUNT_PARENT("struct mount", "mnt_parent"),
    MOUNT_POINT("struct mount", "mnt_mountpoint"),
    SOCKET_SOCK("struct socket", "sk"),
    SOCK_FAMILY("struct sock_common", "skc_family"),
    SOCK_STATE("struct sock_common", "skc_state"),
    SOCK_PORT("struct sock_common", "skc_dport"),
    SOCK_OWN_PORT("struct sock_common", "skc_num"),
    SOCK_ADDRESS_4("struct sock_common", "skc_daddr"),
    SOCK_ADDRESS_6("struct sock_common", "skc_v6_daddr"),
    SOCK_PROTOCOL("struct sock", "sk_protocol"),
    SOCK_TYPE("struct sock", "sk_type"),
    UNIX_ADDRESS("struct unix_sock", "addr"),
    UNIX_PEER("struct unix_sock", "peer"),
    ADDRESS_LENGTH("struct unix_address", "len"),
    ADDRESS_NAME("struct unix_address", "name");

    private final String struct;
    private final String member;

    Field(String struct, String member) {
      this.struct = struct;
      this.member = member;
    }

    public String struct() {
      return struct;
    }

    public String member() {
      return member;
    }
  }

  public OpenFileFields {
    offsets = Map.copyOf(offsets);
    missing = List.copyOf(missing);
  }

  /** Returns those of the kernel with these types. */
  public static OpenFileFields of(TypeSource kernel) {
    Map<Field, Integer> offsets = new EnumMap<>(Field.class);
    List<String> missing = new ArrayList<>();
    for (Field field : Field.values()) {
      TypeSource.Member member =
          kernel.named(field.struct) instanceof CType.Struct struct
              ? kernel.member(struct, field.member)
              : null;
      if (member == null || member.bitWidth() != 0) {
        missing.add(field.struct + "." + field.member);
      } else {
        offsets.put(field, member.offset());
      }
    }
    return new OpenFileFields(offsets, missing);
  }
}
