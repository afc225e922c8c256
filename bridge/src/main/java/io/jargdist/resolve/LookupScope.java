/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.KernelFile;
import io.jargdist.os.RegularFile;
import io.jargdist.resolve.TargetProcess.MappedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files in which the dynamic linker looks for a symbol first, in its order (dlopen(3),
 * ld.so(8)): the executable, what is preloaded, then what these need, and so on. Files that a
 * process opens later come behind them.
 *
 * <p>It is worked out from the executable's link, LD_PRELOAD and /etc/ld.so.preload, and the names
 * that the files need. A process that changes its environment can mislead it.
 */
final class LookupScope {
  private static final int LARGEST_ENVIRONMENT = 1 << 20;
  private static final int LARGEST_PRELOAD = 1 << 12;
  private static final int MOST = 200;
  private static final String VARIABLE = "LD_PRELOAD=";

  private final TargetProcess target;
  private final TargetLibraries libraries;

  /** The files, and for each of them why it is in the scope, for people. */
  private final Map<MappedFile, String> files = new LinkedHashMap<>();

  private LookupScope(TargetProcess target, TargetLibraries libraries) {
    this.target = target;
    this.libraries = libraries;
  }

  /**
   * A file in which a symbol is found.
   *
   * @param why it comes first, for people
   */
  record First(MappedFile file, String why) {}

  /**
   * Returns which file defines a function first.
   *
   * @param among files that are open, and stay so
   * @return null if none does, or if one of those does
   */
  static @Nullable First otherThan(
      List<MappedFile> among, String function, TargetLibraries libraries) {
    LookupScope scope = new LookupScope(libraries.target(), libraries);
    scope.find();
    for (Map.Entry<MappedFile, String> entry : scope.files.entrySet()) {
      MappedFile file = entry.getKey();
      if (among.contains(file)) {
        return null;
      } else if (scope.exports(file, function)) {
        return new First(file, entry.getValue());
      }
    }
    return null;
  }

  private void find() {
    add(executable(), "it is the program itself");
    for (String name : preloaded("/proc/" + target.pid() + "/environ")) {
      add(named(name), "LD_PRELOAD names it");
    }
    for (String name : preloadedEverywhere()) {
      add(named(name), "/etc/ld.so.preload names it");
    }
    List<MappedFile> next = new ArrayList<>(files.keySet());
    while (!next.isEmpty() && files.size() < MOST) {
      List<MappedFile> found = new ArrayList<>();
      for (MappedFile file : next) {
        for (String name : needed(file)) {
          MappedFile needed = named(name);
          if (add(needed, file.name() + " needs it")) {
            found.add(needed);
          }
        }
      }
      next = found;
    }
  }

  private boolean add(@Nullable MappedFile file, String why) {
    return file != null && files.putIfAbsent(file, why) == null;
  }

  private @Nullable MappedFile executable() {
    try {
      String path = Files.readSymbolicLink(Path.of("/proc/" + target.pid() + "/exe")).toString();
      return target.files().stream()
          .filter(file -> file.path().equals(path))
          .findFirst()
          .orElse(null);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static List<String> preloaded(String environment) {
    try {
      String all = KernelFile.text(Path.of(environment), LARGEST_ENVIRONMENT);
      for (String variable : all.split("\0")) {
        if (variable.startsWith(VARIABLE)) {
          return words(variable.substring(VARIABLE.length()));
        }
      }
    } catch (IOException e) {
      // We may not read it, so it is not known.
    }
    return List.of();
  }

  private List<String> preloadedEverywhere() {
    String path = "/etc/ld.so.preload";
    try (RegularFile file = RegularFile.openInRootIfThere(target.pid(), path, path)) {
      if (file != null) {
        byte[] content = new byte[LARGEST_PRELOAD];
        int length = file.read(0, content);
        return words(new String(content, 0, length, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // The same.
    }
    return List.of();
  }

  private static List<String> words(String names) {
    List<String> words = new ArrayList<>();
    for (String word : names.split("[ :\n\t]+")) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  /**
   * Returns the mapped file of a path, or of a library's name, which can be that of a link to it:
   * {@code libz.so.1} for {@code libz.so.1.2.13}.
   */
  private @Nullable MappedFile named(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    MappedFile alike = null;
    for (MappedFile file : target.files()) {
      if (file.bytes().equals(name)) {
        return file;
      } else if (alike == null
          && !last.isEmpty()
          && (file.name().equals(last) || file.name().startsWith(last + "."))) {
        alike = file;
      }
    }
    return alike;
  }

  private List<String> needed(MappedFile file) {
    try {
      return libraries.lookedAt(file, elf -> elf.sections().needed());
    } catch (IOException e) {
      return List.of();
    }
  }

  private boolean exports(MappedFile file, String function) {
    try {
      return libraries.lookedAt(
          file, elf -> elf.functions(function).stream().anyMatch(ElfFile.Symbol::exported));
    } catch (IOException e) {
      return false;
    }
  }
}
