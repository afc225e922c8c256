/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.compile.BatchingCompiler;
import io.jargdist.compile.CompileException;
import io.jargdist.compile.Compiler;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.TextOrigins;
import io.jargdist.ctext.FilledNumbers;
import io.jargdist.ctext.TableSizes;
import io.jargdist.kernel.Machine;
import io.jargdist.os.KernelException;
import io.jargdist.os.MachineException;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.SpecifierParser;
import io.jargdist.wire.Message;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Prepares for requests that are to come: starts the compiler for a text that is not known, and has
 * texts compiled before they are asked for, together with each other. Owns its threads.
 * Thread-safe.
 */
final class Preparation implements AutoCloseable {
  private final CompilerProcess process;
  private final Compiler compiler;
  private final TextOrigins origins;
  private final Function<Message.Attach, @Nullable String> texts;

  /** Origins of texts that are not known. */
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();

  private final Set<String> planned = ConcurrentHashMap.newKeySet();
  private final ExecutorService planning =
      Executors.newSingleThreadExecutor(new DaemonFactory("planning"));

  /** A thread waits for each text that is compiled together with others. */
  private final ExecutorService compiling =
      Executors.newFixedThreadPool(BatchingCompiler.MOST, new DaemonFactory("compiling"));

  /**
   * @param process that compiles in the end
   * @param compiler that knows what was compiled before
   * @param texts tells the text that a request needs; null if the request will be refused
   */
  Preparation(
      CompilerProcess process,
      Compiler compiler,
      TextOrigins origins,
      Function<Message.Attach, @Nullable String> texts) {
    this.process = process;
    this.compiler = compiler;
    this.origins = origins;
    this.texts = texts;
  }

  /** Starts the compiler if a request probably needs it. */
  void begin(Message.Attach request) {
    if (needsCompiler(request)) {
      process.prepare();
    }
  }

  /** Does the same, and has the text compiled. */
  void compile(Message.Attach request) {
    if (needsCompiler(request)) {
      process.prepare();
      if (planned.add(origin(request))) {
        planning.execute(() -> plan(request));
      }
    }
  }

  /** Notes that a request has been served, so its text is known. */
  void served(Message.Attach request) {
    String origin = origin(request);
    if (unknown.remove(origin)) {
      origins.add(origin);
    }
  }

  private boolean needsCompiler(Message.Attach request) {
    String origin = origin(request);
    if (unknown.contains(origin)) {
      return true;
    }
    try {
      SpecifierParser.parse(request.specifier(), request.form());
      if (!Machine.isPrivileged() || origins.isKnown(origin)) {
        return false;
      }
      unknown.add(origin);
      return true;
    } catch (SpecifierException | KernelException e) {
      return false;
    }
  }

  /** Texts do not depend on numbers and sizes: see {@link FilledNumbers} and {@link TableSizes}. */
  private static String origin(Message.Attach request) {
    String specifier = request.specifier().replaceAll("\\b\\d\\w*", "0");
    return String.join(
        "\0", request.form().name(), request.options().ofText().toString(), specifier);
  }

  private void plan(Message.Attach request) {
    String text = texts.apply(request);
    if (text != null) {
      try {
        compiling.execute(() -> compile(text));
      } catch (RejectedExecutionException e) {
        // It is closed, and nothing will be asked for.
      }
    }
  }

  private void compile(String text) {
    try {
      compiler.compile(text);
    } catch (CompileException | MachineException e) {
      // Whoever asks for the text meets it again.
    }
  }

  @Override
  public void close() {
    planning.shutdownNow();
    compiling.shutdownNow();
  }
}
