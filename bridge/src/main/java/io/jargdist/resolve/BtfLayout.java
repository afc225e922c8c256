/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.os.Layout;
import io.jargdist.os.Layout.Field;

/** The structures of the BPF Type Format. */
final class BtfLayout {
  static final Layout FILE = btf("btf_header", 24);
  static final Field MAGIC = FILE.field("magic", 0, 2);
  static final Field HEADER_BYTES = FILE.field("hdr_len", 4, 4);
  static final Field TYPES = FILE.field("type_off", 8, 4);
  static final Field TYPE_BYTES = FILE.field("type_len", 12, 4);
  static final Field STRINGS = FILE.field("str_off", 16, 4);
  static final Field STRING_BYTES = FILE.field("str_len", 20, 4);

  /** The entries of a type follow it, as its kind requires. */
  static final Layout TYPE = btf("btf_type", 12);

  static final Field NAME = TYPE.field("name_off", 0, 4);

  /** The kind, a flag, and how many members or the like there are. */
  static final Field INFO = TYPE.field("info", 4, 4);

  /** A size, or the number of another type. */
  static final Field SIZE_OR_TYPE = TYPE.field("size", 8, 4);

  static final Layout ARRAY = btf("btf_array", 12);
  static final Field ELEMENT = ARRAY.field("type", 0, 4);
  static final Field LENGTH = ARRAY.field("nelems", 8, 4);

  static final Layout MEMBER = btf("btf_member", 12);
  static final Field MEMBER_NAME = MEMBER.field("name_off", 0, 4);
  static final Field MEMBER_TYPE = MEMBER.field("type", 4, 4);
  static final Field MEMBER_OFFSET = MEMBER.field("offset", 8, 4);

  static final Layout PARAMETER = btf("btf_param", 8);
  static final Field PARAMETER_NAME = PARAMETER.field("name_off", 0, 4);
  static final Field PARAMETER_TYPE = PARAMETER.field("type", 4, 4);

  static final Layout CONSTANT = btf("btf_enum", 8);
  static final Field CONSTANT_NAME = CONSTANT.field("name_off", 0, 4);
  static final Field CONSTANT_VALUE = CONSTANT.field("val", 4, 4);

  static final Layout CONSTANT_64 = btf("btf_enum64", 12);
  static final Field CONSTANT_64_NAME = CONSTANT_64.field("name_off", 0, 4);
  static final Field CONSTANT_64_LOW = CONSTANT_64.field("val_lo32", 4, 4);
  static final Field CONSTANT_64_HIGH = CONSTANT_64.field("val_hi32", 8, 4);

  private BtfLayout() {}

  private static Layout btf(String type, int size) {
    return new Layout("struct " + type, "linux/btf.h", size);
  }
}
