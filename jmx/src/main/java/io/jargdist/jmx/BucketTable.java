/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.HistogramSnapshot;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularData;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * A histogram as a table with cumulative counts, the form in which jmx_exporter hands it to
 * Prometheus without a rule: index {@code le}, the bucket's upper bound in decimal, {@code +Inf} in
 * the last row; column {@code value}, the number of values that are at most that.
 */
final class BucketTable {
  private static final String[] COLUMNS = {"le", "value"};

  static final TabularType TYPE = type();

  private BucketTable() {}

  private static TabularType type() {
    try {
      CompositeType row =
          new CompositeType(
              "Bucket",
              "Events with a value of at most le",
              COLUMNS,
              new String[] {"largest value, in decimal, or +Inf", "events, cumulative"},
              new OpenType<?>[] {SimpleType.STRING, SimpleType.LONG});
      return new TabularType("Buckets", "Cumulative histogram", row, new String[] {COLUMNS[0]});
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param ever decides which rows of negative bounds there are: those from the lowest bucket in
   *     which there ever was a value. All rows from 0 on, and all of a linear scheme, are always
   *     there, so that the tables of several JVMs can be added up by {@code le}, and a rate never
   *     misses a bucket's first value.
   * @param current is counted in them
   */
  static TabularData rows(HistogramSnapshot ever, HistogramSnapshot current) {
    BucketScheme scheme = ever.scheme();
    int first = 0;
    while (first < scheme.firstRow() && ever.count(first) == 0) {
      first++;
    }
    TabularData table = new TabularDataSupport(TYPE);
    long cumulative = 0;
    for (int slot = first; slot < scheme.slots(); slot++) {
      cumulative += current.count(slot);
      if (scheme.isUsed(slot) && !scheme.isOverflow(slot)) {
        put(table, scheme.highText(slot), cumulative);
      }
    }
    put(table, "+Inf", cumulative);
    return table;
  }

  private static void put(TabularData table, String le, long value) {
    try {
      table.put(new CompositeDataSupport(TYPE.getRowType(), COLUMNS, new Object[] {le, value}));
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
  }
}
