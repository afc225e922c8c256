/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jargdist.bridge.PublishedProbes.Counting;
import io.jargdist.specifier.Form;
import io.jargdist.wire.Message;
import io.jargdist.wire.ProbeException;
import io.jargdist.wire.ProbeOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A target may read what a command line counts, and changes nothing. */
class PublishedProbesTest {
  private static final int GROUP = 7;

  /** Stands for the news that the target has told its threads. */
  private static final Message TOLD = new Message.Text("told");

  private final List<Message> asked = new ArrayList<>();
  private final List<Counting> counting = new ArrayList<>();
  private final PublishedProbes published =
      new PublishedProbes(
          request -> {
            asked.add(request);
            return request instanceof Message.Start
                ? new Message.Started(Instant.EPOCH)
                : new Message.Done();
          },
          answer -> answer,
          counting,
          () -> asked.add(TOLD));

  private static Message.Attach attach(Form form, String specifier, int group) {
    return new Message.Attach(form, specifier, ProbeOptions.DEFAULT, group);
  }

  private Message.Attached counts(String specifier, int number) {
    Message.Attached answer = Message.Attached.nowhere(null, specifier).named(number, "");
    counting.add(new Counting(attach(Form.FREQUENCY, specifier, GROUP), answer));
    return answer;
  }

  private void assertRefused(Message request) {
    assertThatThrownBy(() -> published.handle(request))
        .isInstanceOf(ProbeException.class)
        .hasMessage("this bridge shows what its command line counts only");
  }

  @Test
  void eachProbeIsShownOnceUnderAnyGroup() throws Exception {
    Message.Attached first = counts("p:c:read()", 3);
    assertThat(published.handle(attach(Form.FREQUENCY, "p:c:read()", 1))).isEqualTo(first);
    assertRefused(attach(Form.FREQUENCY, "p:c:read()", 1));
    Message.Attached second = counts("p:c:read()", 4);
    assertThat(published.handle(attach(Form.FREQUENCY, "p:c:read()", 2))).isEqualTo(second);
    assertThat(asked).isEmpty();
  }

  @Test
  void nothingElseIsAttached() {
    counts("p:c:read()", 3);
    assertRefused(attach(Form.HISTOGRAM, "p:c:read()", GROUP));
    assertRefused(attach(Form.FREQUENCY, "p:c:write()", GROUP));
    assertRefused(new Message.Check(Form.FREQUENCY, "p:c:read()", ProbeOptions.DEFAULT));
    assertRefused(new Message.Mark(GROUP));
    assertRefused(new Message.Remove(List.of()));
    assertThat(asked).isEmpty();
  }

  @Test
  void theProbesGoOnWhenTheTargetWantsThemNoMore() throws Exception {
    counts("p:c:read()", 3);
    published.handle(attach(Form.FREQUENCY, "p:c:read()", 1));
    assertThat(published.handle(new Message.Detach(3))).isEqualTo(new Message.Done());
    assertThat(asked).isEmpty();
  }

  @Test
  void aMarkIsTheCommandLinesOwn() throws Exception {
    counts("p:c:read()", 3);
    assertRefused(new Message.Start(1));
    published.handle(attach(Form.FREQUENCY, "p:c:read()", 1));
    published.handle(new Message.Start(1));
    published.handle(new Message.Read(3, 5, Message.Read.What.MARKED));
    published.handle(new Message.OwnThreads(Set.of(11)));
    assertThat(asked)
        .containsExactly(
            new Message.Start(GROUP),
            new Message.Read(3, 5, Message.Read.What.NOW),
            new Message.OwnThreads(Set.of(11)),
            TOLD);
  }
}
