/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The types that are the same on every kernel: C's integers with their usual names (LP64), and the
 * types of JNI.
 */
public final class BaseTypes {
  private static final Map<String, CType> TYPES = new HashMap<>();

  static {
    put(CType.OPAQUE, "void");
    put(CType.S8, "char", "signed char", "s8", "__s8", "int8_t");
    put(CType.U8, "unsigned char", "u8", "__u8", "uint8_t", "u_char", "jboolean");
    put(CType.BOOL, "bool", "_Bool");
    put(CType.S16, "short", "s16", "__s16", "int16_t");
    put(CType.U16, "unsigned short", "u16", "__u16", "uint16_t", "ushort", "sa_family_t");
    put(CType.U16, "__be16", "__le16", "umode_t", "in_port_t");
    put(CType.S32, "int", "s32", "__s32", "int32_t", "pid_t", "clockid_t", "key_t");
    put(CType.U32, "unsigned int", "u32", "__u32", "uint32_t", "uint", "u_int", "__be32");
    put(
        CType.U32,
        "uid_t",
        "gid_t",
        "mode_t",
        "socklen_t",
        "gfp_t",
        "id_t",
        "__le32",
        "useconds_t");
    put(CType.S64, "long", "long long", "s64", "__s64", "int64_t", "ssize_t", "intptr_t");
    put(CType.S64, "ptrdiff_t", "off_t", "off64_t", "loff_t", "time_t", "suseconds_t", "clock_t");
    put(CType.U64, "unsigned long", "unsigned long long", "u64", "__u64", "uint64_t", "size_t");
    put(CType.U64, "uintptr_t", "ulong", "u_long", "ino_t", "sector_t", "pthread_t", "nfds_t");
    put(CType.U64, "__be64", "__le64", "rlim_t");
    put(CType.S64, "blkcnt_t", "jlong");
    put(CType.S32, "wchar_t", "jint", "jsize");
    put(CType.S16, "jshort");
    put(CType.U16, "jchar");
    put(CType.S8, "jbyte");
    put(new CType.Pointer(CType.OPAQUE), "jobject", "jclass", "jstring", "jarray", "jthrowable");
    put(new CType.Pointer(CType.OPAQUE), "jweak", "jmethodID", "jfieldID", "timer_t");
  }

  private BaseTypes() {}

  private static void put(CType type, String... names) {
    for (String name : names) {
      TYPES.put(name, type);
    }
  }

  /**
   * @param name in the canonical order of words: {@code "unsigned long"}
   * @return null if there is no such base type
   */
  public static @Nullable CType named(String name) {
    return TYPES.get(name);
  }

  /** Returns all names, for suggestions. */
  public static Set<String> names() {
    return TYPES.keySet();
  }
}
