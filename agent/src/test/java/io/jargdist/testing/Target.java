/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.jargdist.samples.calls.KnownCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that makes known calls ({@link KnownCalls}), with or without the agent, and a JMX client of
 * it.
 */
public final class Target implements AutoCloseable {
  /** The product. */
  public static final Path JAR =
      Path.of(System.getProperty("jargdist.jar", "target/jargdist.jar")).toAbsolutePath();

  private static final ObjectName AGENT = name("jargdist:type=Agent");

  static {
    // Awaitility's own ten are too few for what two JVMs start on a busy machine.
    Awaitility.setDefaultTimeout(Patience.seconds(30));
  }

  private final Process process;
  private final BufferedReader answers;
  private final Path errors;
  private @Nullable JMXConnector connector;
  private @Nullable MBeanServerConnection connection;

  private Target(Process process, Path errors) {
    this.process = process;
    this.answers = process.inputReader();
    this.errors = errors;
  }

  /**
   * @param agentOptions null for a JVM without the agent
   * @param prefix words before {@code java}: {@code "setpriv", ...}
   */
  public static Target start(
      Path jdk, @Nullable String agentOptions, List<String> jvmOptions, String... prefix)
      throws IOException {
    List<String> options = new ArrayList<>(jvmOptions);
    if (!options.contains("-cp")) {
      options.addAll(List.of("-cp", classes()));
    }
    return start(jdk, agentOptions, options, List.of(KnownCalls.class.getName()), prefix);
  }

  /**
   * @param main the class that makes the calls, and its arguments
   */
  static Target start(
      Path jdk,
      @Nullable String agentOptions,
      List<String> jvmOptions,
      List<String> main,
      String... prefix)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.add(jdk.resolve("bin/java").toString());
    command.addAll(jvmOptions);
    if (agentOptions != null) {
      command.add("-javaagent:" + JAR + "=" + agentOptions);
    }
    command.addAll(main);
    Path errors = Files.createTempFile("target", ".err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    Target target = new Target(process, errors);
    if (target.answer("ready") == null) {
      String printed = target.errors();
      target.close();
      throw new IOException("the JVM did not start: " + command + ": " + printed);
    }
    return target;
  }

  public static Target withAgent(Path jdk, String agentOptions) throws IOException {
    return start(jdk, agentOptions, List.of());
  }

  /** Returns the class path of the workload. */
  public static String classes() {
    return KnownCalls.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /**
   * Returns the number of the JVM, which is the process that was started, or one that it has
   * started.
   */
  public long pid() {
    return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants())
        .filter(started -> commandLine(started).contains("/bin/java\0"))
        .filter(started -> !commandLine(started).contains("\0sh\0"))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElseGet(process::pid);
  }

