/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import java.awt.AWTException;
import java.awt.Component;
import java.awt.Container;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.StringJoiner;
import javax.imageio.ImageIO;
import javax.swing.AbstractButton;
import javax.swing.JComboBox;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.SwingUtilities;
import javax.swing.text.JTextComponent;
import org.jspecify.annotations.Nullable;

/**
 * An agent in a Swing program that does what a user would, and tells what a user sees. It reads
 * commands from stdin, one a line, and answers each with one line, in which {@code \n} stands for a
 * line break. A component is named by its name, or as a button by its text; only one that is
 * showing is found.
 *
 * <pre>
 * text COMPONENT            its text; of a table or list its rows; of others what they tell a screen
 *                           reader; "absent" if it is not there
 * click BUTTON              "clicked", or "absent"
 * set COMPONENT VALUE       puts a text into a field, an item into a choice
 * select COMPONENT ROW...   of a list
 * sort TABLE COLUMN         clicks the column's header
 * tab TITLE                 chooses a tab
 * shot FILE                 takes a picture of the whole screen
 * </pre>
 */
public final class SwingDriver {
  private SwingDriver() {}

  /** The JVM enters here. */
  public static void premain(@Nullable String options) {
    Thread thread = new Thread(SwingDriver::serve, "swing-driver");
    thread.setDaemon(true);
    thread.start();
  }

  private static void serve() {
    // This is not System.out, whose output JConsole shows in a window.
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", 3);
        String answer;
        if (words[0].equals("shot")) {
          answer = shot(words[1]);
        } else {
          String[] result = {""};
          SwingUtilities.invokeAndWait(() -> result[0] = carryOut(words));
          answer = result[0];
        }
        out.println("> " + answer.replace("\n", "\\n"));
      }
    } catch (IOException | AWTException | InvocationTargetException | InterruptedException e) {
      out.println("> error: " + e);
    }
  }

  private static String carryOut(String[] words) {
    if (words[0].equals("tab")) {
      return chooseTab(words[1]);
    }
    Component component = find(words[1]);
    if (component == null) {
      return "absent";
    }
    switch (words[0]) {
      case "text" -> {
        return text(component);
      }
      case "click" -> {
        AbstractButton button = (AbstractButton) component;
        if (!button.isEnabled()) {
          return "disabled";
        }
        // Later, for it may open a dialog that stays.
        SwingUtilities.invokeLater(button::doClick);
        return "clicked";
      }
      case "set" -> {
        String value = words.length < 3 ? "" : words[2];
        if (component instanceof JComboBox<?> choice) {
          choice.setSelectedItem(value);
        } else {
          ((JTextComponent) component).setText(value);
        }
        return "set";
      }
      case "select" -> {
        ((JList<?>) component)
            .setSelectedIndices(
                Arrays.stream(words[2].split(" ")).mapToInt(Integer::parseInt).toArray());
        return "selected";
      }
      case "sort" -> {
        ((JTable) component).getRowSorter().toggleSortOrder(Integer.parseInt(words[2]));
        return "sorted";
      }
      default -> {
        return "unknown command " + Arrays.toString(words);
      }
    }
  }

  private static String text(Component component) {
    if (component instanceof JTextComponent text) {
      return text.getText();
    }
    if (component instanceof JLabel label) {
      return label.getText();
    }
    if (component instanceof AbstractButton button) {
      return button.getText();
    }
    StringJoiner lines = new StringJoiner("\n");
    if (component instanceof JTable table) {
      for (int row = 0; row < table.getRowCount(); row++) {
        StringJoiner cells = new StringJoiner("|");
        for (int column = 0; column < table.getColumnCount(); column++) {
          Component cell = table.prepareRenderer(table.getCellRenderer(row, column), row, column);
          cells.add(text(cell));
        }
        lines.add(cells.toString());
      }
    } else if (component instanceof JList<?> list) {
      for (int row = 0; row < list.getModel().getSize(); row++) {
        lines.add(rendered(list, row));
      }
    } else if (component instanceof JComponent painted
        && painted.getComponentCount() == 0
        && component.getAccessibleContext() != null
        && component.getAccessibleContext().getAccessibleDescription() != null) {
      return component.getAccessibleContext().getAccessibleDescription();
    } else if (component instanceof Container container) {
      for (Component child : container.getComponents()) {
        String text = text(child);
        if (child.isVisible() && !text.isEmpty()) {
          lines.add(text);
        }
      }
    }
    return lines.toString();
  }

  private static <T> String rendered(JList<T> list, int row) {
    Component cell =
        list.getCellRenderer()
            .getListCellRendererComponent(
                list, list.getModel().getElementAt(row), row, list.isSelectedIndex(row), false);
    return text(cell).replace('\n', '|');
  }

  private static String chooseTab(String title) {
    for (Window window : Window.getWindows()) {
      JTabbedPane tabs = findTabs(window, title);
      if (tabs != null) {
        tabs.setSelectedIndex(tabs.indexOfTab(title));
        return "chosen";
      }
    }
    return "absent";
  }

  private static @Nullable JTabbedPane findTabs(Container container, String title) {
    for (Component child : container.getComponents()) {
      if (child instanceof JTabbedPane tabs && tabs.indexOfTab(title) >= 0) {
        return tabs;
      }
      JTabbedPane below = child instanceof Container c ? findTabs(c, title) : null;
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  private static @Nullable Component find(String name) {
    for (Window window : Window.getWindows()) {
      Component found = find(window, name.replace('_', ' '), name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Component find(Container container, String text, String name) {
    for (Component child : container.getComponents()) {
      boolean named =
          name.equals(child.getName())
              || (child instanceof AbstractButton button && text.equals(button.getText()));
      if (named && child instanceof JComponent && child.isShowing()) {
        return child;
      }
      Component below = child instanceof Container c ? find(c, text, name) : null;
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  private static String shot(String file) throws IOException, AWTException {
    Rectangle screen = new Rectangle(Toolkit.getDefaultToolkit().getScreenSize());
    BufferedImage image = new Robot().createScreenCapture(screen);
    ImageIO.write(image, "png", new File(file));
    return "taken";
  }
}
