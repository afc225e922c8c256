/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.FileStatus;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.PidFilter;
import io.jargdist.os.ProcessThreads;
import io.jargdist.os.RegularFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A running process and the files that it has mapped to run code from. A moment's view; ask again
 * for libraries that are loaded later.
 *
 * @param pid as this process sees it
 */
public record TargetProcess(long pid, PidFilter filter, List<MappedFile> files) {
  /** proc_pid_maps(5): address, permissions, offset, device, inode, path. */
  private static final Pattern MAPPING =
      Pattern.compile(
          "([0-9a-f]{1,16})-([0-9a-f]{1,16}) ..x. [0-9a-f]+"
              + " ([0-9a-f]{1,8}):([0-9a-f]{1,8}) (\\d{1,20}) +(/.*)",
          Pattern.DOTALL);

  /** The kernel writes this behind the path of a file that has no name any more. */
  private static final String DELETED = " (deleted)";

  public TargetProcess {
    files = List.copyOf(files);
  }

  /**
   * A mapped file.
   *
   * @param path as the target sees it, for people, without a {@code (deleted)} mark
   * @param bytes the same, as {@link KernelFile} reads it
   * @param range where it is mapped, as the name in {@code /proc/PID/map_files}; empty if that is
   *     not known
   * @param major of the device, as the file system has it; that which statx(2) tells may be another
   *     one (overlayfs, btrfs)
   * @param deleted whether its name is gone, or is that of another file
   */
  public record MappedFile(
      String path, String bytes, String range, int major, int minor, long inode, boolean deleted) {
    /** Returns the last part of its path. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The same for all mappings of a file; another one for a file that took its path. */
    List<Object> key() {
      return List.of(bytes, major, minor, inode);
    }

    /**
     * @param line of {@code /proc/PID/maps}
     * @return null if it is not the mapping of a file that code is run from
     */
    static @Nullable MappedFile parse(String line) {
      Matcher parts = MAPPING.matcher(line);
      if (!parts.matches()) {
        return null;
      }
      String path = parts.group(6);
      boolean deleted = path.endsWith(DELETED);
      if (deleted) {
        path = path.substring(0, path.length() - DELETED.length());
      }
      // The kernel prints the links without leading zeros, maps pads small addresses.
      return new MappedFile(
          KernelFile.readable(path),
          path.replace("\\012", "\n"),
          withoutZeros(parts.group(1)) + "-" + withoutZeros(parts.group(2)),
          Integer.parseUnsignedInt(parts.group(3), 16),
          Integer.parseUnsignedInt(parts.group(4), 16),
          new BigInteger(parts.group(5)).longValue(),
          deleted);
    }

    private static String withoutZeros(String address) {
      return Long.toHexString(Long.parseUnsignedLong(address, 16));
    }
  }

  /**
   * @throws MachineException if there is no such process, or it may not be looked at
   */
  public static TargetProcess of(long pid) throws MachineException {
    ProcessThreads.checkProc();
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      Map<List<Object>, MappedFile> files = new LinkedHashMap<>();
      KernelFile.forEachLine(
          process.resolve("maps"),
          line -> {
            MappedFile file = MappedFile.parse(line);
            if (file != null) {
              files.putIfAbsent(file.key(), file);
            }
          });
      return new TargetProcess(pid, PidFilter.of(pid), new ArrayList<>(files.values()));
    } catch (IOException e) {
      if (e instanceof NoSuchFileException || !Files.exists(process)) {
        throw new MachineException("there is no process " + pid, e);
      }
      throw new MachineException(
          "process " + pid + " may not be inspected (" + IoFailure.sentence(e) + "): run as root",
          e);
    }
  }

  /** Returns the same process with some of its files only. */
  TargetProcess with(List<MappedFile> some) {
    return new TargetProcess(pid, filter, some);
  }

  /**
   * Returns the file that is at a path, mapped or not.
   *
   * @param path absolute, for people
   * @return null if there is none, or it cannot be looked at
   */
  @Nullable MappedFile fileAt(String path) {
    String bytes = KernelFile.asRead(path);
    try {
      FileStatus status = RegularFile.statusInRoot(pid, bytes, true);
      return status.isRegular()
          ? new MappedFile(path, bytes, "", status.major(), status.minor(), status.inode(), false)
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Opens the file that is mapped, even if another one has its name by now, or if it is in a
   * container. A process that may not follow the mapping's own link (CAP_SYS_ADMIN, or
   * CAP_CHECKPOINT_RESTORE since Linux 5.9) finds the file by its name.
   *
   * @throws IOException if it cannot be opened, is no regular file, or is not the one that was
   *     mapped
   */
  RegularFile open(MappedFile file) throws IOException {
    RegularFile opened = openMapped(file);
    try {
      FileStatus status = opened.status();
      boolean comparable = status.major() == file.major() && status.minor() == file.minor();
      if (comparable && status.inode() != file.inode()) {
        throw new IOException(
            file.path() + " is not the file that process " + pid + " has mapped: try again");
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private RegularFile openMapped(MappedFile file) throws IOException {
    String link = "/proc/" + pid + "/map_files/" + file.range();
    RegularFile mapped =
        file.range().isEmpty() ? null : RegularFile.openIfPermitted(link, file.path());
    if (mapped != null) {
      return mapped;
    }
    if (file.deleted()) {
      throw new IOException(file.path() + " was replaced or deleted: run as root");
    }
    return RegularFile.openInRoot(pid, file.bytes(), file.path());
  }
}