  /** The thread that runs main, which is not the process's first one, by its own number. */
  public int mainThread() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        boolean first = task.getFileName().toString().equals(Long.toString(pid()));
        if (!first && Files.readString(task.resolve("comm")).equals("java\n")) {
          return ownNumber(task);
        }
      }
    }
    throw new IOException("no main thread");
  }

  /**
   * The number of a process or thread in its own pid namespace.
   *
   * @param process its folder in /proc
   */
  public static int ownNumber(Path process) throws IOException {
    for (String line : Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("NSpid:")) {
        return Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1));
      }
    }
    throw new IOException("no pid namespaces");
  }

  public Process process() {
    return process;
  }

  /** Waits until the agent has registered its MBeans. */
  public Target awaitAgent() {
    await().until(() -> has(AGENT));
    return this;
  }

  /** Returns what the JVM has printed to stderr so far. */
  public String errors() throws IOException {
    return Files.readString(errors);
  }

  /**
   * Loads the agent as an operator does, with the quotes that jcmd takes for itself around the
   * agent's options.
   *
   * @param jdk whose jcmd it is
   */
  public void loadAgent(Path jdk, String options) throws IOException, InterruptedException {
    Command.Result result =
        Command.run(
            List.of(
                jdk.resolve("bin/jcmd").toString(),
                Long.toString(pid()),
                "JVMTI.agent_load",
                JAR.toString(),
                '"' + options + '"'));
    assertThat(result.out()).contains("return code: 0");
  }

  /** Lets the JVM make calls, and waits until it has. */
  public void run(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    assertThat(answer("done")).isEqualTo("done");
  }

  /**
   * Returns the answer of the JVM's main, which is the wanted one or an error. Other agents in the
   * JVM may print before it, too.
   *
   * @return null if the JVM has ended
   */
  private @Nullable String answer(String wanted) throws IOException {
    String line;
    do {
      line = answers.readLine();
    } while (line != null && !line.equals(wanted) && !line.startsWith("error: "));
    return line;
  }

  /** The JVM's MBeans, seen by a JMX client that has none of our classes' help. */
  @SuppressWarnings("BanJNDI") // A connector to our own child.
  public synchronized MBeanServerConnection mbeans() throws IOException {
    if (connection == null) {
      try {
        VirtualMachine vm = VirtualMachine.attach(Long.toString(pid()));
        String address = vm.startLocalManagementAgent();
        vm.detach();
        connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
        connection = connector.getMBeanServerConnection();
      } catch (AttachNotSupportedException e) {
        throw new IOException(e);
      }
    }
    return connection;
  }

  /** Calls an operation of the Agent MBean. */
  public Object agent(String operation, String argument) throws IOException, JMException {
    return mbeans()
        .invoke(AGENT, operation, new Object[] {argument}, new String[] {"java.lang.String"});
  }

  /**
   * Adds a probe through JMX.
   *
   * @param operation {@code histogram}, {@code count} or {@code sum}
   * @return the probe's name
   */
  public String add(String operation, String specifier) throws IOException, JMException {
    return ((ObjectName) agent(operation, specifier)).getKeyProperty("name");
  }

  /** Adds a histogram with other buckets through JMX. */
  public ObjectName addHistogram(String specifier, String scheme) throws IOException, JMException {
    String text = String.class.getName();
    return (ObjectName)
        mbeans()
            .invoke(
                AGENT, "histogram", new Object[] {specifier, scheme}, new String[] {text, text});
  }

  public Object agentAttribute(String attribute) throws IOException, JMException {
    return mbeans().getAttribute(AGENT, attribute);
  }

  /** The MBean of a probe. */
  public static ObjectName histogram(String name) {
    return name("jargdist:type=Histogram,name=" + name);
  }

  public static ObjectName sum(String name) {
    return name("jargdist:type=Sum,name=" + name);
  }

  public static ObjectName frequency(String name) {
    return name("jargdist:type=Frequency,name=" + name);
  }

  public Object attribute(ObjectName bean, String attribute) throws IOException, JMException {
    return mbeans().getAttribute(bean, attribute);
  }

  /** Returns whether there is such an MBean, and whether a probe that runs counts already. */
  public boolean has(ObjectName bean) throws IOException {
    try {
      return mbeans().isRegistered(bean)
          && (bean.equals(AGENT)
              || mbeans().getAttribute(bean, "Started") != null
              || !"running".equals(mbeans().getAttribute(bean, "State")));
    } catch (InstanceNotFoundException e) {
      return false;
    } catch (JMException e) {
      throw new IOException(e);
    }
  }

  /**
   * Descendants whose command line mentions a word: {@code "BridgeMain"}, {@code "CompilerMain"}.
   */
  public List<ProcessHandle> children(String word) {
    return process
        .toHandle()
        .descendants()
        .filter(child -> commandLine(child).contains(word))
        .toList();
  }

  /**
   * Returns whether a process still runs. One that has ended but was not yet waited for does not.
   */
  public static boolean isRunning(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  private static ObjectName name(String text) {
    try {
      return new ObjectName(text);
    } catch (JMException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public void close() throws IOException {
    List<Path> sockets = attachSockets();
    process.destroyForcibly();
    try {
      if (connector != null) {
        connector.close();
      }
    } catch (IOException e) {
      // The JVM is gone, so the connection is, too.
    }
    Files.deleteIfExists(errors);
    for (Path socket : sockets) {
      Files.deleteIfExists(socket);
    }
  }

  /**
   * What killed JVMs leave in /tmp. A JVM of another user that gets such a number later could not
   * let anyone in.
   */
  private List<Path> attachSockets() {
    return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants())
        .map(Target::attachSocket)
        .toList();
  }

  private static Path attachSocket(ProcessHandle process) {
    long number = process.pid();
    try {
      number = ownNumber(Path.of("/proc", Long.toString(number)));
    } catch (IOException e) {
      // A test has killed it already.
    }
    return Path.of("/tmp/.java_pid" + number);
  }
}
