/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.jmx.FakeAgent.FakeFrequency;
import io.jargdist.jmx.jfr.ProbeEvents;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeEventsTest {
  private static final String FREQUENCY = "jargdist.Frequency";

  /** A probe is among the others until it is detached, and a recording may end in between. */
  @Test
  void aProbeThatIsBeingRemovedIsRecordedOnce(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("removal.jfr");
    try (FakeAgent agent = new FakeAgent();
        Recording recording = new Recording()) {
      FakeFrequency probe = agent.frequency("p:c:fsync()#removed");
      ProbeEvents events = ProbeEvents.start(() -> List.of(probe));
      recording.enable(FREQUENCY);
      recording.start();
      probe.record(53);
      events.beforeRemoval(probe);
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().equals(FREQUENCY))
        .extracting((RecordedEvent event) -> event.getLong("count"))
        .containsExactly(53L);
  }
}
