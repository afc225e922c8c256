/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TaskFields;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.ProbePoint;
import io.jargdist.specifier.Specifier;

/** Finds probes that can be attached but see less than one expects. */
public final class BlindSpots {
  private final TargetLibraries libraries;
  private final boolean systemWide;
  private final Warnings warnings;

  /**
   * @param libraries of the target
   * @param systemWide whether the events of other processes count, too
   * @param warnings takes what is found
   */
  public BlindSpots(TargetLibraries libraries, boolean systemWide, Warnings warnings) {
    this.libraries = libraries;
    this.systemWide = systemWide;
    this.warnings = warnings;
  }

  /**
   * Looks at one probe.
   *
   * @param number of the event in {@link Specifier#events}
   * @param probe what was found for it
   * @param latency whether the time of calls is asked for
   */
  public void find(Specifier specifier, int number, ResolvedProbe probe, boolean latency) {
    Event event = specifier.events().get(number);
    ProbePoint point = event.point();
    switch (probe.kind()) {
      case USER_FUNCTION -> {
        String name = ((ProbePoint.UserFunction) point).function();
        function(name, (ResolvedProbe.UserFunction) probe, latency);
      }
      case KERNEL_FUNCTION -> {}
      case TRACEPOINT ->
          tracepoint(event, (ResolvedProbe.Tracepoint) probe, specifier.countsAnywhere(number));
      case USDT -> usdt((ResolvedProbe.Usdt) probe);
    }
  }

  private void function(String name, ResolvedProbe.UserFunction function, boolean latency) {
    for (CodeLocation location : function.locations()) {
      if (!location.isAwaited()) {
        hotSpot(location).function(name, latency);
      }
    }
  }

  /**
   * @param anywhere whether the event counts wherever it happens
   */
  private void tracepoint(Event event, ResolvedProbe.Tracepoint tracepoint, boolean anywhere) {
    SystemCallNames.warn(tracepoint, libraries.target().files(), warnings);
    if (!systemWide && !anywhere && TaskFields.in(event) < 0) {
      TracepointContext.of(tracepoint.category(), tracepoint.event()).warn(tracepoint, warnings);
    }
  }

  private void usdt(ResolvedProbe.Usdt usdt) {
    HotSpotBlindSpots.Provider provider = HotSpotBlindSpots.Provider.of(usdt.provider());
    if (provider != null) {
      hotSpot(usdt.sites().get(0).location()).usdt(provider, usdt.probe());
    }
  }

  private HotSpotBlindSpots hotSpot(CodeLocation location) {
    return new HotSpotBlindSpots(libraries, location, systemWide, warnings);
  }
}
