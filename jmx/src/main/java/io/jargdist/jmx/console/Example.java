/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.specifier.Form;
import java.util.List;

/**
 * A probe to start from.
 *
 * @param question what it answers
 */
record Example(String question, Form form, String specifier) {
  static final List<Example> ALL =
      List.of(
          new Example(
              "Which sizes does read return?", Form.HISTOGRAM, "r:c:read():int:$retval#read sizes"),
          new Example(
              "How long does fsync take, in \u00b5s?",
              Form.HISTOGRAM,
              "r:c:fsync():u64:$latency/1000#fsync us"),
          new Example(
              "Which sizes are asked of malloc?",
              Form.HISTOGRAM,
              "p:c:malloc(size_t size):size_t:size#malloc sizes"),
          new Example(
              "How long does read take, in \u00b5s?",
              Form.HISTOGRAM,
              "r:c:read():u64:$latency/1000#read us"),
          new Example(
              "Which sizes do write system calls have?",
              Form.HISTOGRAM,
              "t:syscalls:sys_enter_write():u64:args->count#write sizes"),
          new Example(
              "Which file descriptors are written to?",
              Form.FREQUENCY,
              "p:c:write(int fd):int:fd#writes by fd"),
          new Example(
              "How many bytes are written to which file descriptor?",
              Form.SUM,
              "p:c:write(int fd, void *b, size_t n):size_t,int:n,fd#bytes by fd"),
          new Example(
              "How long does read take, in \u00b5s, for each file descriptor?",
              Form.HISTOGRAM,
              "r:c:read(int fd):u64,int:$latency/1000,$entry(fd)#read us by fd"),
          new Example(
              "Which files are opened?",
              Form.FREQUENCY,
              "p:c:open64(char *path):char*:path#files opened"),
          new Example(
              "Which methods are compiled?",
              Form.FREQUENCY,
              "u:jvm:method__compile__begin():char*,char*:class,method#compiled"),
          new Example(
              "How many garbage collections are there?",
              Form.FREQUENCY,
              "u:jvm:gc__begin()#collections"));
}
