/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.kernel;

import io.jargdist.compile.ProgramImage;
import io.jargdist.os.KernelException;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.os.Syscalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table (BPF map) in the kernel. Owns its file descriptor; the kernel frees the table when the
 * descriptor is closed and no loaded program uses it any more.
 *
 * <p>Thread-safe, except that it must not be used while or after it is closed.
 */
public final class BpfTable implements AutoCloseable {
  private static final int MAP_CREATE = 0;
  private static final int MAP_LOOKUP_ELEM = 1;
  private static final int MAP_UPDATE_ELEM = 2;
  private static final int MAP_DELETE_ELEM = 3;
  private static final int MAP_LOOKUP_BATCH = 24;
  private static final int PAGE_ENTRIES = 4096;
  private static final int PAGE_BYTES = 256 << 10;

  private final String name;
  private final int fd;
  private final int keySize;
  private final int valueSize;
  private final int maxEntries;
  private boolean closed;

  private BpfTable(String name, int fd, ProgramImage.Table table) {
    this.name = name;
    this.fd = fd;
    this.keySize = table.keySize();
    this.valueSize = table.valueSize();
    this.maxEntries = table.maxEntries();
  }

  public static BpfTable create(ProgramImage.Table table) throws KernelException {
    Struct attributes =
        new Struct(BpfAttributes.LAYOUT)
            .set(BpfAttributes.MAP_TYPE, table.type())
            .set(BpfAttributes.KEY_SIZE, table.keySize())
            .set(BpfAttributes.VALUE_SIZE, table.valueSize())
            .set(BpfAttributes.MAX_ENTRIES, table.maxEntries())
            .set(BpfAttributes.MAP_FLAGS, table.flags())
            .set(BpfAttributes.MAP_NAME, table.name());
    int fd = Syscalls.bpf("creating table " + table.name(), MAP_CREATE, attributes);
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
    Struct element = element(Memory.of(key)).set(BpfAttributes.VALUE, Memory.of(value));
    Syscalls.bpf("writing table " + name, MAP_UPDATE_ELEM, element);
  }

  /**
   * Returns the value of a key of 64 bits, in native byte order; null if there is none.
   *
   * @param key in native byte order
   */
  public @Nullable ByteBuffer get(long key) throws KernelException {
    Memory value = Memory.allocate(valueSize);
    try {
      Struct element = element(Memory.of(new long[] {key})).set(BpfAttributes.VALUE, value);
      Syscalls.bpf("reading table " + name, MAP_LOOKUP_ELEM, element);
    } catch (KernelException e) {
      if (e.errno() != KernelException.ENOENT) {
        throw e;
      }
      return null;
    }
    return bytes(value, valueSize);
  }

  /** Removes a key; nothing happens if there is none. */
  void remove(byte[] key) throws KernelException {
    try {
      Syscalls.bpf("writing table " + name, MAP_DELETE_ELEM, element(Memory.of(key)));
    } catch (KernelException e) {
      if (e.errno() != KernelException.ENOENT) {
        throw e;
      }
    }
  }

  /**
   * An entry of a table.
   *
   * @param key positioned at its first byte, in native byte order
   * @param value likewise
   */
  public record Entry(ByteBuffer key, ByteBuffer value) {}

  /**
   * Some entries of a hash table.
   *
   * @param next where the next page begins, as an unsigned number; null behind the last entry
   */
  public record Page(List<Entry> entries, @Nullable Integer next) {}

  /**
   * Returns some entries of a hash table, about as many as fit into {@value #PAGE_BYTES} bytes.
   * Entries that are inserted meanwhile may be missing from all pages; no entry is on two pages as
   * long as nothing is deleted: a position is the number of a bucket
   * (__htab_map_lookup_and_delete_batch in kernel/bpf/hashtab.c, Linux 5.6), a page has whole
   * buckets, and a key stays in its own.
   *
   * @param from 0, or what the page before says
   */
  public Page entries(int from) throws KernelException {
    int capacity = Math.max(1, Math.min(PAGE_ENTRIES, PAGE_BYTES / (keySize + valueSize)));
    Memory position = Memory.of(from);
    while (true) {
      Memory keys = Memory.allocate(capacity * keySize);
      Memory values = Memory.allocate(capacity * valueSize);
      Struct attributes =
          new Struct(BpfAttributes.LAYOUT)
              .set(BpfAttributes.BATCH_NEXT, position)
              .set(BpfAttributes.BATCH_KEYS, keys)
              .set(BpfAttributes.BATCH_VALUES, values)
              .set(BpfAttributes.BATCH_COUNT, capacity)
              .set(BpfAttributes.BATCH_MAP_FD, fd);
      if (from != 0) {
        attributes.set(BpfAttributes.BATCH_FROM, position);
      }
      boolean last = false;
      try {
        Syscalls.bpf("reading table " + name, MAP_LOOKUP_BATCH, attributes);
      } catch (KernelException e) {
        if (e.errno() == KernelException.ENOSPC && capacity < maxEntries) {
          // A bucket has more entries than fit: kernel/bpf/hashtab.c asks for a larger buffer.
          capacity *= 2;
          continue;
        } else if (e.errno() != KernelException.ENOENT) {
          throw e;
        }
        last = true;
      }
      int count = attributes.getInt(BpfAttributes.BATCH_COUNT);
      ByteBuffer keyBytes = bytes(keys, count * keySize);
      ByteBuffer valueBytes = bytes(values, count * valueSize);
      List<Entry> entries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        entries.add(new Entry(slice(keyBytes, i, keySize), slice(valueBytes, i, valueSize)));
      }
      return new Page(entries, last ? null : position.number());
    }
  }

  /**
   * Maps an array table with the flag BPF_F_MMAPABLE into memory.
   *
   * @return the table's words; the caller owns it
   */
  public MappedTable mapped() throws KernelException {
    int length = Math.multiplyExact(valueSize, maxEntries);
    return new MappedTable(
        Syscalls.map("mapping table " + name, fd, length), valueSize, maxEntries);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscalls.close(fd);
    }
  }

  private Struct element(Memory key) {
    return new Struct(BpfAttributes.LAYOUT)
        .set(BpfAttributes.MAP_FD, fd)
        .set(BpfAttributes.KEY, key);
  }

  private static ByteBuffer bytes(Memory memory, int length) {
    return ByteBuffer.wrap(memory.copy(length)).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer slice(ByteBuffer buffer, int index, int size) {
    return buffer.slice(index * size, size).order(ByteOrder.nativeOrder());
  }
}
