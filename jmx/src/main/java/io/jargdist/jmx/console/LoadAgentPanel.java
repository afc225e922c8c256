/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.management.MBeanServerConnection;
import javax.swing.JButton;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/**
 * The panel for a JVM without the agent. It shows how to load the agent, and a button that loads
 * it, if that is possible.
 */
final class LoadAgentPanel extends JPanel {
  private static final int POLLS = 100;
  private static final int POLL_MILLIS = 100;

  private final Callable<MBeanServerConnection> connection;
  private final Runnable onLoaded;
  private final JTextArea what = Palette.text("jargdist.no-agent");
  private final JButton load = new JButton();
  private final JTextArea answer = Palette.text("jargdist.load-answer");
  private @Nullable LocalJvm jvm;
  private JvmSnapshot.@Nullable Jvm described;

  /**
   * @param connection to the JVM's MBeans
   * @param onLoaded is told that there is an agent now
   */
  LoadAgentPanel(Callable<MBeanServerConnection> connection, Runnable onLoaded) {
    super(new GridBagLayout());
    this.connection = connection;
    this.onLoaded = onLoaded;
    load.setName("jargdist.load");
    load.addActionListener(event -> load());
    GridBagConstraints at = new GridBagConstraints();
    at.gridx = 0;
    at.fill = GridBagConstraints.HORIZONTAL;
    at.weightx = 1;
    at.insets = new Insets(8, 40, 8, 40);
    add(what, at);
    at.fill = GridBagConstraints.NONE;
    add(load, at);
    at.fill = GridBagConstraints.HORIZONTAL;
    add(answer, at);
  }

  void show(JvmSnapshot.Jvm answer) {
    if (answer.equals(described)) {
      return;
    }
    described = answer;
    jvm = LocalJvm.of(answer);
    Path jar = LocalJvm.ownJar();
    answer("", false);
    if (jvm != null && jar != null) {
      what.setText(
          "jargdist is not loaded in this JVM yet.\n\nLoading it attaches no probe, and adds nothing"
              + " but JDK classes, some MBeans and daemon threads. From JDK 21 on, the JVM prints a"
              + " warning about it to its stderr.");
      load.setText("Load jargdist into process " + jvm.pid());
      load.setVisible(true);
    } else {
      String pid = answer.runtimeName().replaceAll("@.*", "");
      what.setText(
          "jargdist is not loaded in this JVM, and since it is not one of this machine (its name is "
              + answer.runtimeName()
              + "), it cannot be loaded from here.\n\nOn its machine, run\n\n    jcmd "
              + pid
              + " JVMTI.agent_load /path/to/jargdist.jar\n\nor start the JVM with\n\n   "
              + " -javaagent:/path/to/jargdist.jar\n\nProbes can be changed from another machine only"
              + " if the agent has the option --control on.");
      load.setVisible(false);
    }
  }

  private void load() {
    LocalJvm target = jvm;
    Path jar = LocalJvm.ownJar();
    if (target == null || jar == null) {
      return;
    }
    load.setEnabled(false);
    answer("Loading it \u2026", false);
    Background.run(
        () -> {
          target.loadAgent(jar);
          awaitAgent();
          return target;
        },
        done -> {
          load.setEnabled(true);
          answer("", false);
          onLoaded.run();
        },
        failure -> {
          load.setEnabled(true);
          answer(Failures.text(failure), true);
        });
  }

  /** The agent registers its MBeans on a thread of its own. */
  private void awaitAgent() throws Exception {
    for (int i = 0; i < POLLS; i++) {
      if (connection.call().isRegistered(MBeanReader.AGENT)) {
        return;
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new IllegalStateException(
        "the agent was loaded, but has no MBeans: the JVM's stderr tells why");
  }

  private void answer(String text, boolean wrong) {
    answer.setText(text);
    answer.setForeground(wrong ? Palette.ofPanel().lost() : UIManager.getColor("Label.foreground"));
  }
}
