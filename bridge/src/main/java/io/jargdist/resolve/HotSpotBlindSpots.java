/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.resolve;

import io.jargdist.facts.CodeLocation;
import io.jargdist.resolve.TargetProcess.MappedFile;
import io.jargdist.text.IoFailure;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows which probes of HotSpot fire only with a flag, and which do not see virtual threads. All of
 * it was tried on JDK 17 and 25; where no source is named, the probes were silent there in a
 * workload that does what they are for.
 */
final class HotSpotBlindSpots {
  /** src/hotspot/share/prims/jniFastGetField.hpp: objects have no such code, nor have statics. */
  private static final Pattern FAST_FIELD =
      Pattern.compile("Get(Boolean|Byte|Char|Short|Int|Long|Float|Double)Field");

  private static final String FAST_FIELD_FLAG = "UseFastJNIAccessors";

  /** Exported by JDK 24 and later: JEP 491, which unmounts virtual threads in monitors. */
  private static final String UNMOUNTS_IN_MONITORS = "JVM_TakeVirtualThreadListToUnblock";

  /** Exported by JDK 21 and later, which have virtual threads. */
  private static final String HAS_VIRTUAL_THREADS = "JVM_VirtualThreadStart";

  /** Virtual threads do this in Java code alone, since they are unmounted (JEP 444). */
  private static final Set<String> OF_PLATFORM_THREADS =
      Set.of(
          "thread__start",
          "thread__stop",
          "thread__park__begin",
          "thread__park__end",
          "thread__sleep__begin",
          "thread__sleep__end",
          "thread__yield",
          "Unsafe_Park",
          "JVM_StartThread",
          "JVM_Sleep",
          "JVM_SleepNanos",
          "JVM_Yield");

  private final TargetLibraries libraries;
  private final CodeLocation location;
  private final boolean systemWide;
  private final Warnings warnings;

  /**
   * @param location of a probe in an open file
   */
  HotSpotBlindSpots(
      TargetLibraries libraries, CodeLocation location, boolean systemWide, Warnings warnings) {
    this.libraries = libraries;
    this.location = location;
    this.systemWide = systemWide;
    this.warnings = warnings;
  }

  /** A provider of HotSpot's USDT probes. */
  enum Provider {
    HOTSPOT,
    HOTSPOT_JNI,
    HS_PRIVATE;

    static @Nullable Provider of(String name) {
      for (Provider provider : values()) {
        if (provider.name().toLowerCase(Locale.ROOT).equals(name)) {
          return provider;
        }
      }
      return null;
    }
  }

  void usdt(Provider provider, String probe) {
    switch (provider) {
      case HOTSPOT -> hotspot(probe);
      case HOTSPOT_JNI -> fastField(probe.replaceFirst("__(entry|return)$", ""), probe);
      case HS_PRIVATE -> {
        // The two probes of safepoints need nothing.
      }
    }
  }

  private void hotspot(String probe) {
    if (probe.startsWith("monitor__")) {
      // DTRACE_MONITOR_PROBE in src/hotspot/share/runtime/objectMonitor.cpp and synchronizer.cpp
      firesWith("DTraceMonitorProbes", probe);
    } else if (probe.equals("object__alloc")) {
      firesWith("DTraceAllocProbes", probe);
    } else if (probe.equals("method__entry") || probe.equals("method__return")) {
      firesWith("DTraceMethodProbes", probe);
    } else if (probe.startsWith("vm__init__") && !systemWide) {
      warnings.add(
          probe
              + " fires while a JVM starts, before a probe can be attached to it, so it counts"
              + " nothing: the start is seen from outside (--scope system)");
    }
    virtualThreads(probe, probe.equals("monitor__waited"));
    if (probe.equals("monitor__contended__entered") && has(UNMOUNTS_IN_MONITORS)) {
      warnings.add(
          probe
              + " does not fire for virtual threads on this JDK (24 or later), since they are"
              + " unmounted while they wait for a monitor: only platform threads are counted");
    }
  }

  /**
   * @param name of a function, mangled or not
   * @param latency whether the time of its calls is asked for
   */
  void function(String name, boolean latency) {
    if (!isHotSpot()) {
      return;
    }
    virtualThreads(name, latency && name.equals("JVM_MonitorWait"));
    if (name.startsWith("jni_")) {
      fastField(name.substring("jni_".length()), name);
    }
  }

  private void virtualThreads(String name, boolean endOfWait) {
    if (endOfWait && has(UNMOUNTS_IN_MONITORS)) {
      warnings.add(
          "virtual threads that wait are unmounted on this JDK (24 or later), and "
              + name
              + (name.startsWith("JVM_") ? " returns" : " fires")
              + " at once: for them it does not show how long they have waited");
    } else if (OF_PLATFORM_THREADS.contains(name) && has(HAS_VIRTUAL_THREADS)) {
      warnings.add(
          name
              + " is not reached by virtual threads, which are unmounted instead: only platform"
              + " threads are counted, with those that carry virtual threads");
    }
  }

  private void firesWith(String flag, String probe) {
    String needs = probe + " fires only in a JVM that was started with -XX:+" + flag;
    try (HotSpot jvm = jvm()) {
      Boolean on = jvm.flags().isOn(flag);
      if (on == null) {
        warnings.add(needs + "; whether this one was cannot be told: it has no such flag");
      } else if (!on) {
        warnings.add(needs + ", and this one was not: it counts nothing");
      }
    } catch (IOException e) {
      warnings.add(needs + "; whether this one was cannot be told: " + IoFailure.sentence(e));
    }
  }

  /** Code that HotSpot generates at its start serves such a call, and does not come here. */
  private void fastField(String function, String name) {
    if (!FAST_FIELD.matcher(function).matches()) {
      return;
    }
    String misses = name + " does not see calls that HotSpot answers by code that it generates";
    String cure = ": start the JVM with -XX:-" + FAST_FIELD_FLAG;
    try (HotSpot jvm = jvm()) {
      boolean fast = Boolean.TRUE.equals(jvm.flags().isOn(FAST_FIELD_FLAG));
      boolean checked = Boolean.TRUE.equals(jvm.flags().isOn("CheckJNICalls"));
      if (fast && !checked) {
        warnings.add(misses + ", which are nearly all" + cure);
      }
    } catch (IOException e) {
      warnings.add(
          misses
              + ", which are nearly all, unless it was started with -XX:-"
              + FAST_FIELD_FLAG
              + "; whether it was cannot be told: "
              + IoFailure.sentence(e));
    }
  }

  private HotSpot jvm() throws IOException {
    MappedFile file = libraries.mapped(location);
    return new HotSpot(libraries.target().pid(), file, libraries.open(file));
  }

  /** False, too, if it cannot be read: then nothing is known. */
  private boolean has(String function) {
    try (HotSpot jvm = jvm()) {
      return jvm.has(function);
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isHotSpot() {
    try {
      MappedFile file = libraries.mapped(location);
      return UserFunctions.isHotSpot(file, libraries.open(file));
    } catch (IOException e) {
      return false;
    }
  }
}
