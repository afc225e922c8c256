/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A process that looks like a JVM and is none: it has mapped a file called libjvm.so, catches
 * SIGQUIT, and listens where a JVM waits for agents.
 *
 *   hostile_jvm LIBJVM silent             takes requests and never answers
 *   hostile_jvm LIBJVM endless            answers without end
 *   hostile_jvm LIBJVM plant FILE         puts a link to FILE, under the name of our jar, into
 *                                         each folder of ours in /tmp; answers what a JVM might
 *   hostile_jvm LIBJVM fifo               the same with a FIFO
 *   hostile_jvm LIBJVM link SOCKET        its .java_pid is a link to SOCKET
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void ignore(int signal) { (void)signal; }

enum manner { SILENT, ENDLESS, POLITE };

static void serve(enum manner manner) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/tmp/.java_pid%d", getpid());
  unlink(address.sun_path);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 5)) {
    perror("hostile_jvm");
    exit(1);
  }
  chmod(address.sun_path, 0600);
  puts("ready");
  fflush(stdout);
  static char text[1 << 16];
  memset(text, 'x', sizeof text);
  memcpy(text, "0\n", 2);
  for (;;) {
    int client = accept(server, NULL, NULL);
    while (manner == ENDLESS && send(client, text, sizeof text, MSG_NOSIGNAL) > 0) {
    }
    if (manner == POLITE) {
      char request[2048];
      (void)!read(client, request, sizeof request);
      (void)!write(client, "0\n", 2);
    }
    /* A silent one keeps its clients. */
    if (manner != SILENT) close(client);
  }
}

static void plant(const char *file) {
  if (fork()) serve(POLITE);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    DIR *tmp = opendir("/tmp");
    for (struct dirent *entry; tmp && (entry = readdir(tmp));) {
      if (strncmp(entry->d_name, ".jargdist-", 10)) continue;
      char path[512];
      snprintf(path, sizeof path, "/tmp/%s/jargdist.jar", entry->d_name);
      if (file) {
        (void)!symlink(file, path);
      } else {
        mkfifo(path, 0600);
      }
    }
    if (tmp) closedir(tmp);
  }
}

int main(int count, char **arguments) {
  int library = open(arguments[1], O_RDONLY);
  void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, library, 0);
  if (code == MAP_FAILED) {
    perror("hostile_jvm");
    return 1;
  }
  signal(SIGQUIT, ignore);
  if (!strcmp(arguments[2], "silent")) serve(SILENT);
  if (!strcmp(arguments[2], "endless")) serve(ENDLESS);
  if (!strcmp(arguments[2], "plant")) plant(arguments[3]);
  if (!strcmp(arguments[2], "fifo")) plant(NULL);
  if (!strcmp(arguments[2], "link")) {
    char path[108];
    snprintf(path, sizeof path, "/tmp/.java_pid%d", getpid());
    unlink(path);
    if (symlink(arguments[3], path)) return 1;
    puts("ready");
    fflush(stdout);
    for (;;) pause();
  }
  return 1;
}
