/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A library that gcc makes, mapped into this process, and calls of its functions by this thread.
 */
final class GccLibrary {
  private final Path file;
  private final Library library;

  private GccLibrary(Path file, Library library) {
    this.file = file;
    this.library = library;
  }

  /** Compiles a library, which is not mapped yet. */
  static Path compile(Path file, String source, String... options)
      throws IOException, InterruptedException {
    Files.createDirectories(file.getParent());
    Path text = file.resolveSibling(file.getFileName() + ".c");
    Files.writeString(text, source);
    List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", file.toString(), text.toString()));
    run(command.toArray(String[]::new));
    return file;
  }

  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", List.of(command), printed).isZero();
  }

  /** Maps it, until this process ends. */
  static GccLibrary load(Path file) {
    Library library = Library.openLibrary(file.toString(), Library.NOW | Library.LOCAL);
    assertThat(library).as("%s: %s", file, Library.getLastError()).isNotNull();
    return new GccLibrary(file, library);
  }

  Path file() {
    return file;
  }

  /** Calls a function that takes and returns a long. */
  long call(String name, long argument) {
    Function function = new Function(library.getSymbolAddress(name), Type.SINT64, Type.SINT64);
    HeapInvocationBuffer passed = new HeapInvocationBuffer(function);
    passed.putLong(argument);
    return Invoker.getInstance().invokeLong(function, passed);
  }

  /** Calls it so many times with one argument. */
  void call(String name, long argument, int times) {
    for (int i = 0; i < times; i++) {
      call(name, argument);
    }
  }
}
