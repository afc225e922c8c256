/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.typing;

import io.jargdist.facts.CType;
import io.jargdist.facts.DeclaredType;
import io.jargdist.facts.ResolvedProbe.TracepointField;
import io.jargdist.typing.Operand.Place;
import io.jargdist.typing.Operand.Scalar;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that a tracepoint's program sees: the fields of the tracepoint's record.
 *
 * <p>Pointers come from user space if the category is {@code syscalls} or {@code raw_syscalls}, or
 * if the format declares them as {@code __user}. All others come from the kernel. Numbers of the
 * category {@code syscalls} have the type that the system call declares, because the record holds
 * whole registers and calls all of them unsigned (kernel/trace/trace_syscalls.c,
 * syscall_enter_define_fields).
 */
record TracepointValues(String category, List<TracepointField> fields, Types types)
    implements ProbeValues {
  TracepointValues {
    fields = List.copyOf(fields);
  }

  @Override
  public @Nullable Operand tracepointField(String name) {
    for (TracepointField field : fields) {
      if (field.name().equals(name)) {
        return operand(field);
      }
    }
    return null;
  }

  private boolean isSystemCall() {
    return category.equals("syscalls");
  }

  private Operand operand(TracepointField field) {
    if (field.dynamic()) {
      return inRecord(field, new CType.Array(CType.S8, 0), Space.RECORD);
    }
    if (field.arrayLength() != null) {
      int elementSize = Math.max(1, field.size() / Math.max(1, field.arrayLength()));
      CType element = new CType.Int(elementSize, field.signed());
      boolean arguments = category.equals("raw_syscalls");
      return inRecord(
          field,
          new CType.Array(element, field.arrayLength()),
          arguments ? Space.KERNEL_COPY : Space.RECORD);
    }
    if (!field.isDirect()) {
      return inRecord(field, CType.OPAQUE, Space.RECORD);
    }
    CType.Int storage = field.storage();
    CType declared = DeclaredType.parse(field.declaredType(), types.source());
    if (field.declaredType().endsWith("*") && field.size() == 8) {
      boolean user =
          isSystemCall() || (declared instanceof CType.Pointer pointer && pointer.user());
      return new Scalar(
          new TypedValue.RecordField(
              field.offset(), declared == null ? new CType.Pointer(CType.OPAQUE) : declared),
          user ? Space.USER : Space.KERNEL);
    }
    CType.Int type =
        isSystemCall() && declared instanceof CType.Int number && number.size() <= storage.size()
            ? number
            : storage;
    return Scalar.number(new TypedValue.RecordField(field.offset(), type));
  }

  private static Place inRecord(TracepointField field, CType type, Space space) {
    return new Place(
        new TypedValue.RecordAddress(field.offset(), field.dynamic(), new CType.Pointer(type)),
        type,
        space);
  }

  @Override
  public List<String> names() {
    return fields.stream().map(TracepointField::name).toList();
  }
}
