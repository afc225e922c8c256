/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.ProgramImage;
import io.jargdist.os.KernelException;
import io.jargdist.os.Syscalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/**
 * A table (BPF map) in the kernel. Owns its file descriptor; the kernel frees the table when the
 * descriptor is closed and no loaded program uses it any more.
 *
 * <p>Thread-safe after construction, except for {@link #close()}.
 */
public final class BpfTable implements AutoCloseable {
  private static final int MAP_CREATE = 0;
  private static final int MAP_LOOKUP_ELEM = 1;
  private static final int MAP_UPDATE_ELEM = 2;
  private static final int MAP_GET_NEXT_KEY = 4;
  private static final int MAP_LOOKUP_BATCH = 24;
  private static final int ATTRIBUTES_SIZE = 128;
  private static final int NAME_LENGTH = 15;
  private static final int BATCH = 1024;

  private final String name;
  private final int fd;
  private final int keySize;
  private final int valueSize;
  private final int maxEntries;

  private BpfTable(String name, int fd, ProgramImage.Table table) {
    this.name = name;
    this.fd = fd;
    this.keySize = table.keySize();
    this.valueSize = table.valueSize();
    this.maxEntries = table.maxEntries();
  }

  static BpfTable create(ProgramImage.Table table) throws KernelException {
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, table.type());
    attributes.putInt(4, table.keySize());
    attributes.putInt(8, table.valueSize());
    attributes.putInt(12, table.maxEntries());
    attributes.putInt(16, table.flags());
    // bpf_attr.map_name is at 28, after inner_map_fd and numa_node.
    String shown = table.name().substring(0, Math.min(NAME_LENGTH, table.name().length()));
    byte[] bytes = shown.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    attributes.put(28, bytes, 0, bytes.length);
    int fd =
        Syscalls.bpf("creating table " + table.name(), MAP_CREATE, attributes, ATTRIBUTES_SIZE);
    return new BpfTable(table.name(), fd, table);
  }

  int fd() {
    return fd;
  }

  public int keySize() {
    return keySize;
  }

  public int valueSize() {
    return valueSize;
  }

  public int maxEntries() {
    return maxEntries;
  }

  /** Sets the value of a key. */
  public void put(byte[] key, byte[] value) throws KernelException {
    Pointer keyMemory = copy(key);
    Pointer valueMemory = copy(value);
    Syscalls.bpf(
        "writing table " + name, MAP_UPDATE_ELEM, element(keyMemory, valueMemory), ATTRIBUTES_SIZE);
  }

  /**
   * An entry of a table.
   *
   * @param key positioned at its first byte, in native byte order
   * @param value likewise
   */
  public record Entry(ByteBuffer key, ByteBuffer value) {}

  /**
   * All entries of a hash table. Entries that are inserted meanwhile may be missing; none appears
   * twice as long as nothing is deleted.
   */
  public List<Entry> entries() throws KernelException {
    List<Entry> result = new ArrayList<>();
    Pointer keys = Syscalls.allocate(BATCH * keySize);
    Pointer values = Syscalls.allocate(BATCH * valueSize);
    // A hash table's position is a bucket number of 4 bytes, whatever the key's size.
    Pointer position = Syscalls.allocate(Math.max(4, keySize));
    boolean first = true;
    int capacity = BATCH;
    while (true) {
      Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
      attributes.putLong(0, first ? 0 : position.address());
      attributes.putLong(8, position.address());
      attributes.putLong(16, keys.address());
      attributes.putLong(24, values.address());
      attributes.putInt(32, capacity);
      attributes.putInt(36, fd);
      boolean last = false;
      try {
        Syscalls.bpf("reading table " + name, MAP_LOOKUP_BATCH, attributes, ATTRIBUTES_SIZE);
      } catch (KernelException e) {
        if (e.errno() == KernelException.ENOSPC) {
          // One bucket has more entries than fit: kernel/bpf/hashtab.c asks for a larger buffer.
          capacity *= 2;
          keys = Syscalls.allocate(capacity * keySize);
          values = Syscalls.allocate(capacity * valueSize);
          continue;
        } else if (e.errno() == KernelException.EINVAL && first) {
          return entriesOneByOne();
        } else if (e.errno() != KernelException.ENOENT) {
          throw e;
        }
        last = true;
      }
      int count = attributes.getInt(32);
      ByteBuffer keyBytes = bytes(keys, count * keySize);
      ByteBuffer valueBytes = bytes(values, count * valueSize);
      for (int i = 0; i < count; i++) {
        result.add(new Entry(slice(keyBytes, i, keySize), slice(valueBytes, i, valueSize)));
      }
      if (last) {
        return result;
      }
      first = false;
    }
  }

  /** For kernels before 5.6, which have no batch operations. */
  private List<Entry> entriesOneByOne() throws KernelException {
    List<Entry> result = new ArrayList<>();
    Pointer key = Syscalls.allocate(keySize);
    Pointer next = Syscalls.allocate(keySize);
    Pointer value = Syscalls.allocate(valueSize);
    boolean first = true;
    while (true) {
      Pointer attributes = element(key, next);
      if (first) {
        attributes.putLong(8, 0);
      }
      try {
        Syscalls.bpf("reading table " + name, MAP_GET_NEXT_KEY, attributes, ATTRIBUTES_SIZE);
        Syscalls.bpf(
            "reading table " + name, MAP_LOOKUP_ELEM, element(next, value), ATTRIBUTES_SIZE);
      } catch (KernelException e) {
        if (e.errno() == KernelException.ENOENT) {
          return result;
        }
        throw e;
      }
      result.add(new Entry(bytes(next, keySize), bytes(value, valueSize)));
      next.transferTo(0, key, 0, keySize);
      first = false;
    }
  }

  /**
   * Maps an array table with the flag BPF_F_MMAPABLE into memory.
   *
   * @return the table's words; the caller owns it
   */
  public MappedTable mapped() throws KernelException {
    long length = (long) valueSize * maxEntries;
    return new MappedTable(
        Syscalls.map("mapping table " + name, fd, length), valueSize, maxEntries);
  }

  @Override
  public void close() {
    Syscalls.close(fd);
  }

  private Pointer element(Pointer key, Pointer value) {
    Pointer attributes = Syscalls.allocate(ATTRIBUTES_SIZE);
    attributes.putInt(0, fd);
    attributes.putLong(8, key.address());
    attributes.putLong(16, value.address());
    return attributes;
  }

  private static Pointer copy(byte[] bytes) {
    Pointer memory = Syscalls.allocate(bytes.length);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  private static ByteBuffer bytes(Pointer memory, int length) {
    byte[] bytes = new byte[length];
    memory.get(0, bytes, 0, length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer slice(ByteBuffer buffer, int index, int size) {
    return buffer.slice(index * size, size).order(ByteOrder.nativeOrder());
  }
}
