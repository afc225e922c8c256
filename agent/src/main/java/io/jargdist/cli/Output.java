/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.text.VisibleText;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The one way out of the command line: all that it prints goes through here, and nothing that a
 * target says can command the terminal or forge a row ({@link VisibleText}). What the terminal's
 * character set lacks becomes an escape, too. Thread-safe; uses the JDK only.
 */
final class Output {
  /** This is not System.out, which hides the reason when it cannot be written. */
  static final Output STDOUT =
      new Output(new FileOutputStream(FileDescriptor.out), charset("stdout"));

  static final Output STDERR = new Output(new SystemErr(), charset("stderr"));

  /** There may be 100,000 rows. */
  private static final int BUFFER = 1 << 16;

  private final OutputStream stream;
  private final Charset charset;
  private final CharsetEncoder encoder;
  private @Nullable IOException failure;

  Output(OutputStream stream, Charset charset) {
    this.stream = new BufferedOutputStream(stream, BUFFER);
    this.charset = charset;
    this.encoder = charset.newEncoder();
  }

  /** The JDK tells it in one of two properties, if it is not the default (JDK 19, JDK 17). */
  private static Charset charset(String stream) {
    String name =
        System.getProperty(stream + ".encoding", System.getProperty("sun." + stream + ".encoding"));
    return name != null && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }

  /** A command for a terminal (ECMA-48). */
  enum Control {
    START_OF_LINE("\r"),
    CLEAR_SCREEN("\u001b[2J"),
    TO_THE_TOP("\u001b[H"),
    CLEAR_LINE("\u001b[K"),
    CLEAR_BELOW("\u001b[J"),
    GREEN("\u001b[32m"),
    RED("\u001b[31m"),
    BOLD("\u001b[1m"),
    PLAIN("\u001b[0m");

    private final String sequence;

    Control(String sequence) {
      this.sequence = sequence;
    }
  }

  /** Prints one line, which may begin with tabs. */
  Output line(String text) {
    return write(visible(text) + "\n");
  }

  /** Prints a text of several lines, of which each may begin with tabs. */
  Output lines(String text) {
    for (String line : text.split("\n", -1)) {
      line(line);
    }
    return this;
  }

  /** Prints a part of a line. */
  Output part(String text) {
    return write(visible(text));
  }

  Output control(Control control) {
    return write(control.sequence);
  }

  Output endLine() {
    return write("\n");
  }

  /** Prints a message about what went wrong, at once. */
  void complain(@Nullable String message) {
    StringBuilder lines = new StringBuilder("jargdist: ");
    for (String line : VisibleText.message(String.valueOf(message)).split("\n", -1)) {
      lines.append(visible(line)).append('\n');
    }
    write(lines.toString());
    flush();
  }

  /** Returns a line as it is printed. Idempotent. */
  String visible(String line) {
    String visible = VisibleText.line(line);
    synchronized (this) {
      if (encoder.canEncode(visible)) {
        return visible;
      }
      StringBuilder text = new StringBuilder();
      visible
          .codePoints()
          .forEach(
              character -> {
                String one = Character.toString(character);
                if (encoder.canEncode(one)) {
                  text.append(one);
                } else {
                  VisibleText.appendEscape(text, character);
                }
              });
      return text.toString();
    }
  }

  private synchronized Output write(String text) {
    try {
      stream.write(text.getBytes(charset));
    } catch (IOException e) {
      failure = e;
    }
    return this;
  }

  synchronized void flush() {
    try {
      stream.flush();
    } catch (IOException e) {
      failure = e;
    }
  }

  /**
   * Prints everything at once.
   *
   * @throws ClosedOutputException if that has failed, or what was printed before
   */
  synchronized void check() throws ClosedOutputException {
    flush();
    if (failure != null) {
      throw new ClosedOutputException(failure);
    }
  }

  /** System.err as it is at the moment of writing. */
  private static final class SystemErr extends OutputStream {
    @Override
    public void write(int b) {
      System.err.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      System.err.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      System.err.flush();
    }
  }
}
