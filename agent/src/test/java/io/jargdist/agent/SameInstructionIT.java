/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.testing.Command;
import io.jargdist.testing.Command.Result;
import io.jargdist.testing.Jdks;
import io.jargdist.testing.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another program probes the instruction with a reference counter, as bcc 0.26 does by mistake. */
class SameInstructionIT {
  /** Probes a function of its own libc, which is the JVM's, until its stdin ends. */
  private static final String OTHER =
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <link.h>
      #include <linux/perf_event.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/syscall.h>
      #include <unistd.h>
      static unsigned long offset(unsigned long address, const char **path) {
        Dl_info info;
        struct link_map *map;
        dladdr1((void *)address, &info, (void **)&map, RTLD_DL_LINKMAP);
        *path = info.dli_fname;
        const ElfW(Ehdr) *header = info.dli_fbase;
        const ElfW(Phdr) *part = (const void *)((const char *)header + header->e_phoff);
        unsigned long relative = address - map->l_addr;
        for (int i = 0; i < header->e_phnum; i++)
          if (part[i].p_type == PT_LOAD && relative - part[i].p_vaddr < part[i].p_memsz)
            return relative - part[i].p_vaddr + part[i].p_offset;
        return 0;
      }
      int main(int count, char **arguments) {
        int type;
        FILE *file = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
        if (!file || fscanf(file, "%d", &type) != 1) return 2;
        const char *path;
        struct perf_event_attr attr;
        memset(&attr, 0, sizeof attr);
        attr.size = sizeof attr;
        attr.type = type;
        /* The counter is in the file's header, which no process can write, so nothing changes. */
        attr.config = 0x10UL << 32;
        attr.probe_offset = offset((unsigned long)dlsym(RTLD_DEFAULT, arguments[1]), &path);
        attr.uprobe_path = (unsigned long)path;
        if (syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0) < 0) return 3;
        puts("ready");
        fflush(stdout);
        return getchar() < 0 ? 0 : 1;
      }
      """;

  @Test
  void theReasonIsSaid(@TempDir Path folder) throws Exception {
    Path source = Files.writeString(folder.resolve("other.c"), OTHER);
    Path program = folder.resolve("other");
    Result compiled =
        Command.run(List.of("gcc", "-o", program.toString(), source.toString(), "-ldl"));
    assertThat(compiled.exit()).as(compiled.err()).isZero();
    try (Target target = Target.start(Jdks.own(), null, List.of())) {
      String[] count = {
        "-p", Long.toString(target.pid()), "--no-placement", "-C", "p:c:fsync()", "-n", "1"
      };
      Process other = new ProcessBuilder(program.toString(), "fsync").start();
      try {
        assertThat(other.inputReader().readLine()).isEqualTo("ready");
        Result refused = Command.jargdist(count);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
            .startsWith("jargdist: attaching uprobe ")
            .contains(
                "failed with EINVAL (22): somebody else probes the same instruction with another"
                    + " reference counter, as bcc's argdist does: end that one, then try again\n"
                    + "  p:c:fsync()");
      } finally {
        other.getOutputStream().close();
        other.waitFor();
      }
      assertThat(Command.jargdist(count).exit()).isZero();
    }
  }
}
