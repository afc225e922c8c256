/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static java.util.Objects.requireNonNull;

import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Calls of functions of libc that do no harm: those of libc-calls.txt. */
final class LibcCalls {
  private static final int PARAMETERS = 6;
  private static final int BUFFER = 4096;

  private LibcCalls() {}

  /**
   * A call of a function.
   *
   * @param arguments numbers, strings in quotes, {@code &} for a buffer
   */
  record Call(String function, List<String> arguments) {
    /** Addresses of buffers and strings are different each time; numbers are known. */
    List<Long> values() {
      List<Long> values = new ArrayList<>();
      for (String argument : arguments) {
        if (argument.equals("&")) {
          values.add(MemoryIO.getInstance().allocateMemory(BUFFER, true));
        } else if (argument.startsWith("\"")) {
          byte[] text = argument.replace("\"", "").getBytes(StandardCharsets.US_ASCII);
          long address = MemoryIO.getInstance().allocateMemory(text.length + 1L, true);
          MemoryIO.getInstance().putByteArray(address, text, 0, text.length);
          values.add(address);
        } else {
          values.add(Long.parseLong(argument));
        }
      }
      while (values.size() < PARAMETERS) {
        values.add(4099L + values.size());
      }
      return values;
    }

    void make(List<Long> values) {
      long address =
          Library.getCachedInstance("libc.so.6", Library.LAZY).getSymbolAddress(function);
      Type[] parameters = new Type[PARAMETERS];
      Arrays.fill(parameters, Type.SINT64);
      Function called = new Function(address, Type.SINT64, parameters);
      HeapInvocationBuffer passed = new HeapInvocationBuffer(called);
      values.forEach(passed::putLong);
      Invoker.getInstance().invokeLong(called, passed);
    }
  }

  static List<Call> all() throws IOException {
    try (InputStream in = requireNonNull(LibcCalls.class.getResourceAsStream("libc-calls.txt"))) {
      List<Call> calls = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
        for (String call : line.startsWith("#") ? new String[0] : line.split("\\|", -1)) {
          List<String> words = List.of(call.strip().split(" ", -1));
          if (!words.get(0).isEmpty()) {
            calls.add(new Call(words.get(0), words.subList(1, words.size())));
          }
        }
      }
      return calls;
    }
  }
}
