/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.swing.BorderFactory;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JSplitPane;
import javax.swing.JTextArea;
import javax.swing.SwingConstants;
import javax.swing.SwingWorker;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/** The whole tab. */
final class ConsolePanel extends JPanel {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  private static final int PROBES_WIDTH = 200;

  private final Callable<MBeanServerConnection> connection;
  private final ConsoleModel model = new ConsoleModel();
  private final CardLayout cards = new CardLayout();
  private final JPanel deck = new JPanel(cards);
  private final AddProbePanel addProbe;
  private final ProbeListPanel probes = new ProbeListPanel(bean -> selected());
  private final DetailPanel detail = new DetailPanel(this::remove);
  private final LoadAgentPanel loadAgent;
  private final JTextArea status = Palette.text("jargdist.status");
  private volatile @Nullable ObjectName wantedKeys;

  /**
   * @param connection to the JVM's MBeans; throws with a reason if there is none. It is called on
   *     any thread
   */
  ConsolePanel(Callable<MBeanServerConnection> connection) {
    super(new BorderLayout());
    this.connection = connection;
    setName("jargdist");
    addProbe = new AddProbePanel(connection, this::added);
    loadAgent = new LoadAgentPanel(connection, this::refreshSoon);
    status.setBorder(BorderFactory.createEmptyBorder(3, 8, 3, 8));
    JSplitPane split = new ProbesSplit(probes, detail);
    split.setBorder(null);
    split.setContinuousLayout(true);
    JPanel main = new JPanel(new BorderLayout());
    main.add(addProbe, BorderLayout.NORTH);
    main.add(split, BorderLayout.CENTER);
    deck.add(new JLabel("JvmSnapshot the JVM's MBeans \u2026", SwingConstants.CENTER), "waiting");
    deck.add(loadAgent, "load");
    deck.add(main, "main");
    add(deck, BorderLayout.CENTER);
    add(status, BorderLayout.SOUTH);
  }

  /** A split pane in which the list of probes has at most three tenths of the width at first. */
  private static final class ProbesSplit extends JSplitPane {
    private boolean placed;

    ProbesSplit(JPanel probes, JPanel detail) {
      super(HORIZONTAL_SPLIT, probes, detail);
    }

    @Override
    public void doLayout() {
      if (!placed && getWidth() > 0) {
        placed = true;
        setDividerLocation(Math.min(PROBES_WIDTH, 3 * getWidth() / 10));
      }
      super.doLayout();
    }
  }

  /** Reads the MBeans once and shows them; to be executed. */
  SwingWorker<?, ?> poll() {
    return Background.worker(
        () -> MBeanReader.read(connection.call(), wantedKeys), this::show, this::showFailure);
  }

  /** Shows that there is no connection; what was read last stays. */
  void showDisconnected() {
    showFailure(new IOException("the console is not connected to it"));
  }

  void show(JvmSnapshot answer) {
    model.apply(answer);
    JvmSnapshot.AgentFacts agent = answer.agent();
    if (agent == null) {
      loadAgent.show(answer.jvm());
      status(" ", false);
      cards.show(deck, "load");
      return;
    }
    probes.show(model.probes());
    showSelected();
    showStatus(agent, answer.time());
    cards.show(deck, "main");
  }

  private void showStatus(JvmSnapshot.AgentFacts agent, Instant time) {
    String text =
        "jargdist "
            + agent.version()
            + "   bridge: "
            + agent.bridge()
            + "   as of "
            + TIME.format(time);
    status(text, false);
    Tip.set(status, agent.lastError().isEmpty() ? null : "last error: " + agent.lastError());
  }

  private void showFailure(Throwable failure) {
    JvmSnapshot latest = model.latest();
    String text = Failures.text(failure);
    status(
        latest == null ? text : text + "; these are the numbers of " + TIME.format(latest.time()),
        true);
  }

  private void status(String text, boolean wrong) {
    status.setText(text);
    status.setForeground(wrong ? Palette.ofPanel().lost() : UIManager.getColor("Label.foreground"));
  }

  private void showSelected() {
    wantedKeys = probes.selected();
    detail.show(model.probe(wantedKeys));
  }

  /** The user has selected another probe: its keys are not known yet. */
  private void selected() {
    showSelected();
    refreshSoon();
  }

  private void added(ObjectName bean) {
    probes.select(bean);
    wantedKeys = bean;
    refreshSoon();
  }

  private void remove(ObjectName bean) {
    String name = String.valueOf(bean.getKeyProperty("name"));
    Background.run(
        () -> {
          AgentOperations.remove(connection.call(), name);
          return name;
        },
        removed -> refreshSoon(),
        failure -> {
          addProbe.showFailure(failure);
          refreshSoon();
        });
  }

  private void refreshSoon() {
    poll().execute();
  }
}
