/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.typing.TypedColumn;
import io.jargdist.typing.TypedText;
import java.util.Locale;

/** Writes the C statements that fill one column of a key. */
final class ColumnText implements TypedColumn.Visitor<String> {
  private final int index;
  private final ValueText values;

  ColumnText(int index, ValueText values) {
    this.index = index;
    this.values = values;
  }

  @Override
  public String number(TypedColumn.NumberColumn number) {
    return String.format(
        Locale.ROOT,
        "  key.v%d = (%s)%s;\n",
        index,
        CTypes.name(number.type()),
        values.write(number.value()));
  }

  @Override
  public String text(TypedColumn.TextColumn column) {
    return column.text().accept(new Copies(column.most()));
  }

  private final class Copies implements TypedText.Visitor<String> {
    private final int most;

    Copies(int most) {
      this.most = most;
    }

    @Override
    public String threadName(TypedText.ThreadName name) {
      return String.format(
          Locale.ROOT, "  bpf_get_current_comm(&key.v%1$d, sizeof(key.v%1$d));\n", index);
    }

    @Override
    public String terminated(TypedText.Terminated text) {
      return String.format(
          Locale.ROOT,
          """
        if (%1$s_str(&key.v%2$d, sizeof(key.v%2$d), (void *)%3$s) < 0) failed = 1;
        key.v%2$d[%4$d] = key.v%2$d[%4$d] != 0;
      """,
          CTypes.reader(text.memory()),
          index,
          values.write(text.address()),
          most);
    }

    @Override
    public String counted(TypedText.Counted text) {
      String address = values.write(text.address());
      return String.format(
          Locale.ROOT,
          """
        u64 length_%1$d = CONTEXT(%2$s);
        if (length_%1$d > %3$d) {
          length_%1$d = %3$d;
          key.v%1$d[%3$d] = 1;
        }
        if (%4$s(&key.v%1$d, length_%1$d, (void *)%5$s)) failed = 1;
      """,
          index,
          values.write(text.length()),
          most,
          CTypes.reader(text.memory()),
          address);
    }
  }
}
