/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import io.jargdist.facts.CodeLocation;
import io.jargdist.facts.ReturnDanger;
import io.jargdist.facts.Returns;
import io.jargdist.kernel.ReturnTrampoline;
import io.jargdist.os.MachineException;
import io.jargdist.resolve.ProbePlacer;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.Warnings;
import io.jargdist.resolve.placement.ReturnSites;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Span;
import io.jargdist.specifier.Specifier;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.wire.ReturnWay;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how the returns of a function of user code are seen: by replaced return addresses, which
 * cost less, or by its return instructions, where replacing could do harm.
 *
 * @param function of the specifier whose returns these are, as it is written
 * @param warnings takes what can go wrong
 */
record ReturnChooser(
    Specifier specifier,
    Span function,
    ReturnWay way,
    ProbePlacer placer,
    TargetLibraries libraries,
    Warnings warnings) {
  /**
   * @param functions where the functions begin
   * @param found what is known of their returns
   * @throws SpecifierException if the function does not allow the way that is needed
   * @throws MachineException if this process does not
   */
  Returns choose(List<CodeLocation> functions, Returns.Replaced found)
      throws SpecifierException, MachineException {
    ReturnDanger danger = danger(found);
    boolean instructions =
        switch (way) {
          case SITES -> true;
          case AUTO -> danger != null;
          case TRAMPOLINE -> false;
        };
    String refused = null;
    if (instructions) {
      List<CodeLocation> places = new ArrayList<>();
      String remark = danger == null ? "as --returns says" : danger.text();
      refused = collect(functions, remark, places);
      if (refused == null) {
        return new Returns.Instructions(places);
      } else if (way == ReturnWay.SITES) {
        throw error("not all of its return instructions can be probed: " + refused, null);
      }
    }
    String instead =
        refused == null ? "" : ", and its return instructions cannot be probed instead: " + refused;
    if (danger != null) {
      switch (danger) {
        case HOTSPOT ->
            throw error(
                "a return probe on this function can crash the JVM: HotSpot walks stacks by return"
                    + " addresses, which return probes replace"
                    + instead,
                "use p: for its entry, or an exported JVM_* or JNI_* function");
        case SECCOMP -> ReturnTrampoline.check(libraries.target().pid(), instead);
        case EXCEPTIONS ->
            warnings.add(
                "the process ends if a C++ exception passes through this function, since the unwinder"
                    + " does not know replaced return addresses"
                    + instead
                    + ".");
      }
    }
    return found;
  }

  private @Nullable ReturnDanger danger(Returns.Replaced found) {
    ReturnDanger danger = found.danger();
    boolean canKill =
        danger != ReturnDanger.HOTSPOT && ReturnTrampoline.canKill(libraries.target().pid());
    return canKill ? ReturnDanger.SECCOMP : danger;
  }

  /**
   * @param places takes the return instructions
   * @return why they cannot all be probed; null if they can
   */
  private @Nullable String collect(
      List<CodeLocation> functions, String remark, List<CodeLocation> places)
      throws MachineException {
    for (CodeLocation function : functions) {
      if (function.isAwaited()) {
        places.add(function);
        continue;
      }
      ReturnSites returns = placer.returns(function, libraries);
      if (returns instanceof ReturnSites.Refused no) {
        return no.because();
      }
      if (specifier.isPair() && returns.sites().stream().anyMatch(ReturnSites.Site::shared)) {
        return "it jumps to other functions at its end, whose returns are no events of a pair";
      }
      for (CodeLocation place : placer.locations(returns, function, libraries, remark)) {
        boolean known =
            places.stream()
                .anyMatch(
                    other -> other.path().equals(place.path()) && other.offset() == place.offset());
        if (!known) {
          places.add(place);
        }
      }
    }
    return null;
  }

  private SpecifierException error(String reason, @Nullable String hint) {
    return new SpecifierException(
        specifier.text(), new Diagnostic("function", function, reason, hint));
  }
}
