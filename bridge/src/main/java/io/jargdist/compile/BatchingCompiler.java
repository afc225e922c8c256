/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import io.jargdist.os.MachineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles together the texts for which threads wait at the same time. Most of a compilation's time
 * goes into the headers, which all texts share. Thread-safe.
 */
public final class BatchingCompiler implements Compiler {
  /**
   * How many texts are compiled together at most. The compiler may have 256 descriptors, and a text
   * has up to nine tables.
   */
  public static final int MOST = 16;

  private final Compiler compiler;

  /** The texts that are waited for, those that are being compiled among them. */
  private final Map<String, Job> jobs = new HashMap<>();

  private final List<Job> waiting = new ArrayList<>();
  private final Object turn = new Object();

  public BatchingCompiler(Compiler compiler) {
    this.compiler = compiler;
  }

  /** A text, and what has become of it. */
  private static final class Job {
    private final String text;
    private volatile @Nullable ProgramImage image;
    private volatile @Nullable Exception failure;

    Job(String text) {
      this.text = text;
    }

    boolean isDone() {
      return image != null || failure != null;
    }

    ProgramImage result() throws CompileException, MachineException {
      ProgramImage made = image;
      if (made != null) {
        return made;
      }
      Exception why = failure;
      if (why instanceof CompileException refused) {
        throw refused;
      } else if (why instanceof MachineException impossible) {
        throw impossible;
      }
      throw new IllegalStateException(why);
    }
  }

  @Override
  public ProgramImage compile(String text) throws CompileException, MachineException {
    Job mine = job(text);
    // Whoever has the turn compiles what all others wait for.
    synchronized (turn) {
      while (!mine.isDone()) {
        carryOut(next());
      }
    }
    return mine.result();
  }

  private Job job(String text) {
    synchronized (jobs) {
      Job known = jobs.get(text);
      if (known != null) {
        return known;
      }
      Job added = new Job(text);
      jobs.put(text, added);
      waiting.add(added);
      return added;
    }
  }

  /** Returns how many texts are still to be compiled. */
  int waiting() {
    synchronized (jobs) {
      return waiting.size();
    }
  }

  private List<Job> next() {
    synchronized (jobs) {
      List<Job> first = waiting.subList(0, Math.min(MOST, waiting.size()));
      List<Job> taken = List.copyOf(first);
      first.clear();
      return taken;
    }
  }

  private void carryOut(List<Job> batch) {
    try {
      if (batch.size() < 2 || !together(batch)) {
        batch.forEach(this::alone);
      }
    } finally {
      synchronized (jobs) {
        batch.forEach(job -> jobs.remove(job.text));
      }
    }
  }

  /** Returns false if one of the texts cannot be compiled, or all of them at once cannot. */
  private boolean together(List<Job> batch) {
    CombinedText combined = CombinedText.of(batch.stream().map(job -> job.text).toList());
    try {
      List<ProgramImage> images = combined.split(compiler.compile(combined.text()));
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).image = images.get(i);
      }
      return true;
    } catch (CompileException | MachineException e) {
      return false;
    }
  }

  private void alone(Job job) {
    try {
      job.image = compiler.compile(job.text);
    } catch (CompileException | MachineException | RuntimeException e) {
      job.failure = e;
    }
  }
}
