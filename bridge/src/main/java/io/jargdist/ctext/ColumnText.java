/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.ctext;

import io.jargdist.typing.TypedColumn;
import io.jargdist.typing.TypedText;
import java.util.Locale;

/** Writes the C statements that fill one column: of a key, or of what a pair keeps. */
final class ColumnText implements TypedColumn.Visitor<String> {
  private final String place;
  private final String name;
  private final ValueText values;

  private ColumnText(String place, String name, ValueText values) {
    this.place = place;
    this.name = name;
    this.values = values;
  }

  /**
   * @param place the column of a key that is filled
   * @param index tells it from others
   */
  static ColumnText ofKey(String place, int index, ValueText values) {
    return new ColumnText(place, String.valueOf(index), values);
  }

  static ColumnText ofPair(int index, ValueText values) {
    return new ColumnText("pair->" + PairText.variable(index), "kept_" + index, values);
  }

  @Override
  public String number(TypedColumn.NumberColumn number) {
    return String.format(
        Locale.ROOT,
        "  %s = (%s)%s;\n",
        place,
        CTypes.name(number.type()),
        values.write(number.value()));
  }

  @Override
  public String text(TypedColumn.TextColumn column) {
    return column.text().accept(new Copies(column.content().most()));
  }

  @Override
  public String explained(TypedColumn.ExplainedColumn column) {
    return column.key().accept(new ExplainedKeyText(place, values));
  }

  private final class Copies implements TypedText.Visitor<String> {
    private final int most;

    Copies(int most) {
      this.most = most;
    }

    @Override
    public String threadName(TypedText.ThreadName name) {
      return String.format(Locale.ROOT, "  bpf_get_current_comm(&%1$s, sizeof(%1$s));\n", place);
    }

    @Override
    public String terminated(TypedText.Terminated text) {
      return String.format(
          Locale.ROOT,
          """
            if (%1$s_str(&%2$s, sizeof(%2$s), (void *)%3$s) < 0) failed = 1;
            %2$s[%4$d] = %2$s[%4$d] != 0;
          """,
          CTypes.reader(text.memory()),
          place,
          values.write(text.address()),
          most);
    }

    @Override
    public String counted(TypedText.Counted text) {
      String address = values.write(text.address());
      return String.format(
          Locale.ROOT,
          """
            u64 length_%1$s = CONTEXT(%2$s);
            if (length_%1$s > %3$d) {
              length_%1$s = %3$d;
              %6$s[%3$d] = 1;
            }
            if (%4$s(&%6$s, length_%1$s, (void *)%5$s)) failed = 1;
          """,
          name,
          values.write(text.length()),
          most,
          CTypes.reader(text.memory()),
          address,
          place);
    }

    @Override
    public String kept(TypedText.Kept text) {
      // It was copied when the pair was taken.
      return "";
    }
  }
}
