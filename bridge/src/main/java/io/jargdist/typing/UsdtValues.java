/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.typing.Operand.Scalar;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The values that a program sees at those places of a USDT probe which have the same operands. */
record UsdtValues(String provider, List<UsdtOperand> operands)
    implements ProbeValues, UsdtOperand.Visitor<Optional<TypedValue>> {
  /**
   * HotSpot's own probes pass every string as a pointer and a length, without a NUL at the end
   * (src/hotspot/os/posix/dtrace/hotspot.d, JDK 17 to 25). Strings of {@code hotspot_jni} end with
   * NUL.
   */
  private static final String PROVIDER_WITH_LENGTHS = "hotspot";

  UsdtValues {
    operands = List.copyOf(operands);
  }

  @Override
  public @Nullable Operand usdtArgument(int number) {
    if (number < 1 || number > operands.size()) {
      return null;
    }
    return operands
        .get(number - 1)
        .accept(this)
        .map(value -> Scalar.seen(value, Space.USER))
        .orElse(null);
  }

  @Override
  public Optional<TypedValue> constant(UsdtOperand.Constant constant) {
    CType.Int wide = constant.type().signed() ? CType.S64 : CType.U64;
    TypedValue value = new TypedValue.Constant(constant.value(), wide);
    return Optional.of(new TypedValue.Conversion(value, constant.type()));
  }

  @Override
  public Optional<TypedValue> register(UsdtOperand.Register register) {
    return Optional.of(
        new TypedValue.Register(register.register(), register.shift(), register.type()));
  }

  @Override
  public Optional<TypedValue> memory(UsdtOperand.Memory memory) {
    TypedValue address = new TypedValue.OperandAddress(memory);
    return Optional.of(new TypedValue.Read(address, Memory.USER, memory.type()));
  }

  @Override
  public Optional<TypedValue> unreadable(UsdtOperand.Unreadable unreadable) {
    return Optional.empty();
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
  public List<String> names() {
    return IntStream.rangeClosed(1, operands.size())
        .filter(i -> unreadable(i) == null)
        .mapToObj(i -> "arg" + i)
        .toList();
  }
}
