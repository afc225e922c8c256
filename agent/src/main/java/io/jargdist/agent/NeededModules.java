/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Modules of the JDK that a Java runtime made by jlink may lack, or an application not resolve. */
final class NeededModules {
  private static final String MBEANS = "java.management";

  /** The modules that jffi uses. */
  private static final List<String> OF_BRIDGE = List.of("java.logging", "jdk.unsupported");

  private NeededModules() {}

  /** Returns why this JVM cannot have MBeans, and what to do; null if it can. */
  static @Nullable String whyNoMBeans() {
    return ModuleLayer.boot().findModule(MBEANS).isPresent()
        ? null
        : "no MBeans, since this JVM runs without the module "
            + MBEANS
            + ": start it with --add-modules "
            + MBEANS
            + ", or have jlink add it; the command line works without";
  }

  /**
   * @throws IOException if a bridge cannot run on this Java runtime; the message says what to do
   */
  static void checkBridge() throws IOException {
    ModuleFinder image = ModuleFinder.ofSystem();
    List<String> missing = OF_BRIDGE.stream().filter(name -> image.find(name).isEmpty()).toList();
    if (!missing.isEmpty()) {
      String names = String.join(",", missing);
      throw new IOException(
          "this Java runtime lacks "
              + names
              + ", which the bridge needs: jlink --add-modules "
              + names
              + ", or probe from the command line as root with another Java");
    }
  }
}
