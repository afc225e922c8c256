/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.resolve.HotSpot;
import io.jargdist.resolve.TargetLibraries;
import io.jargdist.resolve.TargetProcess;
import io.jargdist.resolve.hotspot.VmStructs;
import io.jargdist.testing.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The layout and the flags of JVMs of all versions, from outside. */
class HotSpotIT {
  private static final List<String> FIELDS =
      List.of(
          "ThreadsSMRSupport::_java_thread_list",
          "ThreadsList::_length",
          "ThreadsList::_threads",
          "OSThread::_thread_id",
          "JavaThread::_current_pending_monitor",
          "JavaThread::_current_waiting_monitor",
          "ObjectMonitor::_object",
          "Klass::_name",
          "Symbol::_length",
          "Method::_constMethod",
          "ConstMethod::_name_index",
          "ConstantPool::_pool_holder",
          "JVMFlag::_name");

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void theLayoutIsRead(Path jdk) throws Exception {
    try (Target target = Target.start(jdk, null, List.of());
        TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()));
        HotSpot jvm = requireNonNull(HotSpot.of(libraries))) {
      VmStructs structs = jvm.structs();
      // 788 fields on JDK 17, 826 on 21, 585 on 25.
      assertThat(structs.fields()).hasSizeBetween(500, 900);
      assertThat(structs.types()).hasSizeGreaterThan(200);
      for (String name : FIELDS) {
        String owner = name.replaceFirst("::.*", "");
        VmStructs.Field field = structs.field(owner, name.replaceFirst(".*::", ""));
        assertThat(field.isStatic() ? field.address() : field.offset()).as(name).isNotNegative();
      }
      assertThat(threadOfTheKernel(structs).offset()).isNotNegative();
      assertThat(structs.type("JVMFlag").size()).isBetween(16L, 64L);
    }
  }

  /** The field has moved from JavaThread, where JDK 17 has it, to Thread, where JDK 25 has it. */
  private static VmStructs.Field threadOfTheKernel(VmStructs structs) throws IOException {
    try {
      return structs.field("Thread", "_osthread");
    } catch (IOException e) {
      return structs.field("JavaThread", "_osthread");
    }
  }

  @ParameterizedTest
  @MethodSource("io.jargdist.testing.Jdks#all")
  void flagsAreAsTheJvmRunsWithThem(Path jdk) throws Exception {
    List<String> options = List.of("-XX:+DTraceAllocProbes", "-Xcheck:jni", "-XX:+UseSerialGC");
    try (Target target = Target.start(jdk, null, options);
        TargetLibraries libraries = new TargetLibraries(TargetProcess.of(target.pid()));
        HotSpot jvm = requireNonNull(HotSpot.of(libraries))) {
      assertThat(jvm.flags().count()).isGreaterThan(500);
      assertThat(jvm.flags().isOn("DTraceAllocProbes")).isTrue();
      assertThat(jvm.flags().isOn("DTraceMonitorProbes")).isFalse();
      assertThat(jvm.flags().isOn("CheckJNICalls")).isTrue();
      assertThat(jvm.flags().isOn("UseSerialGC")).isTrue();
      assertThat(jvm.flags().isOn("UseG1GC")).isFalse();
      assertThat(jvm.flags().isOn("NoSuchFlag")).isNull();
    }
  }
}
