/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of the arguments of HotSpot's USDT probes, from the file {@code hotspot-probes.txt}: a
 * probe's note in libjvm tells only where they are.
 */
public final class HotSpotProbes {
  private static final String PROVIDER = "provider ";
  private static final List<String> NUMBERS = List.of("Byte", "Char", "Short", "Int", "Long");
  private static final List<String> REALS = List.of("Float", "Double");
  private static final List<String> TYPES =
      List.of("Boolean", "Byte", "Char", "Short", "Int", "Long", "Float", "Double");

  /** What may stand in place of a word in the name of a probe of JNI. */
  private static final Map<String, List<String>> WORDS =
      Map.of(
          "<type>", TYPES, "<number>", NUMBERS, "<real>", REALS, "<list>", List.of("", "A", "V"));

  private static final Map<String, List<Argument>> ROWS = read();

  private HotSpotProbes() {}

  /**
   * An argument of a probe.
   *
   * @param type bool, or a pointer; null if it is a number, whose type the probe's note tells
   */
  public record Argument(String name, @Nullable CType type) {
    /**
     * Returns it as people write a parameter: {@code "char *class"}, {@code "s32 class_length"}.
     *
     * @param number the type of a number
     */
    public String describe(CType number) {
      if (isText()) {
        return "char *" + name;
      }
      String written = (type == null ? number : type).describe();
      return written + (written.endsWith("*") ? "" : " ") + name;
    }

    /** Returns whether it is a text, which its length follows in probes of the provider hotspot. */
    public boolean isText() {
      return type instanceof CType.Pointer pointer && pointer.target() instanceof CType.Int;
    }
  }

  /**
   * Returns the arguments in the order of their numbers; none if the probe is not known with so
   * many of them, since then it is another one than that of the same name here.
   *
   * @param count how many arguments the probe's note has
   */
  public static List<Argument> arguments(String provider, String probe, int count) {
    List<Argument> known = ROWS.getOrDefault(provider + ":" + probe, List.of());
    return known.size() == count ? known : List.of();
  }

  /** Returns the probes that are known, each as {@code PROVIDER:PROBE}. */
  public static Set<String> probes() {
    return ROWS.keySet();
  }

  private static Map<String, List<Argument>> read() {
    Map<String, List<Argument>> rows = new HashMap<>();
    String provider = "";
    for (String line : ResourceLines.beside(HotSpotProbes.class, "hotspot-probes.txt")) {
      if (line.startsWith(PROVIDER)) {
        provider = line.substring(PROVIDER.length());
        continue;
      }
      int colon = line.indexOf(':');
      List<Argument> arguments = arguments(line.substring(colon + 1).strip());
      for (String names : line.substring(0, colon).split(" ")) {
        for (String name : withWords(names)) {
          if (rows.put(provider + ":" + name, arguments) != null) {
            throw new IllegalStateException("two rows for the probe " + name);
          }
        }
      }
    }
    return Map.copyOf(rows);
  }

  private static List<Argument> arguments(String text) {
    List<Argument> arguments = new ArrayList<>();
    for (String argument : text.isEmpty() ? new String[0] : text.split(", ")) {
      String name = argument.substring(argument.lastIndexOf(' ') + 1).replace("*", "");
      String type = argument.substring(0, argument.length() - name.length());
      arguments.add(
          new Argument(
              name,
              switch (type) {
                case "char *" -> new CType.Pointer(CType.S8);
                case "void *" -> new CType.Pointer(CType.OPAQUE);
                case "bool " -> CType.BOOL;
                case "" -> null;
                default -> throw new IllegalStateException("the argument " + argument);
              }));
    }
    return List.copyOf(arguments);
  }

  private static List<String> withWords(String name) {
    int start = name.indexOf('<');
    if (start < 0) {
      return List.of(name);
    }
    int end = name.indexOf('>') + 1;
    List<String> names = new ArrayList<>();
    for (String word : WORDS.getOrDefault(name.substring(start, end), List.of())) {
      names.addAll(withWords(name.substring(0, start) + word + name.substring(end)));
    }
    return names;
  }
}
