/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CType;
import io.jargdist.facts.DeclaredType;
import io.jargdist.facts.Prototype;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.ResolvedProbe.TracepointField;
import io.jargdist.facts.TypeSource;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Similar;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The kernel's tracepoints, from tracefs. */
final class Tracepoints {
  private static final Pattern FIELD =
      Pattern.compile("\\s*field:(.*);\\s*offset:(\\d+);\\s*size:(\\d+);\\s*signed:([01]);");
  private static final Pattern DECLARATION = Pattern.compile("(.*?)\\s*(\\w+)(\\[(\\w*)\\])?");

  private Tracepoints() {}

  static ResolvedProbe resolve(Specifier specifier, ProbePoint.Tracepoint point)
      throws SpecifierException, MachineException {
    Path events = events();
    Path category = events.resolve(point.category());
    if (!Files.isDirectory(category)) {
      throw unknown(specifier, "category", point.category(), events, point);
    }
    Path event = category.resolve(point.event());
    if (!Files.isDirectory(event)) {
      throw unknown(specifier, "event", point.event(), category, point);
    }
    try {
      int id = Integer.parseInt(KernelFile.text(event.resolve("id")).strip());
      List<TracepointField> fields = parse(KernelFile.lines(event.resolve("format")));
      return new ResolvedProbe.Tracepoint(point.category(), point.event(), id, fields);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static MachineException unreadable(IOException e) {
    return new MachineException(
        "tracefs may not be read (" + IoFailure.sentence(e) + "): run as root", e);
  }

  /** Returns all categories, sorted. */
  static List<String> categories() throws MachineException {
    return folders(events());
  }

  /** Returns all events of a category, sorted. */
  static List<String> events(String category) throws MachineException {
    return folders(events().resolve(category));
  }

  /** Returns an event's own fields. */
  static List<TracepointField> fields(String category, String event) throws MachineException {
    try {
      Path format = events().resolve(category).resolve(event).resolve("format");
      // ftrace's own events have no format file that a program can use.
      return Files.exists(format) ? parse(KernelFile.lines(format)) : List.of();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static List<String> folders(Path folder) throws MachineException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Returns the parameters of a system call, which its tracepoint knows best: its pointers lead to
   * user memory.
   *
   * @param name without any prefix: {@code "write"}
   * @return null if the kernel does not tell them (CONFIG_FTRACE_SYSCALLS), or only to others
   */
  static @Nullable Prototype syscall(String name, TypeSource types) {
    for (Path mount : Tracefs.MOUNTS) {
      Path format = mount.resolve("events/syscalls/sys_enter_" + name + "/format");
      try {
        List<Prototype.Parameter> parameters = new ArrayList<>();
        for (TracepointField field : parse(KernelFile.lines(format))) {
          CType type = DeclaredType.parse(field.declaredType(), types);
          if (!field.name().equals("__syscall_nr")) {
            parameters.add(
                new Prototype.Parameter(field.name(), type == null ? CType.S64 : type, true));
          }
        }
        return new Prototype(parameters, CType.S64);
      } catch (IOException e) {
        // It is not mounted there, or not readable.
      }
    }
    return null;
  }

  static List<TracepointField> parse(List<String> format) {
    List<TracepointField> fields = new ArrayList<>();
    for (String line : format) {
      Matcher matcher = FIELD.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      Matcher declaration = DECLARATION.matcher(matcher.group(1));
      if (!declaration.matches() || declaration.group(2).startsWith("common_")) {
        continue;
      }
      String type = declaration.group(1).strip();
      boolean dynamic = type.startsWith("__data_loc");
      String length = declaration.group(4);
      int size = Integer.parseInt(matcher.group(3));
      Integer arrayLength = null;
      if (declaration.group(3) != null && !dynamic) {
        // A length that is a constant's name says nothing; then the elements are bytes.
        arrayLength = length.matches("\\d+") ? Integer.parseInt(length) : size;
      }
      fields.add(
          new TracepointField(
              declaration.group(2),
              type,
              Integer.parseInt(matcher.group(2)),
              size,
              matcher.group(4).equals("1"),
              arrayLength,
              dynamic));
    }
    return fields;
  }

  private static Path events() throws MachineException {
    for (Path mount : Tracefs.MOUNTS) {
      Path events = mount.resolve("events");
      if (Files.isReadable(events)) {
        return events;
      }
      if (Files.exists(mount) && !Files.isReadable(mount)) {
        throw new MachineException("tracefs at " + mount + " may not be read: run as root");
      }
    }
    throw new MachineException(
        "tracepoints need tracefs: mount -t tracefs tracefs /sys/kernel/tracing");
  }

  private static SpecifierException unknown(
      Specifier specifier, String what, String name, Path folder, ProbePoint.Tracepoint point)
      throws MachineException {
    List<String> near = Similar.nearest(name, folders(folder), 3);
    return new SpecifierException(
        specifier.text(),
        new Diagnostic(
            what,
            what.equals("category") ? point.categorySpan() : point.nameSpan(),
            "this kernel has no tracepoint " + what + " \"" + name + "\"",
            near.isEmpty()
                ? "list them: ls " + folder
                : "did you mean " + String.join(", ", near) + "?"));
  }
}
