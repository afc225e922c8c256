/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.os;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A native function of at most six arguments, all of which are integers or addresses, as is its
 * result. Each travels in a register of 64 bits, of which the function looks at as many as the
 * argument has, also where the number of arguments varies. Thread-safe.
 *
 * <p>jffi calls it. The layer above, jnr-ffi, would take declarations in Java, and generate classes
 * for them at each start, which took longer than everything else that a command does until it
 * counts.
 */
public final class NativeFunction {
  private static final int MOST_ARGUMENTS = 6;
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  /** How a function is called, for each number of arguments. */
  private static final List<CallContext> CONTEXTS =
      IntStream.rangeClosed(0, MOST_ARGUMENTS).mapToObj(NativeFunction::context).toList();

  private final long address;

  /**
   * @param address of the first instruction
   */
  NativeFunction(long address) {
    this.address = address;
  }

  private static CallContext context(int arguments) {
    Type[] types = Collections.nCopies(arguments, Type.SINT64).toArray(new Type[0]);
    return CallContext.getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, true);
  }

  /**
   * Calls the function. The memory that arguments refer to lives at least as long as the call.
   *
   * @param arguments each an Integer, a Long, a {@link Native} or null, which is the address 0
   * @return all 64 bits of the result, of which the upper half has no meaning if it is an int
   */
  public long call(@Nullable Object... arguments) {
    CallContext context = CONTEXTS.get(arguments.length);
    try {
      return switch (arguments.length) {
        case 0 -> INVOKER.invokeN0(context, address);
        case 1 -> INVOKER.invokeN1(context, address, word(arguments[0]));
        case 2 -> INVOKER.invokeN2(context, address, word(arguments[0]), word(arguments[1]));
        case 3 ->
            INVOKER.invokeN3(
                context, address, word(arguments[0]), word(arguments[1]), word(arguments[2]));
        case 4 ->
            INVOKER.invokeN4(
                context,
                address,
                word(arguments[0]),
                word(arguments[1]),
                word(arguments[2]),
                word(arguments[3]));
        case 5 ->
            INVOKER.invokeN5(
                context,
                address,
                word(arguments[0]),
                word(arguments[1]),
                word(arguments[2]),
                word(arguments[3]),
                word(arguments[4]));
        default ->
            INVOKER.invokeN6(
                context,
                address,
                word(arguments[0]),
                word(arguments[1]),
                word(arguments[2]),
                word(arguments[3]),
                word(arguments[4]),
                word(arguments[5]));
      };
    } finally {
      Reference.reachabilityFence(arguments);
    }
  }

  /** Calls a function whose result is an int. */
  public int callInt(@Nullable Object... arguments) {
    return (int) call(arguments);
  }

  /**
   * Calls a function whose result is a text that ends with a NUL.
   *
   * @return null if the result is the address 0
   */
  public @Nullable String callText(@Nullable Object... arguments) {
    return text(call(arguments));
  }

  /**
   * Returns the text at an address.
   *
   * @return null if the address is 0
   */
  static @Nullable String text(long address) {
    return address == 0
        ? null
        : new String(MEMORY.getZeroTerminatedByteArray(address), StandardCharsets.UTF_8);
  }

  private static long word(@Nullable Object argument) {
    if (argument == null) {
      return 0;
    } else if (argument instanceof Integer number) {
      return number;
    } else if (argument instanceof Long number) {
      return number;
    } else if (argument instanceof Native memory) {
      return memory.address();
    }
    throw new IllegalArgumentException("not an argument of a native function: " + argument);
  }

  /** Returns the errno of this thread's last call. */
  static int errno() {
    return LastError.getInstance().get();
  }
}
