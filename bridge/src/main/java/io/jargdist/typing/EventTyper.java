/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.Architecture;
import io.jargdist.facts.CType;
import io.jargdist.facts.ResolvedProbe;
import io.jargdist.facts.TypeSources;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.Event;
import io.jargdist.specifier.Parameter;
import io.jargdist.specifier.SpecifierException;
import io.jargdist.specifier.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows the types of one event of a specifier, and what the programs at its places see. */
public final class EventTyper {
  private final String specifier;
  private final Event event;
  private final Architecture architecture;
  private final Types types;
  private final boolean userSpace;

  /**
   * @param specifier its text
   * @param sources of types; those of HotSpot are left out if the event is not in libjvm
   */
  EventTyper(String specifier, Event event, TypeSources sources, Architecture architecture) {
    this.specifier = specifier;
    this.event = event;
    this.architecture = architecture;
    this.userSpace =
        switch (event.point().kind()) {
          case USER_FUNCTION, USDT -> true;
          case KERNEL_FUNCTION, TRACEPOINT -> false;
        };
    this.types =
        new Types(
            event.point().isInLibjvm() ? sources : TypeSources.of(sources.kernel()),
            architecture,
            userSpace);
  }

  Event event() {
    return event;
  }

  Types types() {
    return types;
  }

  /** Returns whether it is in the target's own code, which the kernel knows without a program. */
  boolean isInUserSpace() {
    return userSpace;
  }

  /**
   * Refuses a parameter that is not passed in one register: all parameters behind it would be read
   * from wrong registers.
   */
  void checkSignature() throws SpecifierException {
    for (Parameter parameter : event.parameters()) {
      TypeName name = parameter.type();
      CType type = types.resolve(name);
      if (type == null) {
        throw error(name, "unknown type \"" + name.text() + "\"", types.hint(name.base()));
      } else if (type instanceof CType.Struct || type instanceof CType.Array) {
        throw error(
            name,
            "a whole " + type.describe() + " is not passed in one register",
            "probe with the parameters before it");
      }
    }
  }

  /**
   * @param declared the type that the specifier gives to what is returned; null if it gives none
   */
  EventValues values(ResolvedProbe.UserFunction function, @Nullable TypeName declared) {
    return new EventValues(
        this,
        new FunctionValues(
            FunctionParameter.inUserSpace(event.parameters(), types, architecture),
            function.atReturn(),
            false,
            declared == null ? CType.S64 : types.inRegister(declared),
            Space.USER));
  }

  KernelSignature signature(ResolvedProbe.KernelFunction function) {
    return new KernelSignature(event.parameters(), function, types, architecture);
  }

  EventValues values(
      ResolvedProbe.KernelFunction function,
      KernelSignature signature,
      @Nullable TypeName declared) {
    return new EventValues(
        this,
        new FunctionValues(
            signature.parameters(),
            function.atReturn(),
            function.typed() != null,
            declared == null ? function.returnType() : types.inRegister(declared),
            declared != null && declared.user() ? Space.USER : Space.KERNEL));
  }

  EventValues values(ResolvedProbe.Tracepoint tracepoint) {
    return new EventValues(
        this, new TracepointValues(tracepoint.category(), tracepoint.fields(), types));
  }

  EventValues values(ResolvedProbe.Usdt usdt, List<UsdtOperand> arguments) {
    return new EventValues(this, UsdtValues.of(usdt.provider(), usdt.probe(), arguments));
  }

  private SpecifierException error(TypeName name, String reason, @Nullable String hint) {
    return new SpecifierException(
        specifier, new Diagnostic("signature", name.span(), reason, hint));
  }
}
