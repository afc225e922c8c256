/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.codegen;

import io.jargdist.codegen.Operand.Place;
import io.jargdist.codegen.Operand.Scalar;
import io.jargdist.codegen.Operand.Space;
import io.jargdist.codegen.ResolvedProbe.Tracepoint;
import io.jargdist.codegen.ResolvedProbe.TracepointField;
import io.jargdist.typing.CType;
import io.jargdist.typing.DeclaredType;
import io.jargdist.typing.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a tracepoint's program sees: the fields of its record.
 *
 * <p>Pointers of the categories {@code syscalls} and {@code raw_syscalls} come from user space, and
 * those that the format declares as {@code __user}; all others from the kernel. Numbers of the
 * category {@code syscalls} have the type that the system call declares: its record holds whole
 * registers and calls all of them unsigned (kernel/trace/trace_syscalls.c,
 * syscall_enter_define_fields).
 */
final class TracepointValues implements ProbeValues {
  private final Tracepoint tracepoint;
  private final Types types;
  private final ContextFields context = new ContextFields();

  TracepointValues(Tracepoint tracepoint, Types types) {
    this.tracepoint = tracepoint;
    this.types = types;
  }

  @Override
  public @Nullable Operand tracepointField(String name) {
    for (TracepointField field : tracepoint.fields()) {
      if (field.name().equals(name)) {
        return operand(field);
      }
    }
    return null;
  }

  /** The C struct of the record, in which each readable field has the name of its offset. */
  String record() {
    StringBuilder text = new StringBuilder("struct record {\n");
    int end = 0;
    List<TracepointField> fields = new ArrayList<>(tracepoint.fields());
    fields.sort(Comparator.comparingInt(TracepointField::offset));
    for (TracepointField field : fields) {
      if (!isDirect(field) || field.offset() < end) {
        continue;
      }
      if (field.offset() > end) {
        text.append(String.format(Locale.ROOT, "  char gap_%d[%d];\n", end, field.offset() - end));
      }
      text.append(
          String.format(Locale.ROOT, "  %s at_%d;\n", Types.cName(storage(field)), field.offset()));
      end = field.offset() + field.size();
    }
    return text.append("};\n\n").toString();
  }

  private boolean isSystemCall() {
    return tracepoint.category().equals("syscalls");
  }

  private Operand operand(TracepointField field) {
    String address = "((u64)ctx + " + field.offset() + ")";
    if (field.dynamic()) {
      // The low half of a __data_loc word is where the data begins in the record.
      String begin =
          "((u64)ctx + (" + context.variable("ctx->at_" + field.offset()) + " & 0xffff))";
      return new Place(begin, new CType.Array(CType.S8, 0), Space.RECORD);
    }
    if (field.arrayLength() != null) {
      int elementSize = Math.max(1, field.size() / Math.max(1, field.arrayLength()));
      CType element = new CType.Int(elementSize, field.signed());
      boolean arguments = tracepoint.category().equals("raw_syscalls");
      return new Place(
          address,
          new CType.Array(element, field.arrayLength()),
          arguments ? Space.KERNEL_COPY : Space.RECORD);
    }
    if (!isDirect(field)) {
      return new Place(address, CType.OPAQUE, Space.RECORD);
    }
    CType.Int storage = storage(field);
    String register = context.variable("ctx->at_" + field.offset());
    CType declared = DeclaredType.parse(field.declaredType(), types.source());
    if (field.declaredType().endsWith("*") && field.size() == 8) {
      boolean user =
          isSystemCall() || (declared instanceof CType.Pointer pointer && pointer.user());
      return new Scalar(
          Types.narrow(storage, register),
          declared == null ? new CType.Pointer(CType.OPAQUE) : declared,
          user ? Space.USER : Space.KERNEL);
    }
    CType.Int type =
        isSystemCall() && declared instanceof CType.Int number && number.size() <= storage.size()
            ? number
            : storage;
    return new Scalar(Types.narrow(type, register), type, Space.NONE);
  }

  /**
   * Whether the verifier allows to load the field from the record: aligned, of a register's size.
   */
  private static boolean isDirect(TracepointField field) {
    int size = field.size();
    boolean loadable = size == 1 || size == 2 || size == 4 || size == 8;
    return (field.dynamic() || field.arrayLength() == null)
        && loadable
        && field.offset() % size == 0;
  }

  private static CType.Int storage(TracepointField field) {
    return new CType.Int(field.size(), field.signed() && !field.dynamic());
  }

  @Override
  public String declarations() {
    return context.declarations();
  }

  @Override
  public List<String> names() {
    return tracepoint.fields().stream().map(TracepointField::name).toList();
  }
}
