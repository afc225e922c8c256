/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import com.sun.tools.jconsole.JConsoleContext;
import com.sun.tools.jconsole.JConsoleContext.ConnectionState;
import com.sun.tools.jconsole.JConsolePlugin;
import java.beans.PropertyChangeEvent;
import java.io.IOException;
import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.swing.JPanel;
import javax.swing.SwingUtilities;
import javax.swing.SwingWorker;
import org.jspecify.annotations.Nullable;

/**
 * The tab "jargdist": {@code jconsole -pluginpath jargdist.jar PID}. VisualVM's JConsole container
 * loads it, too.
 *
 * <p>They make one for each JVM, and ask for a snapshot at their own interval, but not before the
 * last one has ended. Nothing is left when they are done with it: there are no threads and no files
 * of ours.
 */
public final class JargdistPlugin extends JConsolePlugin {
  private @Nullable ConsolePanel panel;

  /** The service loader calls this. */
  public JargdistPlugin() {
    addContextPropertyChangeListener(this::contextChanged);
  }

  @Override
  public synchronized Map<String, JPanel> getTabs() {
    return Map.of("jargdist", panel());
  }

  @Override
  public synchronized SwingWorker<?, ?> newSwingWorker() {
    return panel().poll();
  }

  private synchronized ConsolePanel panel() {
    ConsolePanel current = panel;
    if (current == null) {
      current = new ConsolePanel(this::connection);
      panel = current;
    }
    return current;
  }

  private MBeanServerConnection connection() throws IOException {
    JConsoleContext context = getContext();
    MBeanServerConnection connection =
        context == null || context.getConnectionState() != ConnectionState.CONNECTED
            ? null
            : context.getMBeanServerConnection();
    if (connection == null) {
      throw new IOException("the console is not connected to it");
    }
    return connection;
  }

  private void contextChanged(PropertyChangeEvent event) {
    if (JConsoleContext.CONNECTION_STATE_PROPERTY.equals(event.getPropertyName())
        && event.getNewValue() == ConnectionState.DISCONNECTED) {
      SwingUtilities.invokeLater(() -> panel().showDisconnected());
    }
  }
}
