/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.io.IOException;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A probe of the library of {@link HardCalls}, as the agent's options say it.
 *
 * @param target which makes the calls
 */
public record HardProbe(Target target, String name) implements AutoCloseable {
  /**
   * @param specifier LIBRARY stands for the library's path in it
   */
  public static HardProbe of(Target target, String options, String specifier) throws Exception {
    String text = specifier.replace("LIBRARY", HardCalls.library().toString());
    return new HardProbe(
        target,
        (String) target.agent("execute", "--max-overhead 0 " + options + " '" + text + "'"));
  }

  /** Returns an attribute of its MBean. */
  public Object get(String attribute) throws Exception {
    ObjectName bean = Target.frequency(name);
    return target.attribute(target.has(bean) ? bean : Target.histogram(name), attribute);
  }

  @Override
  public void close() throws IOException, JMException {
    target.agent("remove", name);
  }
}
