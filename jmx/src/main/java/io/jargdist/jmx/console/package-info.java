/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The tab of JConsole and VisualVM. It runs in their JVM, never in the target: it reads the MBeans
 * through the connection that they have, and changes probes by the operations of the Agent MBean.
 *
 * <p>{@link JargdistPlugin} is what they load. A {@link JvmSnapshot} is what the MBeans said at one
 * moment, {@link ConsoleModel} keeps what that tells over time, and the components show it. Swing
 * runs on the event thread only, JMX never on it.
 */
@NullMarked
package io.jargdist.jmx.console;

import org.jspecify.annotations.NullMarked;
