/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import static io.jargdist.jmx.BeanInfo.LINES;
import static io.jargdist.jmx.BeanInfo.TEXT;
import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.ACTION_INFO;

import io.jargdist.snapshot.BucketScheme;
import io.jargdist.snapshot.Log2Buckets;
import java.util.List;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** The MBean of the agent: which probes there are, and operations to change that. */
final class AgentBean extends NotificationBroadcasterSupport implements Bean, Bean.Values {
  private static final String EXAMPLE = "p:c:malloc(size_t size):size_t:size#malloc sizes";

  private static final MBeanInfo INFO_OF_BEAN =
      new BeanInfo()
          .attribute("Version", TEXT, "Version of jargdist")
          .attribute("Probes", ObjectName[].class.getName(), "The MBeans of the probes")
          .attribute("Specifiers", LINES, "What each of Probes measures, in the same order")
          .attribute("Bridge", TEXT, "How the privileged process is that talks to the kernel")
          .attribute(
              "Control",
              TEXT,
              "Who may change probes by JMX: off, nobody; local, users of this machine; on, all whom JMX"
                  + " lets call operations")
          .attribute("LastError", TEXT, "What last went wrong; empty if nothing did")
          .operation(
              "histogram",
              ObjectName.class.getName(),
              ACTION,
              "Starts a probe that collects a value into a histogram; returns its MBean",
              "specifier",
              EXAMPLE)
          .operation(
              "histogram",
              ObjectName.class.getName(),
              ACTION,
              "Starts a histogram with other buckets: " + BucketScheme.SYNTAX,
              BeanInfo.parameter("specifier", EXAMPLE),
              BeanInfo.parameter("scheme", "log2/3"))
          .operation(
              "count",
              ObjectName.class.getName(),
              ACTION,
              "Starts a probe that counts combinations of values; returns its MBean",
              "specifier",
              "p:c:write(int fd):int:fd#writes by fd")
          .operation(
              "sum",
              ObjectName.class.getName(),
              ACTION,
              "Starts a probe that adds a value up, for each combination of others; returns its"
                  + " MBean",
              "specifier",
              "p:c:write(int fd, void *b, size_t n):size_t,int:n,fd#bytes by fd")
          .operation(
              "check",
              TEXT,
              ACTION_INFO,
              "Parses, compiles and places a probe without attaching it",
              "specifier",
              EXAMPLE)
          .operation(
              "remove",
              "void",
              ACTION,
              "Stops a probe and removes its MBean",
              "name",
              "malloc_sizes")
          .operation(
              "execute",
              TEXT,
              ACTION_INFO,
              "Carries out a line in the language of the command line",
              "commandLine",
              "-H '" + EXAMPLE + "'")
          .notification(MBeans.ADDED, "A probe was started; user data is its name")
          .notification(MBeans.REMOVED, "A probe was stopped; user data is its name")
          .notification(
              MBeans.REJECTED, "A change was refused or failed; user data is what was asked for")
          .notification(MBeans.RESET, "A probe's MBean counts from zero; user data is its name")
          .notification(MBeans.FAILED, "A probe stopped counting; user data is its name")
          .notification(MBeans.RECOVERED, "A probe counts again; user data is its name")
          .notification(
              MBeans.DETACHED,
              "A probe was detached, since it cost too much or its time was over; its numbers stay;"
                  + " user data is its name")
          .notification(
              MBeans.MAPPED,
              "A library that a probe is for was mapped later; user data is the probe's name")
          .build(AgentBean.class, "jargdist: distributions of arguments, results and latencies");

  private final ProbeControl control;
  private final MBeans beans;

  AgentBean(ProbeControl control, MBeans beans) {
    super(new Deliveries());
    this.control = control;
    this.beans = beans;
  }

  @Override
  public Changes changes() {
    return beans.changes();
  }

  @Override
  public String subject() {
    return "";
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return INFO_OF_BEAN;
  }

  @Override
  public MBeanNotificationInfo[] getNotificationInfo() {
    return INFO_OF_BEAN.getNotifications();
  }

  @Override
  public Values read(List<String> attributes) {
    return this;
  }

  @Override
  public @Nullable Object value(String attribute) {
    return switch (attribute) {
      case "Version" -> control.version();
      case "Probes" -> beans.names();
      case "Specifiers" -> beans.specifiers();
      case "Bridge" -> control.bridge();
      case "Control" -> control.control().toString();
      case "LastError" -> {
        String last = control.lastError();
        yield last == null ? "" : last;
      }
      default -> null;
    };
  }

  @Override
  public @Nullable Object call(String operation, List<String> arguments) {
    String argument = arguments.get(0);
    return switch (operation) {
      case "histogram" -> {
        BucketScheme buckets =
            arguments.size() > 1 ? BucketScheme.parse(arguments.get(1)) : Log2Buckets.DEFAULT;
        yield beans.nameOf(control.addHistogram(argument, buckets));
      }
      case "count" -> beans.nameOf(control.addFrequency(argument));
      case "sum" -> beans.nameOf(control.addSum(argument));
      case "check" -> control.check(argument);
      case "remove" -> remove(argument);
      case "execute" -> control.execute(argument);
      default -> throw new IllegalArgumentException(operation);
    };
  }

  private @Nullable Object remove(String name) {
    control.remove(name);
    return null;
  }
}
