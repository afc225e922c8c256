/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.facts;

import io.jargdist.specifier.Event;
import io.jargdist.specifier.Expression;
import io.jargdist.specifier.ProbePoint;
import java.util.HashSet;
import java.util.Set;

/** The fields of tracepoints that hold the number of a thread, in the initial pid namespace. */
public final class TaskFields {
  private static final Set<String> FIELDS = read();

  private TaskFields() {}

  private static Set<String> read() {
    Set<String> fields = new HashSet<>();
    for (String line : ResourceLines.beside(TaskFields.class, "task-fields.txt")) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i++) {
        fields.add(words[0] + " " + words[i]);
      }
    }
    return fields;
  }

  /** Returns the place of the first such field among the values that join a pair; -1 for none. */
  public static int in(Event event) {
    if (event.point() instanceof ProbePoint.Tracepoint tracepoint) {
      String name = tracepoint.category() + ":" + tracepoint.event() + " ";
      for (int i = 0; i < event.on().size(); i++) {
        if (event.on().get(i) instanceof Expression.TracepointField field
            && FIELDS.contains(name + field.field())) {
          return i;
        }
      }
    }
    return -1;
  }
}
