/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.compile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Compiled programs and the tables they use, tied to no process: another one can create the tables,
 * fill in their file descriptors and load the programs.
 */
public record ProgramImage(List<Program> programs, List<Table> tables) {
  private static final int MAGIC = 0x6a617201;

  public ProgramImage {
    programs = List.copyOf(programs);
    tables = List.copyOf(tables);
  }

  /**
   * @param code BPF instructions, 8 bytes each, with 0 where a table's file descriptor belongs
   */
  public record Program(String name, ByteBuffer code, List<Relocation> relocations) {
    public Program {
      code = code.asReadOnlyBuffer();
      relocations = List.copyOf(relocations);
    }

    /** Returns a copy of the code. */
    public byte[] instructions() {
      byte[] bytes = new byte[code.limit()];
      code.get(0, bytes);
      return bytes;
    }
  }

  /**
   * @param instruction index of the instruction whose immediate is the table's file descriptor
   * @param table index in {@link ProgramImage#tables()}
   */
  public record Relocation(int instruction, int table) {
    Relocation to(int otherTable) {
      return new Relocation(instruction, otherTable);
    }
  }

  /**
   * @param type the kernel's enum bpf_map_type
   * @param flags of BPF_MAP_CREATE
   */
  public record Table(
      String name, int type, int keySize, int valueSize, int maxEntries, int flags) {
    /** Returns a table that differs in its size. */
    public Table sized(int otherEntries) {
      return new Table(name, type, keySize, valueSize, otherEntries, flags);
    }

    Table named(String otherName) {
      return new Table(otherName, type, keySize, valueSize, maxEntries, flags);
    }
  }

  /** Returns the image as bytes, with a checksum. */
  public byte[] encode() {
    try {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(body);
      out.writeInt(tables.size());
      for (Table table : tables) {
        out.writeUTF(table.name());
        out.writeInt(table.type());
        out.writeInt(table.keySize());
        out.writeInt(table.valueSize());
        out.writeInt(table.maxEntries());
        out.writeInt(table.flags());
      }
      out.writeInt(programs.size());
      for (Program program : programs) {
        out.writeUTF(program.name());
        byte[] code = program.instructions();
        out.writeInt(code.length);
        out.write(code);
        out.writeInt(program.relocations().size());
        for (Relocation relocation : program.relocations()) {
          out.writeInt(relocation.instruction());
          out.writeInt(relocation.table());
        }
      }
      CRC32 checksum = new CRC32();
      checksum.update(body.toByteArray());
      ByteBuffer result = ByteBuffer.allocate(12 + body.size());
      return result.putInt(MAGIC).putLong(checksum.getValue()).put(body.toByteArray()).array();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @throws IOException if the bytes are not a whole image
   */
  public static ProgramImage decode(byte[] bytes) throws IOException {
    CRC32 checksum = new CRC32();
    if (bytes.length >= 12) {
      checksum.update(bytes, 12, bytes.length - 12);
    }
    if (bytes.length < 12
        || ByteBuffer.wrap(bytes).getInt() != MAGIC
        || ByteBuffer.wrap(bytes).getLong(4) != checksum.getValue()) {
      throw new IOException("not a program image");
    }
    DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, 12, bytes.length - 12));
    List<Table> tables = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      tables.add(
          new Table(
              in.readUTF(), in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readInt()));
    }
    List<Program> programs = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      String name = in.readUTF();
      byte[] code = in.readNBytes(in.readInt());
      List<Relocation> relocations = new ArrayList<>();
      for (int j = in.readInt(); j > 0; j--) {
        relocations.add(new Relocation(in.readInt(), in.readInt()));
      }
      programs.add(new Program(name, ByteBuffer.wrap(code), relocations));
    }
    return new ProgramImage(programs, tables);
  }
}
