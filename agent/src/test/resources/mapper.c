/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * mapper FILE: maps a file to run code from, as the dynamic linker does, whatever is in it. Prints
 * "ready". Commands: "swap FILE" puts another file to the same addresses, "byte OFFSET" prints the
 * byte that the processor sees there. Each prints "done" last.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned char *mapped;

static int map(const char *file) {
  int fd = open(file, O_RDONLY);
  void *at = mmap(mapped, 0x2000, PROT_READ | PROT_EXEC,
                  MAP_PRIVATE | (mapped == NULL ? 0 : MAP_FIXED), fd, 0);
  close(fd);
  if (at == MAP_FAILED) {
    perror(file);
    return 0;
  }
  mapped = at;
  return 1;
}

int main(int count, char **arguments) {
  char line[8192];
  for (int i = 1; i < count; i++) {
    mapped = NULL;
    if (!map(arguments[i])) {
      return 1;
    }
  }
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "swap ", 5) == 0) {
      map(line + 5);
    } else if (strncmp(line, "byte ", 5) == 0) {
      printf("%d\n", mapped[strtol(line + 5, NULL, 0)]);
    }
    puts("done");
    fflush(stdout);
  }
  return 0;
}
