/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jargdist.testing.Jdks;
import io.jargdist.testing.Patience;
import io.jargdist.testing.Target;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests who may read and who may change probes through the JVM's own remote connector. */
class RemoteControlIT {
  private static final String SYNCS = "p:c:fsync()#syncs";
  private static final String REMOTE = "-Dcom.sun.management.jmxremote.";

  @TempDir Path folder;

  static Stream<Path> jdks() {
    return Jdks.all().stream();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void passwordsDecideAndNamesAreTold(Path jdk) throws Exception {
    int port = freePort();
    Path passwords = secret("passwords", "reader r1\nwriter w1\n");
    Path access = secret("access", "reader readonly\nwriter readwrite\n");
    List<String> options =
        remote(
            port,
            REMOTE + "authenticate=true",
            REMOTE + "password.file=" + passwords,
            REMOTE + "access.file=" + access);
    try (Target target = Target.start(jdk, "-H 'r:c:fsync():int:$retval#results'", options);
        JMXConnector reader = connect(port, "reader", "r1");
        JMXConnector writer = connect(port, "writer", "w1")) {
      ObjectName results = Target.histogram("results");
      await().until(() -> reader.getMBeanServerConnection().isRegistered(results));
      target.run("fsync 41");
      BlockingQueue<Notification> heard = listen(reader);
      assertThat(readAll(reader.getMBeanServerConnection(), results)).hasSizeGreaterThan(18);
      assertThat(reader.getMBeanServerConnection().getAttribute(results, "Count")).isEqualTo(41L);
      assertThatThrownBy(() -> count(reader)).hasMessageContaining("Access denied");

      assertThat(count(writer)).hasToString("jargdist:type=Frequency,name=syncs");
      Notification added = heard.poll(Patience.seconds(30).toSeconds(), TimeUnit.SECONDS);
      assertThat(added).isNotNull();
      assertThat(added.getType()).isEqualTo("jargdist.probe.added");
      assertThat(added.getMessage()).isEqualTo("writer@127.0.0.1: syncs counts " + SYNCS);
      target.run("fsync 43");
      assertThat(reader.getMBeanServerConnection().getAttribute(results, "Count")).isEqualTo(84L);
      assertThat(target.attribute(Target.frequency("syncs"), "Count")).isEqualTo(43L);
      assertThat(target.errors()).contains("jargdist: writer@127.0.0.1: count " + SYNCS);
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void withoutPasswordsNobodyMayChangeUnlessAllMay(Path jdk) throws Exception {
    int port = freePort();
    List<String> options = remote(port, REMOTE + "authenticate=false");
    try (Target target = Target.start(jdk, "--control local", options);
        JMXConnector client = connect(port, null, null)) {
      target.awaitAgent();
      BlockingQueue<Notification> heard = listen(client);
      assertThatThrownBy(() -> count(client))
          .rootCause()
          .isInstanceOf(SecurityException.class)
          .hasMessageContaining("without a password")
          .hasMessageContaining("--control on");
      Notification rejected = heard.poll(Patience.seconds(30).toSeconds(), TimeUnit.SECONDS);
      assertThat(rejected).isNotNull();
      assertThat(rejected.getType()).isEqualTo("jargdist.probe.rejected");
      assertThat(rejected.getMessage()).startsWith("unauthenticated@127.0.0.1: this JVM lets");
      assertThat(target.errors())
          .contains("jargdist: unauthenticated@127.0.0.1: refused: count " + SYNCS);
      assertThat((ObjectName[]) target.agentAttribute("Probes")).isEmpty();
    }
    int other = freePort();
    try (Target target =
            Target.start(jdk, "--control on", remote(other, REMOTE + "authenticate=false"));
        JMXConnector client = connect(other, null, null)) {
      target.awaitAgent();
      assertThat(target.agentAttribute("Control")).isEqualTo("on");
      assertThat(count(client)).hasToString("jargdist:type=Frequency,name=syncs");
      target.run("fsync 47");
      assertThat(execute(client, "show syncs")).contains("47");
      assertThat(execute(client, "list")).isEqualTo("syncs  running  " + SYNCS);
      assertThat(execute(client, "check 'p:c:fsync()'")).contains("fsync");
      assertThatThrownBy(() -> execute(client, "-C 'p:c:fsync()' -d 3"))
          .rootCause()
          .hasMessageStartingWith("-d is for a terminal");
      assertThatThrownBy(() -> execute(client, "@/etc/hostname"))
          .rootCause()
          .hasMessageStartingWith("unknown command @/etc/hostname");
      assertThatThrownBy(() -> execute(client, "detach nothing"))
          .rootCause()
          .hasMessage("there is no probe \"nothing\"; there are: syncs");
      assertThat(execute(client, "detach syncs")).isEqualTo("detached syncs");
      assertThat(execute(client, "list")).isEqualTo("no probes");
    }
  }

  private static Object count(JMXConnector client) throws Exception {
    return call(client, "count", SYNCS);
  }

  private static String execute(JMXConnector client, String line) throws Exception {
    return (String) call(client, "execute", line);
  }

  private static Object call(JMXConnector client, String operation, String argument)
      throws Exception {
    return client
        .getMBeanServerConnection()
        .invoke(
            new ObjectName("jargdist:type=Agent"),
            operation,
            new Object[] {argument},
            new String[] {String.class.getName()});
  }

  private static List<Object> readAll(MBeanServerConnection server, ObjectName bean)
      throws Exception {
    String[] names =
        Stream.of(server.getMBeanInfo(bean).getAttributes())
            .map(MBeanAttributeInfo::getName)
            .toArray(String[]::new);
    return new ArrayList<>(server.getAttributes(bean, names));
  }

  private static BlockingQueue<Notification> listen(JMXConnector client) throws Exception {
    BlockingQueue<Notification> heard = new LinkedBlockingQueue<>();
    client
        .getMBeanServerConnection()
        .addNotificationListener(
            new ObjectName("jargdist:type=Agent"), (n, handback) -> heard.add(n), null, null);
    return heard;
  }

  @SuppressWarnings("BanJNDI") // A connector to our own child.
  private static JMXConnector connect(int port, @Nullable String user, @Nullable String password)
      throws Exception {
    JMXServiceURL url =
        new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi");
    return JMXConnectorFactory.connect(
        url,
        user == null ? Map.of() : Map.of(JMXConnector.CREDENTIALS, new String[] {user, password}));
  }

  private static List<String> remote(int port, String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    options.add(REMOTE + "port=" + port);
    options.add(REMOTE + "rmi.port=" + port);
    options.add(REMOTE + "ssl=false");
    options.add("-Djava.rmi.server.hostname=127.0.0.1");
    return options;
  }

  private Path secret(String name, String content) throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
