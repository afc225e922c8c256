/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import io.jargdist.specifier.Form;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.event.MouseEvent;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComboBox;
import javax.swing.JComponent;
import javax.swing.JMenuItem;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.ToolTipManager;
import javax.swing.UIManager;

/**
 * The panel in which the user says what to measure. The agent's answer stands under the field, with
 * its caret.
 */
final class AddProbePanel extends JPanel {
  private static final String[] BUCKETS = {
    "log2", "log2/1", "log2/2", "log2/3", "log2/4", "log2/5", "exp/3", "linear(0,1000,50)"
  };
  private static final int MAX_LINES = 9;

  /** The connection, or an exception that says that there is none. */
  private final Callable<MBeanServerConnection> connection;

  private final Consumer<ObjectName> onAdded;

  /** In the order of {@link Form}. */
  private final JComboBox<String> form =
      new JComboBox<>(new String[] {"Histogram of", "Count by", "Sum of"});

  private final JTextField specifier = new SpecifierField();
  private final JComboBox<String> buckets = new JComboBox<>(BUCKETS);
  private final JButton check = new JButton("Check");
  private final JButton add = new JButton("Add");
  private final JTextArea answer = new JTextArea();
  private final JScrollPane answerPane = new JScrollPane(answer);

  /**
   * @param onAdded gets the MBean of a new probe
   */
  AddProbePanel(Callable<MBeanServerConnection> connection, Consumer<ObjectName> onAdded) {
    super(new BorderLayout(0, 4));
    this.connection = connection;
    this.onAdded = onAdded;
    name(form, "form");
    name(specifier, "specifier");
    name(buckets, "buckets");
    name(check, "check");
    name(add, "add");
    name(answer, "answer");
    setBorder(BorderFactory.createEmptyBorder(6, 6, 6, 6));
    specifier.setFont(Palette.monospaced(specifier));
    buckets.setEditable(true);
    buckets.setPreferredSize(
        new Dimension(
            buckets.getFontMetrics(buckets.getFont()).stringWidth("linear(0,1000") + 30,
            buckets.getPreferredSize().height));
    Tip.set(
        buckets, "How values are divided: log2/3 and exp/3 have 8 buckets for each power of two");
    Tip.set(check, "Compiles and places the probe without attaching it");
    form.addActionListener(event -> buckets.setEnabled(form() == Form.HISTOGRAM));
    specifier.addActionListener(event -> add());
    check.addActionListener(event -> check());
    add.addActionListener(event -> add());
    answer.setEditable(false);
    answer.setFont(Palette.monospaced(answer));
    answerPane.setVisible(false);
    JPanel question = new JPanel(new BorderLayout(0, 4));
    question.add(specifier, BorderLayout.NORTH);
    question.add(line(), BorderLayout.CENTER);
    add(question, BorderLayout.NORTH);
    add(answerPane, BorderLayout.CENTER);
  }

  private Form form() {
    return Form.values()[form.getSelectedIndex()];
  }

  /** Its tooltip has all of the specifier, since the field may be too short for it. */
  private static final class SpecifierField extends JTextField {
    private static final String SYNTAX =
        "{p,r,t,u}:LIBRARY:FUNCTION(SIGNATURE)[:TYPE:EXPRESSION[:FILTER]][#LABEL]\n"
            + "for example r:c:read():int:$retval#read sizes";

    SpecifierField() {
      ToolTipManager.sharedInstance().registerComponent(this);
    }

    @Override
    public String getToolTipText(MouseEvent event) {
      return Tip.of(getText().isBlank() ? SYNTAX : getText() + "\n\n" + SYNTAX);
    }
  }

  private static void name(JComponent component, String name) {
    component.setName("jargdist." + name);
  }

  private Rows line() {
    JButton examples = new JButton("Examples \u25be");
    name(examples, "examples");
    JPopupMenu menu = new JPopupMenu();
    for (Example example : Example.ALL) {
      JMenuItem item = new JMenuItem(example.question());
      Tip.set(item, example.specifier());
      item.addActionListener(event -> take(example));
      menu.add(item);
    }
    examples.addActionListener(event -> menu.show(examples, 0, examples.getHeight()));
    Rows line = new Rows(4);
    line.add(form);
    line.add(buckets);
    line.split();
    line.add(check);
    line.add(add);
    line.add(examples);
    return line;
  }

  private void take(Example example) {
    form.setSelectedIndex(example.form().ordinal());
    specifier.setText(example.specifier());
    answer("", false);
    specifier.requestFocusInWindow();
  }

  private void add() {
    String text = specifier.getText().strip();
    Form wanted = form();
    Object chosen = buckets.getSelectedItem();
    String scheme = chosen == null || chosen.toString().isBlank() ? "log2" : chosen.toString();
    ask(
        "Attaching it; the first probe of a JVM takes a few seconds \u2026",
        () -> AgentOperations.add(connection.call(), wanted, text, scheme),
        bean -> {
          answer("", false);
          onAdded.accept(bean);
        });
  }

  private void check() {
    String text = specifier.getText().strip();
    ask(
        "Checking it \u2026",
        () -> AgentOperations.check(connection.call(), text),
        found -> answer(found, false));
  }

  private <T> void ask(String meanwhile, Callable<T> question, Consumer<T> onAnswer) {
    if (!add.isEnabled()) {
      return;
    }
    if (specifier.getText().isBlank()) {
      answer("Type a specifier, or choose an example.", true);
      return;
    }
    setBusy(true);
    answer(meanwhile, false);
    Background.run(
        question,
        result -> {
          setBusy(false);
          onAnswer.accept(result);
        },
        failure -> {
          setBusy(false);
          answer(Failures.text(failure), true);
        });
  }

  private void setBusy(boolean busy) {
    add.setEnabled(!busy);
    check.setEnabled(!busy);
  }

  private void answer(String text, boolean wrong) {
    answer.setText(text.stripTrailing());
    answer.setCaretPosition(0);
    answer.setForeground(
        wrong ? Palette.ofPanel().lost() : UIManager.getColor("TextArea.foreground"));
    answer.setRows(Math.min(MAX_LINES, Math.max(1, answer.getLineCount())));
    answerPane.setVisible(!text.isEmpty());
    revalidate();
    repaint();
  }

  /** Shows what went wrong with something else that the user asked for. */
  void showFailure(Throwable failure) {
    answer(Failures.text(failure), true);
  }
}
