/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Calls fsync as often as a line says, and answers "done": as a program, by stdin and stdout; as a
 * library, by the pipes $NATIVE_CALLS.commands and $NATIVE_CALLS.answers, in a thread that no JVM
 * knows or stops.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void serve(FILE *commands, FILE *answers) {
  long times;
  while (fscanf(commands, "%ld", &times) == 1) {
    while (times-- > 0) {
      fsync(-1);
    }
    fputs("done\n", answers);
    fflush(answers);
  }
}

static FILE *open_pipe(const char *name, const char *mode) {
  char path[4096];
  FILE *pipe;
  snprintf(path, sizeof path, "%s.%s", getenv("NATIVE_CALLS"), name);
  pipe = fopen(path, mode);
  if (pipe == NULL) {
    perror(path);
    exit(1);
  }
  return pipe;
}

static void *serve_pipes(void *nothing) {
  FILE *commands = open_pipe("commands", "r");
  serve(commands, open_pipe("answers", "w"));
  return nothing;
}

__attribute__((constructor)) static void start(void) {
  pthread_t thread;
  if (getenv("NATIVE_CALLS") != NULL) {
    pthread_create(&thread, NULL, serve_pipes, NULL);
  }
}

int main(void) {
  puts("ready");
  fflush(stdout);
  serve(stdin, stdout);
  return 0;
}
