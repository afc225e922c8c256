/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.compile.CachingCompiler;
import io.jargdist.compile.CachingDisassembler;
import io.jargdist.compile.CompilerProcess;
import io.jargdist.compile.OwnCompiler;
import io.jargdist.snapshot.FrequencySnapshot;
import io.jargdist.snapshot.Log2Buckets;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Limits;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import io.jargdist.wire.ReturnWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A bridge for tests, whose target is this process. */
final class OwnBridge implements AutoCloseable {
  private static final int GROUP = 1;

  private final CompilerProcess compiler;
  private final TargetProbes probes;

  /**
   * @param cache where compiled programs are kept
   */
  OwnBridge(Path cache) throws IOException {
    compiler = OwnCompiler.create();
    try {
      probes =
          new TargetProbes(
              BridgeOwner.COMMAND_LINE,
              ProcessHandle.current().pid(),
              new CachingCompiler(compiler, cache),
              new CachingDisassembler(compiler, cache));
    } catch (RuntimeException | Error e) {
      compiler.close();
      throw e;
    }
  }

  /** Returns options without a budget, for events of all threads. */
  static ProbeOptions options() {
    return options(null, /* placement= */ true, ReturnWay.AUTO);
  }

  /** Returns options without a budget, for events of this thread: others call libc, too. */
  static ProbeOptions optionsOfThisThread(boolean placement, ReturnWay way) throws IOException {
    Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self"));
    return options(Integer.valueOf(thread.getFileName().toString()), placement, way);
  }

  private static ProbeOptions options(@Nullable Integer thread, boolean placement, ReturnWay way) {
    return new ProbeOptions(
        80,
        4096,
        4096,
        97,
        Log2Buckets.DEFAULT,
        thread,
        false,
        placement,
        false,
        way,
        new Limits(0, null));
  }

  /** Attaches a probe, which counts nothing before it is {@linkplain #start started}. */
  Message.Attached attach(Form form, String specifier, ProbeOptions options) throws ProbeException {
    return (Message.Attached) probes.handle(new Message.Attach(form, specifier, options, GROUP));
  }

  /** Lets all probes that were attached count from now on. */
  void start() throws ProbeException {
    probes.handle(new Message.Start(GROUP));
  }

  /** Attaches a frequency, which counts from now on. */
  Message.Attached count(String specifier, ProbeOptions options) throws ProbeException {
    Message.Attached probe = attach(Form.FREQUENCY, specifier, options);
    start();
    return probe;
  }

  /** Does everything of a frequency but attach it. */
  Checked checked(String specifier) throws ProbeException {
    return probes.checked(new Message.Check(Form.FREQUENCY, specifier, options()));
  }

  Message read(Message.Attached probe) throws ProbeException {
    return probes.handle(new Message.Read(probe.probe()));
  }

  FrequencySnapshot frequency(Message.Attached probe) throws ProbeException {
    return ((Message.Frequency) read(probe)).snapshot();
  }

  void detach(Message.Attached probe) throws ProbeException {
    probes.handle(new Message.Detach(probe.probe()));
  }

  @Override
  public void close() {
    probes.close();
    compiler.close();
  }
}
