/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.typing.Architecture;
import io.jargdist.typing.CType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the program at one kind of place of a USDT probe sees. */
final class UsdtValues implements ProbeValues {
  /**
   * HotSpot's own probes pass every string as a pointer and a length and end none with NUL
   * (src/hotspot/os/posix/dtrace/hotspot.d, JDK 17 to 25); those of {@code hotspot_jni} do end with
   * NUL.
   */
  private static final String PROVIDER_WITH_LENGTHS = "hotspot";

  private final String provider;
  private final List<UsdtOperand> operands;
  private final Architecture architecture;
  private final ContextFields context = new ContextFields();

  UsdtValues(String provider, List<UsdtOperand> operands, Architecture architecture) {
    this.provider = provider;
    this.operands = operands;
    this.architecture = architecture;
  }

  @Override
  public @Nullable Operand usdtArgument(int number) {
    if (number < 1 || number > operands.size()) {
      return null;
    }
    UsdtOperand operand = operands.get(number - 1);
    CType.Int type = operand.type();
    Space space = type.size() == 8 ? Space.USER : Space.NONE;
    String c = operand.c(name -> context.variable("ctx->" + architecture.field(name)));
    return c == null ? null : new Scalar(c, type, space);
  }

  @Override
  public @Nullable String unreadable(int usdtArgument) {
    boolean exists = usdtArgument >= 1 && usdtArgument <= operands.size();
    return exists && operands.get(usdtArgument - 1) instanceof UsdtOperand.Unreadable unreadable
        ? unreadable.text()
        : null;
  }

  @Override
  public @Nullable Operand usdtStringLength(int number) {
    return provider.equals(PROVIDER_WITH_LENGTHS) ? usdtArgument(number + 1) : null;
  }

  @Override
  public String declarations() {
    return context.declarations();
  }

  @Override
  public List<String> names() {
    return IntStream.rangeClosed(1, operands.size())
        .filter(i -> unreadable(i) == null)
        .mapToObj(i -> "arg" + i)
        .toList();
  }
}
