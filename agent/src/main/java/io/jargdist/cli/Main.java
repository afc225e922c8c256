/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.cli;

import io.jargdist.child.BundledLibraries;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code java -jar jargdist.jar}: gives the command line its libraries, which travel inside the
 * jar, in a class loader of its own.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int status = 3;
    // The JDK's own handler would print what a target has said as it is.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> Output.STDERR.complain("a defect: " + failure));
    try {
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
      Output.STDERR.complain(e.getMessage());
    } catch (InvocationTargetException e) {
      Output.STDERR.complain("a defect: " + e.getCause());
    } catch (ReflectiveOperationException e) {
      Output.STDERR.complain("the jar is not whole: " + e);
    }
    System.exit(status);
  }
}
