/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.HotSpotProbes;
import io.jargdist.facts.UsdtOperand;
import io.jargdist.typing.Operand.Scalar;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The values that a program sees at those places of a USDT probe which have the same operands.
 *
 * @param arguments the names of the operands; empty if they are not known
 */
record UsdtValues(
    String provider, List<UsdtOperand> operands, List<HotSpotProbes.Argument> arguments)
    implements ProbeValues, UsdtOperand.Visitor<Optional<TypedValue>> {
  /**
   * HotSpot's own probes pass every string as a pointer and a length, without a NUL at the end
   * (src/hotspot/os/posix/dtrace/hotspot.d, JDK 17 to 25). Strings of {@code hotspot_jni} end with
   * NUL.
   */
  private static final String PROVIDER_WITH_LENGTHS = "hotspot";

  UsdtValues {
    operands = List.copyOf(operands);
    arguments = List.copyOf(arguments);
  }

  /** The values of a probe whose arguments have the names that HotSpot's sources give them. */
  static UsdtValues of(String provider, String probe, List<UsdtOperand> operands) {
    return new UsdtValues(
        provider, operands, HotSpotProbes.arguments(provider, probe, operands.size()));
  }

  /** A named argument has the type that its name tells. A number leads to no memory. */
  @Override
  public @Nullable Operand parameter(String name) {
    int number = number(name);
    Operand operand = usdtArgument(number);
    if (!(operand instanceof Scalar seen)) {
      return null;
    }
    CType type = arguments.get(number - 1).type();
    return type == null
        ? Scalar.number(seen.value())
        : Scalar.seen(new TypedValue.Conversion(seen.value(), type), seen.space());
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
  public @Nullable String unreadable(int number) {
    boolean exists = number >= 1 && number <= operands.size();
    return exists && operands.get(number - 1) instanceof UsdtOperand.Unreadable unreadable
        ? unreadable.text()
        : null;
  }

  @Override
  public @Nullable String unreadable(String name) {
    return unreadable(number(name));
  }

  @Override
  public @Nullable Operand stringLength(int number) {
    return provider.equals(PROVIDER_WITH_LENGTHS) ? usdtArgument(number + 1) : null;
  }

  @Override
  public @Nullable Operand stringLength(String name) {
    int number = number(name);
    return number > 0 && arguments.get(number - 1).isText() ? stringLength(number) : null;
  }

  /** Returns the number of an argument by its name; 0 if there is none of that name. */
  private int number(String name) {
    return 1 + arguments.stream().map(HotSpotProbes.Argument::name).toList().indexOf(name);
  }

  /** Returns the names of the arguments, or what they are written as if they have none. */
  @Override
  public List<String> names() {
    return IntStream.rangeClosed(1, operands.size())
        .filter(i -> unreadable(i) == null)
        .mapToObj(i -> arguments.isEmpty() ? "arg" + i : arguments.get(i - 1).name())
        .toList();
  }
}
