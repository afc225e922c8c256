/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.BundledLibraries;
import io.jargdist.facts.Architecture;
import io.jargdist.os.KernelFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code java -jar jargdist.jar}: gives the command line its libraries, which travel inside the
 * jar, in a class loader of its own.
 */
public final class Main {
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String DESCRIPTORS = "Max open files";
  private static final int FEWEST_DESCRIPTORS = 64;

  private Main() {}

  public static void main(String[] arguments) {
    int status = 3;
    // The JDK's own handler would print what a target has said as it is.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> Output.STDERR.complain("a defect: " + failure));
    try {
      Architecture.current();
      checkDescriptors();
      BundledLibraries.Unpacked libraries = BundledLibraries.forCommand();
      for (String property : libraries.properties()) {
        String[] parts = property.split("=", 2);
        System.setProperty(parts[0], parts[1]);
      }
      List<URL> path = new ArrayList<>();
      for (Path element : libraries.classPath()) {
        path.add(element.toUri().toURL());
      }
      ClassLoader loader =
          new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
      Thread.currentThread().setContextClassLoader(loader);
      Method run =
          loader.loadClass("io.jargdist.cli.JargdistCommand").getMethod("run", String[].class);
      status = (Integer) run.invoke(null, (Object) arguments);
    } catch (IOException e) {
      Output.STDERR.complain(IoFailure.sentence(e));
    } catch (IllegalStateException e) {
      Output.STDERR.complain(String.valueOf(e.getMessage()));
    } catch (InvocationTargetException e) {
      Output.STDERR.complain(unexpected(e.getCause()));
    } catch (ReflectiveOperationException | LinkageError e) {
      Output.STDERR.complain(unexpected(e));
    }
    System.exit(status);
  }

  /**
   * Checks that there can be as many descriptors as any command needs. With fewer, what fails first
   * is a matter of chance, and seldom says why.
   */
  private static void checkDescriptors() throws IOException {
    for (String line : KernelFile.text(LIMITS).lines().toList()) {
      if (line.startsWith(DESCRIPTORS)) {
        String limit = line.substring(DESCRIPTORS.length()).strip().split(" ", 2)[0];
        if (limit.matches("\\d{1,4}") && Integer.parseInt(limit) < FEWEST_DESCRIPTORS) {
          throw new IOException(
              "this process may have only "
                  + limit
                  + " open files: raise the limit of descriptors (ulimit -n 256)");
        }
      }
    }
  }

  /** Another exception than an IOException may be a fault of the machine, too. */
  private static String unexpected(@Nullable Throwable failure) {
    String folder = System.getProperty("jffi.extract.dir");
    if (failure instanceof UnsatisfiedLinkError) {
      return "the native library in "
          + folder
          + " cannot be loaded ("
          + failure.getMessage()
          + "): if that is mounted noexec, set XDG_CACHE_HOME to another file system";
    } else if (failure instanceof NoClassDefFoundError
        || failure instanceof ClassNotFoundException) {
      return "a class cannot be loaded ("
          + failure.getMessage()
          + "): are there too few descriptors (ulimit -n), or is the jar not whole?";
    }
    return "a defect: " + failure;
  }
}
