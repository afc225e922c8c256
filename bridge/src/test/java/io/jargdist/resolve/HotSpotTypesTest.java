/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.facts.CType;
import io.jargdist.facts.TypeSource.Member;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The types of the JVM that runs the tests. */
class HotSpotTypesTest {
  private TargetLibraries libraries;
  private HotSpotTypes types;

  @BeforeEach
  void open() throws Exception {
    libraries = new TargetLibraries(TargetProcess.of(ProcessHandle.current().pid()));
    types = HotSpotTypes.of(libraries);
  }

  @AfterEach
  void close() {
    libraries.close();
  }

  private Member member(String type, String name) {
    return requireNonNull(types.member((CType.Struct) named(type), name), name);
  }

  private CType named(String name) {
    return requireNonNull(types.named(name), name);
  }

  @Test
  void numbersHaveTheSizesAndSignsOfHotSpot() {
    assertThat(types.named("intx")).isEqualTo(CType.S64);
    assertThat(types.named("u2")).isEqualTo(CType.U16);
    assertThat(types.named("u1")).isEqualTo(CType.U8);
    assertThat(named("JavaThreadState").size()).isEqualTo(4);
    assertThat(types.named("oop")).isEqualTo(new CType.Pointer(named("oopDesc")));
  }

  @Test
  void fieldsAreThoseOfTheClassAndOfItsSuperclasses() {
    Member own = member("JavaThread", "_thread_state");
    assertThat(own.type()).isEqualTo(named("JavaThreadState"));
    assertThat(member("JavaThread", "_tlab")).isEqualTo(member("Thread", "_tlab"));
    assertThat(member("JavaThread", "_osthread").type())
        .isEqualTo(new CType.Pointer(named("OSThread")));
    assertThat(member("CompilerThread", "_osthread")).isEqualTo(member("JavaThread", "_osthread"));
    assertThat(member("OSThread", "_thread_id").type().size()).isEqualTo(4);
    CType.Struct thread = (CType.Struct) named("JavaThread");
    assertThat(types.memberNames(thread)).contains("_tlab", "_osthread", "_anchor").isSorted();
    assertThat(types.member(thread, "_nothing")).isNull();
  }

  @Test
  void typesOfFieldsAreReadAsCppWritesThem() {
    assertThat(member("ObjectMonitor", "_recursions").type()).isEqualTo(CType.S64);
    assertThat(member("ObjectMonitor", "_object").type()).isEqualTo(CType.OPAQUE);
    assertThat(member("Symbol", "_body").type()).isEqualTo(new CType.Array(CType.U8, 0));
    assertThat(member("Klass", "_primary_supers").type())
        .isEqualTo(new CType.Array(new CType.Pointer(named("Klass")), 0));
    CType methods = member("InstanceKlass", "_methods").type();
    assertThat(methods.describe()).isEqualTo("Array<Method*> *");
    assertThat(((CType.Pointer) methods).target()).isInstanceOf(CType.Struct.class);
    assertThat(member("ThreadLocalAllocBuffer", "_top").type())
        .isEqualTo(new CType.Pointer(named("HeapWord")));
  }

  /** Types of the kernel and of libc are written with struct, and a template is none of C. */
  @Test
  void namesAreThoseThatCanBeWritten() {
    assertThat(types.named("struct ObjectMonitor")).isNull();
    assertThat(types.named("Array<int>")).isNull();
    assertThat(types.named("NoSuchType")).isNull();
    assertThat(types.names()).contains("ObjectMonitor", "Symbol").doesNotContain("Array<int>");
    assertThat(types.unavailable()).isNull();
    int fields = 0;
    for (String name : types.names()) {
      if (types.named(name) instanceof CType.Struct struct) {
        for (String field : types.memberNames(struct)) {
          assertThat(member(name, field).offset()).isBetween(0, struct.size());
          fields++;
        }
      }
    }
    assertThat(fields).isGreaterThan(300);
  }

  @Test
  void whyThereAreNoTypesIsSaid() {
    HotSpotTypes unread =
        new HotSpotTypes(
            () -> {
              throw new IOException("the memory of process 7 may not be read: run as root");
            });
    assertThat(unread.named("ObjectMonitor")).isNull();
    assertThat(unread.names()).isEmpty();
    assertThat(unread.unavailable())
        .isEqualTo(
            "the types of HotSpot are not known: the memory of process 7 may not be read: run as root");
    HotSpotTypes none = new HotSpotTypes(() -> null);
    assertThat(none.named("ObjectMonitor")).isNull();
    assertThat(none.unavailable()).startsWith("the process has not mapped libjvm.so");
  }
}
