/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.os.KernelException;
import io.jargdist.os.KernelFile;
import io.jargdist.os.MachineException;
import io.jargdist.os.Syscalls;
import java.io.IOException;
import java.nio.file.Path;

/** Tells what this process may do here, and what the machine has. */
public final class Machine {
  private static final int ARRAY = 2;

  private Machine() {}

  /**
   * Returns how many processors the kernel may ever bring up, whether they are there now or not:
   * the number of elements of a table that has one for each.
   */
  public static int possibleCpus() throws MachineException {
    try {
      String list = KernelFile.text(Path.of("/sys/devices/system/cpu/possible")).strip();
      String last = list.substring(Math.max(list.lastIndexOf('-'), list.lastIndexOf(',')) + 1);
      return Integer.parseInt(last) + 1;
    } catch (IOException | NumberFormatException e) {
      throw new MachineException("the number of processors cannot be read: is /sys mounted?", e);
    }
  }

  /**
   * Asks the kernel whether we may probe at all.
   *
   * @param remedy what to do if we may not
   * @throws MachineException with the remedy if not
   */
  public static void checkPrivileges(String remedy) throws MachineException {
    try {
      createTable();
    } catch (KernelException e) {
      throw e.isPermission()
          ? noPrivilege(e, remedy)
          : new MachineException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Asks the kernel whether we have the privilege to probe.
   *
   * @throws KernelException if there is another reason why we cannot
   */
  public static boolean isPrivileged() throws KernelException {
    try {
      createTable();
      return true;
    } catch (KernelException e) {
      if (e.isPermission()) {
        return false;
      }
      throw e;
    }
  }

  private static void createTable() throws KernelException {
    BpfTable.create(new io.jargdist.compile.ProgramImage.Table("check", ARRAY, 4, 8, 1, 0)).close();
  }

  /**
   * The one message for a missing privilege.
   *
   * @param remedy what to do
   */
  public static MachineException noPrivilege(KernelException cause, String remedy) {
    return new MachineException(
        "no privilege to probe (" + cause.getMessage() + "): " + remedy, cause);
  }

  /** Lets other processes go first. */
  public static void lowerPriority() {
    Syscalls.lowerPriority(5);
  }

  /** Lets all other processes go before this thread, and what it starts. */
  public static void lowestPriority() {
    Syscalls.lowerPriority(19);
  }
}
