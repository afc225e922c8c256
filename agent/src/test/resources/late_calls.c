/* What LateCalls does with libraries: opens, calls and closes them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MOST_CALLS 200000

static char path[4096];
static void *library;
static void (*late)(int);
static long opened;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

void Java_io_jargdist_testing_LateCalls_letter(void *env, void *class, int at, int letter) {
  path[at] = (char)letter;
}

int Java_io_jargdist_testing_LateCalls_open(void *env, void *class) {
  opened = now();
  library = dlopen(path, RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  late = (void (*)(int))dlsym(library, "late");
  return 0;
}

void Java_io_jargdist_testing_LateCalls_call(void *env, void *class, int times) {
  for (int i = 0; i < times; i++) {
    late(i);
  }
}

/* Calls for so long, and writes when each call was made to the path: ns since the library was opened. */
int Java_io_jargdist_testing_LateCalls_spin(void *env, void *class, int millis) {
  static long times[MOST_CALLS];
  long end = now() + millis * 1000000L;
  int calls = 0;
  struct timespec pause = {0, 20000};
  while (now() < end && calls < MOST_CALLS) {
    times[calls++] = now() - opened;
    late(calls);
    nanosleep(&pause, NULL);
  }
  FILE *file = fopen(path, "w");
  for (int i = 0; i < calls; i++) {
    fprintf(file, "%ld\n", times[i]);
  }
  return fclose(file);
}

int Java_io_jargdist_testing_LateCalls_close(void *env, void *class) {
  return dlclose(library);
}
