/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.specifier;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The meaning of a parsed specifier: its tree without its spans and its source text. */
final class Shape {
  private static final Map<Class<?>, List<Method>> COMPONENTS = new ConcurrentHashMap<>();

  private Shape() {}

  static Object of(Object node) {
    if (node instanceof List<?> list) {
      return list.stream().map(Shape::of).toList();
    } else if (!(node instanceof Record)) {
      return String.valueOf(node);
    }
    List<Object> shape = new ArrayList<>();
    shape.add(node.getClass().getSimpleName());
    for (Method component : COMPONENTS.computeIfAbsent(node.getClass(), Shape::components)) {
      try {
        shape.add(of(component.invoke(node)));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
    return shape;
  }

  private static List<Method> components(Class<?> type) {
    boolean remembersText = type == Specifier.class || type == TypedExpression.class;
    List<Method> methods = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      boolean text = remembersText && component.getName().equals("text");
      if (component.getType() != Span.class && !text) {
        component.getAccessor().setAccessible(true);
        methods.add(component.getAccessor());
      }
    }
    return methods;
  }
}
