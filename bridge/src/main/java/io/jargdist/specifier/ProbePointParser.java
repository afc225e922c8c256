/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.Set;
import java.util.regex.Pattern;

/** Parses where a probe is: everything before the parentheses. */
final class ProbePointParser {
  private static final Set<Character> COLON = Set.of(':');

  /** What begins so has a type of its own. */
  private static final Pattern KIND = Pattern.compile("[ \\t]*[prtu][ \\t]*:");

  private static final Pattern PROBE_NAME = Pattern.compile(":[A-Za-z0-9_]+\\(");

  /** Possessive, so that a long name that is wrong is refused at once. */
  private static final Pattern FUNCTION =
      Pattern.compile(
          "[A-Za-z_~][A-Za-z0-9_$~]*+(?:::[A-Za-z_~][A-Za-z0-9_$~]*+)*+(?:\\.[A-Za-z0-9_.]*+)?");

  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9_.+-]+");

  private final Cursor cursor;

  ProbePointParser(Cursor cursor) {
    this.cursor = cursor;
  }

  /** Returns whether a type comes next, and not a name. */
  boolean hasType() {
    return KIND.matcher(rest()).lookingAt();
  }

  /** Parses the type and the colon behind it. */
  ProbeType type() throws SpecifierException {
    cursor.field("probe type");
    cursor.skipBlanks();
    int start = cursor.position();
    String written = cursor.until(COLON).strip();
    ProbeType type = ProbeType.of(written);
    if (type == null) {
      String shown = written.length() > 20 ? written.substring(0, 20) + "..." : written;
      throw cursor.error(
          cursor.from(start), "\"" + shown + "\" is not a probe type", beginning(written));
    }
    cursor.expect(":", "TYPE:LIBRARY:FUNCTION()");
    return type;
  }

  private static String beginning(String type) {
    String known = OtherWords.probeType(type);
    if (known != null) {
      return "write " + known;
    } else if (type.startsWith("@")) {
      return "-H, -C and -S say what is made of the values; begin with p:, r:, t: or u:";
    }
    return "begin with p: (entry), r: (return), t: (tracepoint) or u: (USDT)";
  }

  /** Parses the rest of the place, and the opening parenthesis. */
  ProbePoint point(ProbeType type) throws SpecifierException {
    cursor.field(type.placeField());
    cursor.skipBlanks();
    int start = cursor.position();
    String library = cursor.until(COLON).strip();
    Span librarySpan = cursor.from(start);
    if (cursor.atEnd()) {
      throw cursor.error(
          librarySpan, "a function must follow", "TYPE:LIBRARY:FUNCTION(), for example r:c:read()");
    }
    cursor.next();
    checkLibrary(type, library, librarySpan);
    cursor.field(type.nameField());
    cursor.skipBlanks();
    int nameStart = cursor.position();
    String name = name(type);
    Span nameSpan = cursor.from(nameStart);
    if (library.startsWith("/") && name.contains("/")) {
      throw colonInPath(cursor.from(start), type, name);
    }
    if (!cursor.accept("(")) {
      throw cursor.error(nameSpan, "parentheses must follow the name", "write " + name + "()");
    }
    return switch (type) {
      case ENTRY -> function(library, name, false, librarySpan, nameSpan);
      case RETURN -> function(library, name, true, librarySpan, nameSpan);
      case TRACEPOINT -> tracepoint(library, name, librarySpan, nameSpan);
      case USDT -> usdt(library, name, librarySpan, nameSpan);
    };
  }

  /**
   * @param name what stands behind the first colon of the path
   */
  private SpecifierException colonInPath(Span span, ProbeType type, String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    int colon = file.indexOf(':');
    return cursor.error(
        span,
        "a path ends at its first colon",
        "write the library's name without its folder: "
            + type.letter()
            + ":"
            + (colon < 0 ? file : file.substring(0, colon))
            + ":FUNCTION()");
  }

  private void checkLibrary(ProbeType type, String library, Span span) throws SpecifierException {
    if (type == ProbeType.TRACEPOINT) {
      if (!library.matches("[A-Za-z0-9_-]+")) {
        throw cursor.error(
            span, "a tracepoint needs its category", "for example t:syscalls:sys_enter_write()");
      }
      return;
    }
    boolean path = library.startsWith("/");
    boolean plain = library.matches("[A-Za-z0-9_.+@*-]*") && !library.equals("..");
    if (path ? library.contains("/../") || library.endsWith("/..") : !plain) {
      throw cursor.error(
          span,
          "\"" + library + "\" is not a library",
          "a name (c, jvm, z) or an absolute path without ..");
    }
    int file = library.lastIndexOf('/') + 1;
    if (library.indexOf('*') >= 0 && library.indexOf('*') < file) {
      throw cursor.error(
          span,
          "* can stand in the last part of a path only",
          "write the folder, or the name alone: " + library.substring(file));
    } else if (library.matches("(.*/)?\\*+")) {
      throw cursor.error(
          span,
          "* alone would be every library",
          type == ProbeType.USDT
              ? "write a part of the name, such as libnetty*; without a library, u: sees all"
              : "write a part of the name, such as libnetty*");
    }
  }

  /**
   * Parses the place of a second event that leaves out what stands before its name, and the opening
   * parenthesis.
   *
   * @param first where the first event is, which is of the same type
   */
  ProbePoint second(ProbeType type, ProbePoint first) throws SpecifierException {
    cursor.field(type.nameField());
    cursor.skipBlanks();
    int start = cursor.position();
    String name = name(type);
    Span span = cursor.from(start);
    if (cursor.peek() == ':') {
      throw cursor.error(
          span,
          "\"" + name + "\" is not a probe type",
          "the second event has a type, as in p:LIBRARY:FUNCTION(), or only a name: FUNCTION()");
    } else if (!cursor.accept("(")) {
      throw cursor.error(span, "parentheses must follow the name", "write " + name + "()");
    }
    return inherited(first, name, span);
  }

  private ProbePoint inherited(ProbePoint first, String name, Span span) throws SpecifierException {
    return switch (first.kind()) {
      case USER_FUNCTION -> {
        ProbePoint.UserFunction function = (ProbePoint.UserFunction) first;
        yield function(function.library(), name, function.atReturn(), function.librarySpan(), span);
      }
      case KERNEL_FUNCTION -> function("", name, first.atReturn(), span, span);
      case TRACEPOINT -> {
        ProbePoint.Tracepoint tracepoint = (ProbePoint.Tracepoint) first;
        yield tracepoint(tracepoint.category(), name, tracepoint.categorySpan(), span);
      }
      case USDT -> {
        ProbePoint.Usdt usdt = (ProbePoint.Usdt) first;
        String library = usdt.library();
        ProbePoint.Usdt second =
            (ProbePoint.Usdt) usdt(library == null ? "" : library, name, usdt.librarySpan(), span);
        yield second.provider() == null ? second.of(usdt.provider()) : second;
      }
    };
  }

  /**
   * Returns the text before the parenthesis, or before the end of the field. A colon belongs to the
   * name in {@code Class::method} and in {@code provider:probe(}.
   */
  private String name(ProbeType type) {
    int start = cursor.position();
    while (!cursor.atEnd() && "(#".indexOf(cursor.peek()) < 0) {
      if (cursor.peek() == ':') {
        if (cursor.peek(1) == ':') {
          cursor.next();
        } else if (type != ProbeType.USDT || !PROBE_NAME.matcher(rest()).lookingAt()) {
          break;
        }
      }
      cursor.next();
    }
    return cursor.text().substring(start, cursor.position()).strip();
  }

  private String rest() {
    return cursor.text().substring(cursor.position());
  }

  private ProbePoint function(
      String library, String name, boolean atReturn, Span librarySpan, Span nameSpan)
      throws SpecifierException {
    String[] parts = name.split("@@?", 2);
    checkFunction(parts[0], nameSpan);
    String version = parts.length == 2 ? parts[1] : null;
    if (version != null) {
      checkVersion(library, version, nameSpan);
    }
    return library.isEmpty()
        ? new ProbePoint.KernelFunction(name, atReturn, nameSpan)
        : new ProbePoint.UserFunction(library, parts[0], version, atReturn, librarySpan, nameSpan);
  }

  private ProbePoint tracepoint(String category, String name, Span categorySpan, Span nameSpan)
      throws SpecifierException {
    if (!name.matches("[A-Za-z0-9_-]+")) {
      throw cursor.error(
          nameSpan,
          "\"" + name + "\" is not a tracepoint's name",
          "for example t:sched:sched_switch()");
    }
    return new ProbePoint.Tracepoint(category, name, categorySpan, nameSpan);
  }

  private ProbePoint usdt(String library, String name, Span librarySpan, Span nameSpan)
      throws SpecifierException {
    if (!name.matches("([A-Za-z0-9_]+[.:])?[A-Za-z0-9_]+")) {
      throw cursor.error(
          nameSpan, "\"" + name + "\" is not a USDT probe's name", "for example u:jvm:gc__begin()");
    }
    String[] parts = name.split("[.:]");
    return new ProbePoint.Usdt(
        library.isEmpty() ? null : library,
        parts.length == 2 ? parts[0] : null,
        parts[parts.length - 1],
        librarySpan,
        nameSpan);
  }

  private void checkFunction(String name, Span span) throws SpecifierException {
    if (name.matches("[0-9].*") || name.contains("+")) {
      throw cursor.error(
          span,
          "addresses and offsets cannot be probed: inside an instruction they corrupt the program",
          "name a function");
    }
    if (!FUNCTION.matcher(name).matches()) {
      String hint =
          name.isEmpty()
              ? "TYPE:LIBRARY:FUNCTION(), for example r:c:read()"
              : name.contains("*") || name.contains("?")
                  ? "one probe is one function; jargdist probes PID 'GLOB' lists those that match"
                  : "a C name, a mangled C++ name, or Class::method";
      throw cursor.error(span, "\"" + name + "\" is not a function's name", hint);
    }
  }

  private void checkVersion(String library, String version, Span span) throws SpecifierException {
    if (library.isEmpty()) {
      throw cursor.error(
          span, "functions of the kernel have no versions", "leave out what begins with @");
    } else if (!VERSION.matcher(version).matches()) {
      throw cursor.error(
          span,
          "\"" + version + "\" is not a symbol's version",
          "for example p:c:pthread_kill@GLIBC_2.34()");
    }
  }
}
