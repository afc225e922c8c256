/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event of a specifier.
 *
 * @param condition what stands behind {@code if}: other events are not seen at all
 * @param on what stands behind {@code on}: the values that both events of a pair have in common;
 *     empty if it is their thread, and for an event that is not one of a pair
 */
public record Event(
    ProbePoint point,
    List<Parameter> parameters,
    @Nullable Expression condition,
    List<Expression> on) {
  public Event {
    parameters = List.copyOf(parameters);
    on = List.copyOf(on);
  }
}
