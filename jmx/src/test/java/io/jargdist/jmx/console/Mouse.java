/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx.console;

import java.awt.Component;
import java.awt.event.MouseEvent;

/** Does what a mouse does. */
final class Mouse {
  private Mouse() {}

  static MouseEvent at(Component component, int x, int y) {
    return new MouseEvent(component, MouseEvent.MOUSE_MOVED, 0, 0, x, y, 0, false);
  }
}
