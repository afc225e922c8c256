/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.facts.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The kernel headers that libbcc's own preamble includes (0.20 to 0.37), as small as they can be:
 * what makes compiling without installed headers possible. {@code BCC_KERNEL_SOURCE} points to it.
 */
final class HeaderTree {
  private static final String X86_64_REGISTERS =
      """
      struct pt_regs {
        unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax,
            ip, cs, flags, sp, ss;
      };
      """;

  private static final String AARCH64_REGISTERS =
      """
      struct pt_regs {
        unsigned long long regs[31], sp, pc, pstate;
      };
      """;

  private static final String TYPES =
      """
      #pragma once
      typedef signed char s8, __s8;
      typedef unsigned char u8, __u8;
      typedef short s16, __s16;
      typedef unsigned short u16, __u16, __be16, __le16;
      typedef int s32, __s32;
      typedef unsigned int u32, __u32, __be32, __le32, __wsum;
      typedef long long s64, __s64;
      typedef unsigned long long u64, __u64, __be64, __le64;
      typedef unsigned short __sum16;
      typedef __u64 __aligned_u64 __attribute__((aligned(8)));
      typedef unsigned long uintptr_t, size_t;
      typedef long ssize_t;
      typedef _Bool bool;
      #define true 1
      #define false 0
      #define NULL ((void *)0)
      #define __always_inline inline __attribute__((always_inline))
      #define __inline__ inline
      """;

  private HeaderTree() {}

  /**
   * Makes the files below a folder whose name tells their content, or finds them there. A folder
   * appears whole or not at all, and is never changed: other compilers may be reading it.
   *
   * @param parent private to this user
   * @param release the running kernel's: {@code "6.1.0-13-amd64"}
   * @return the folder, for {@code BCC_KERNEL_SOURCE}
   */
  static Path in(Path parent, Architecture architecture, String release) throws IOException {
    Map<String, String> files = files(architecture, release);
    Path tree =
        parent.resolve(
            FileCache.nameFor(files.toString().getBytes(StandardCharsets.UTF_8), "")
                .substring(0, 16));
    if (Files.isDirectory(tree)) {
      return tree;
    }
    Path temporary = Files.createTempDirectory(parent, "new-");
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = temporary.resolve("include").resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    readableByAll(temporary);
    try {
      Files.move(temporary, tree, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Another process was faster; its files are the same.
      remove(temporary);
      if (!Files.isDirectory(tree)) {
        throw e;
      }
    }
    return tree;
  }

  /** The compiler has become another user by then. The folder above stays closed to all others. */
  private static void readableByAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        boolean directory = Files.isDirectory(file);
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(directory ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Map<String, String> files(Architecture architecture, String release) {
    String registers = architecture.choose(X86_64_REGISTERS, AARCH64_REGISTERS);
    return new TreeMap<>(
        Map.of(
            "linux/kconfig.h", "#pragma once\n#define CONFIG_BPF_SYSCALL 1\n",
            "linux/types.h", TYPES,
            "linux/bpf_common.h", "#pragma once\n",
            "linux/version.h", version(release),
            "linux/log2.h", "#pragma once\n",
            "asm/page.h", "#pragma once\n#define PAGE_SIZE 4096\n",
            "uapi/linux/bpf.h", "#pragma once\n",
            "uapi/linux/if_packet.h", "#pragma once\n",
            "uapi/linux/ptrace.h", "#pragma once\n" + registers));
  }

  private static String version(String release) {
    String[] numbers = release.split("[^0-9]+", 4);
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int number = i < numbers.length && !numbers[i].isEmpty() ? Integer.parseInt(numbers[i]) : 0;
      code = code << 8 | Math.min(255, number);
    }
    return String.format(
        Locale.ROOT,
        """
    #pragma once
    #define LINUX_VERSION_CODE %d
    #define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
    """,
        code);
  }
}
