/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.jargdist.testing.Target;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

/** Measures what the application pays in its own heap when the agent starts a bridge. */
class BundledLibrariesIT {
  private static final long LIMIT = 2 << 20;

  @Test
  void noJarIsInTheHeapWhenABridgeIsStarted() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {Target.JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      Method unpack = loader.loadClass("io.jargdist.child.BundledLibraries").getMethod("forChild");
      unpack.invoke(null);
      long before = threads.getCurrentThreadAllocatedBytes();
      Object unpacked = unpack.invoke(null);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(unpacked.toString()).contains("jffi").contains("jffi.boot.library.path=");
      assertThat(allocated).isLessThan(LIMIT);
    }
  }
}
