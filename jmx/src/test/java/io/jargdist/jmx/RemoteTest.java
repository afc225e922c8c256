/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jargdist.snapshot.KeyColumn;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.TabularData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RemoteTest {
  @TempDir Path folder;

  private final FakeAgent agent = new FakeAgent();
  private JMXConnectorServer connector;

  @BeforeEach
  void listen() throws Exception {
    connector =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("rmi", "127.0.0.1", 0), Map.of(), agent.server);
    connector.start();
  }

  @AfterEach
  void close() throws Exception {
    connector.stop();
    agent.close();
  }

  @Test
  void aClientWithNothingButTheJdkSeesEverything() throws Exception {
    agent.histogram("p:c:read()#reads").record(-1, 5, 5);
    agent.frequency("p:c:write(int fd):int:fd#fds", new KeyColumn("fd", false)).record(3, "7");

    agent.sum("p:c:write(int fd)#bytes", new KeyColumn("fd", false)).record(-5, "7");

    String seen = runClient();

    assertThat(seen.lines())
        .contains(
            "Agent.Probes=[jargdist:type=Histogram,name=reads, jargdist:type=Frequency,name=fds,"
                + " jargdist:type=Sum,name=bytes]",
            "Histogram.Count=3",
            "Histogram.Counts=128 longs",
            "Histogram.Buckets=65 rows from [-1, 1] to [+Inf, 3]",
            "Histogram.Mean=3.0",
            "Histogram.Scheme=log2",
            "Histogram.Warnings=[It does not see what it should.]",
            "Frequency.Frequencies=[[7, 3]]",
            "Frequency.Top=[\tCOUNT      EVENT, \t3          fd = 7]",
            "Sum.Sum=-5",
            "Sum.Sums=[[1, 7, -5]]",
            "Sum.Top=[\tSUM                  COUNT      EVENT, \t-5                   1          fd"
                + " = 7]",
            "nonsense -> java.lang.IllegalArgumentException: type: no such thing|  nonsense|  ^",
            "p:c:refused() -> java.lang.IllegalStateException: attaching refused: EPERM (1)",
            "p:c:defect() -> java.lang.IllegalStateException: "
                + "io.jargdist.jmx.FakeAgent$OurException: a defect",
            "String -> java.lang.IllegalArgumentException: replace the word String by a specifier,"
                + " for example p:c:malloc(size_t size):size_t:size#malloc sizes",
            "p:c:x()#x -> jargdist:type=Histogram,name=x",
            "heard jargdist.probe.added x of jargdist:type=Agent",
            "heard jargdist.probe.removed x of jargdist:type=Agent");
    assertThat(seen.lines().filter(line -> line.startsWith("Histogram."))).hasSize(31);
    assertThat(seen.lines().filter(line -> line.startsWith("Frequency."))).hasSize(20);
    assertThat(seen.lines().filter(line -> line.startsWith("Sum."))).hasSize(21);
  }

  private String runClient() throws Exception {
    Path copy = folder.resolve("io/jargdist/jmx/RemoteView.class");
    Files.createDirectories(copy.getParent());
    try (InputStream in = RemoteView.class.getResourceAsStream("RemoteView.class")) {
      Files.copy(Objects.requireNonNull(in), copy);
    }
    Path out = folder.resolve("out");
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder.toString(),
                RemoteView.class.getName(),
                connector.getAddress().toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    int code = client.waitFor();
    String seen = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(code).as(seen).isZero();
    return seen;
  }

  @Test
  @SuppressWarnings("BanJNDI") // The connector is our own.
  void oneRequestIsOfOneMoment() throws Exception {
    FakeAgent.FakeHistogram probe = agent.histogram("p:c:read()#reads");
    ObjectName name = new ObjectName("jargdist:type=Histogram,name=reads");
    try (JMXConnector client = JMXConnectorFactory.connect(connector.getAddress())) {
      MBeanServerConnection server = client.getMBeanServerConnection();
      for (int i = 0; i < 20; i++) {
        probe.record(1, 2, 3);
        var values = server.getAttributes(name, new String[] {"Count", "Sum", "Buckets"}).asList();
        long count = (Long) values.get(0).getValue();
        TabularData buckets = (TabularData) values.get(2).getValue();
        assertThat(values.get(1).getValue()).isEqualTo(2 * count);
        assertThat(buckets.get(new Object[] {"+Inf"}).get("value")).isEqualTo(count);
      }
      assertThat(probe.reads).isEqualTo(20);
    }
  }
}
