/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.util.ArrayList;
import java.util.List;
import javax.management.Descriptor;
import javax.management.ImmutableDescriptor;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.TabularType;

/**
 * Puts an MBeanInfo together, in the order of the calls. Units and metric types are the descriptor
 * fields that {@link Descriptor} reserves for them.
 */
final class BeanInfo {
  static final String TEXT = String.class.getName();
  static final String LINES = String[].class.getName();

  /** Descriptor field of a parameter: an argument to try. */
  static final String EXAMPLE = "example";

  private final List<MBeanAttributeInfo> attributes = new ArrayList<>();
  private final List<MBeanOperationInfo> operations = new ArrayList<>();
  private final List<MBeanNotificationInfo> notifications = new ArrayList<>();

  /** Any attribute that is not a number or a table. */
  BeanInfo attribute(String name, String type, String description) {
    return attribute(name, type, description, ImmutableDescriptor.EMPTY_DESCRIPTOR);
  }

  /** Returns a long that only grows, but for a reset. */
  BeanInfo counter(String name, String units, String description) {
    return attribute(name, "long", description, metric("counter", units));
  }

  /**
   * @param type "long" or "double"
   */
  BeanInfo gauge(String name, String type, String units, String description) {
    return attribute(name, type, description, metric("gauge", units));
  }

  BeanInfo table(String name, TabularType type, String description) {
    return attribute(
        name,
        type.getClassName(),
        description,
        new ImmutableDescriptor(new String[] {"openType"}, new Object[] {type}));
  }

  BeanInfo composite(String name, CompositeType type, String description) {
    return attribute(
        name,
        type.getClassName(),
        description,
        new ImmutableDescriptor(new String[] {"openType"}, new Object[] {type}));
  }

  private BeanInfo attribute(String name, String type, String description, Descriptor descriptor) {
    attributes.add(new MBeanAttributeInfo(name, type, description, true, false, false, descriptor));
    return this;
  }

  private static Descriptor metric(String metricType, String units) {
    return units.isEmpty()
        ? new ImmutableDescriptor("metricType=" + metricType)
        : new ImmutableDescriptor("metricType=" + metricType, "units=" + units);
  }

  /** Returns a parameter of an operation, a text. */
  static MBeanParameterInfo parameter(String name, String example) {
    return new MBeanParameterInfo(
        name, TEXT, "for example " + example, new ImmutableDescriptor(EXAMPLE + "=" + example));
  }

  /** Returns an operation with one parameter, a text. */
  BeanInfo operation(
      String name, String type, int impact, String description, String parameter, String example) {
    return operation(name, type, impact, description, parameter(parameter, example));
  }

  /**
   * Returns an operation; there may be others of its name with another number of parameters.
   *
   * @param impact one of {@link MBeanOperationInfo}'s
   */
  BeanInfo operation(
      String name, String type, int impact, String description, MBeanParameterInfo... signature) {
    operations.add(new MBeanOperationInfo(name, description, signature, type, impact));
    return this;
  }

  BeanInfo notification(String type, String description) {
    notifications.add(
        new MBeanNotificationInfo(
            new String[] {type}, javax.management.Notification.class.getName(), description));
    return this;
  }

  MBeanInfo build(Class<?> bean, String description) {
    return new MBeanInfo(
        bean.getName(),
        description,
        attributes.toArray(new MBeanAttributeInfo[0]),
        null,
        operations.toArray(new MBeanOperationInfo[0]),
        notifications.toArray(new MBeanNotificationInfo[0]),
        new ImmutableDescriptor("immutableInfo=true"));
  }
}
