/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.jmx;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.ReflectionException;
import org.jspecify.annotations.Nullable;

/**
 * The common properties of our MBeans: no attribute can be set, an operation's parameters are
 * texts, one whose impact is not INFO is {@linkplain Changes a change}, and failures are of
 * {@linkplain JdkExceptions the JDK}.
 */
interface Bean extends DynamicMBean {
  /** The longest argument of an operation, in characters: a line with several specifiers. */
  int MAX_ARGUMENT = 32 << 10;

  /** The values of attributes at one moment. */
  interface Values {
    /** Returns null if there is no such attribute. */
    @Nullable Object value(String attribute);
  }

  /** Reads the values of all these attributes, at one moment. */
  Values read(List<String> attributes);

  Changes changes();

  /** Returns the object of a change, for the log: {@code "reset reads"}; empty for the agent. */
  String subject();

  /**
   * @param operation one that the MBeanInfo has
   * @param arguments one for each parameter; stripped, none empty
   * @return what it answers, if anything
   */
  @Nullable Object call(String operation, List<String> arguments);

  @Override
  default @Nullable Object getAttribute(String attribute) throws AttributeNotFoundException {
    Object value;
    try {
      value = read(List.of(attribute)).value(attribute);
    } catch (RuntimeException | LinkageError e) {
      throw JdkExceptions.of(e);
    }
    if (value == null && !has(attribute)) {
      throw new AttributeNotFoundException("no attribute " + attribute);
    }
    return value;
  }

  /** Returns whether there is such an attribute, whose value may be null. */
  private boolean has(String attribute) {
    return Stream.of(getMBeanInfo().getAttributes())
        .anyMatch(known -> known.getName().equals(attribute));
  }

  @Override
  default AttributeList getAttributes(String[] attributes) {
    AttributeList result = new AttributeList(attributes.length);
    try {
      Values values = read(List.of(attributes));
      for (String attribute : attributes) {
        Object value = values.value(attribute);
        if (value != null || has(attribute)) {
          result.add(new Attribute(attribute, value));
        }
      }
    } catch (RuntimeException | LinkageError e) {
      throw JdkExceptions.of(e);
    }
    return result;
  }

  @Override
  default void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException(attribute.getName() + " cannot be set");
  }

  @Override
  default AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  @Override
  default @Nullable Object invoke(
      String name, Object @Nullable [] arguments, String @Nullable [] signature)
      throws ReflectionException {
    Object[] given = arguments == null ? new Object[0] : arguments;
    for (MBeanOperationInfo operation : getMBeanInfo().getOperations()) {
      MBeanParameterInfo[] parameters = operation.getSignature();
      if (operation.getName().equals(name) && parameters.length == given.length) {
        try {
          List<String> texts = new ArrayList<>();
          for (int i = 0; i < given.length; i++) {
            texts.add(text(parameters[i], given[i]));
          }
          return operation.getImpact() == MBeanOperationInfo.INFO
              ? call(name, texts)
              : changes()
                  .carryOut(
                      (name + " " + subject() + String.join(" ", texts)).strip(),
                      () -> call(name, texts));
        } catch (RuntimeException | LinkageError e) {
          throw JdkExceptions.of(e);
        }
      }
    }
    String message = "no operation " + name + " with " + given.length + " parameters";
    throw new ReflectionException(new NoSuchMethodException(message), message);
  }

  private static String text(MBeanParameterInfo parameter, @Nullable Object argument) {
    String text = argument instanceof String string ? string.strip() : "";
    if (text.length() > MAX_ARGUMENT) {
      throw new IllegalArgumentException(
          "a "
              + parameter.getName()
              + " of "
              + text.length()
              + " characters is too long: "
              + MAX_ARGUMENT
              + " are allowed");
    }
    // JConsole shows the parameter's type in the text field, for the user to replace.
    if (text.isEmpty() || text.equals("String")) {
      throw new IllegalArgumentException(
          (text.isEmpty() ? "give a " : "replace the word String by a ")
              + parameter.getName()
              + ", for example "
              + parameter.getDescriptor().getFieldValue(BeanInfo.EXAMPLE));
    }
    return text;
  }
}
