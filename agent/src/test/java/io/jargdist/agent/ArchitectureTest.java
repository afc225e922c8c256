/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What the target JVM loads uses the JDK only. */
class ArchitectureTest {
  /** The tab of JConsole and VisualVM, which no target loads. */
  private static final String CONSOLE = "io.jargdist.jmx.console..";

  /** It is a module that a Java runtime may lack. */
  @Test
  void flightRecorderIsTouchedInOnePlaceOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.jargdist.jmx.jfr")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.jfr..")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
    noClasses()
        .that()
        .haveSimpleName("ProbeEvents")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.jfr..")
        .check(new ClassFileImporter().importPackages("io.jargdist.jmx.jfr"));
  }

  /** So it works where a Java runtime lacks java.management. */
  @Test
  void theCommandLineNeedsNoMBeans() {
    noClasses()
        .that()
        .resideInAPackage("io.jargdist.cli")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("javax.management..")
        .orShould()
        .dependOnClassesThat()
        .haveSimpleName("MBeans")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist.cli"));
  }

  @Test
  void agentAndMBeansUseTheJdkOnly() {
    classes()
        .that()
        .resideInAnyPackage("io.jargdist.agent..", "io.jargdist.jmx..")
        .and()
        .resideOutsideOfPackage(CONSOLE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax.management..",
            "javax.security.auth..",
            "jdk.jfr..",
            "io.jargdist.agent..",
            "io.jargdist.jmx",
            "io.jargdist.jmx.jfr..",
            "io.jargdist.bridge.protocol..",
            "io.jargdist.child..",
            "io.jargdist.snapshot..",
            "io.jargdist.specifier..",
            "org.jspecify..")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist.agent", "io.jargdist.jmx"));
  }

  @Test
  void onlyTheTabKnowsSwingAndNobodyKnowsTheTab() {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.jargdist");
    noClasses()
        .that()
        .resideOutsideOfPackage(CONSOLE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CONSOLE, "javax.swing..", "java.awt..", "com.sun.tools.jconsole..")
        .check(all);
    classes()
        .that()
        .resideInAPackage(CONSOLE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax.accessibility..",
            "javax.management..",
            "javax.swing..",
            "com.sun.tools.attach..",
            "com.sun.tools.jconsole..",
            CONSOLE,
            "io.jargdist.snapshot..",
            "io.jargdist.specifier..",
            "org.jspecify..")
        .check(all);
  }

  /**
   * Names in /proc are bytes of the target, and files can be of any size: {@code KernelFile} and
   * {@code RegularFile} know that. What is left reads our own files.
   */
  @Test
  void onlyOneReaderReadsFilesThatOthersMake() {
    noClasses()
        .that()
        .resideInAPackage("io.jargdist.cli..")
        .and()
        .doNotHaveSimpleName("MeetingPlace")
        .should()
        .callMethodWhere(
            target(owner(type(Files.class)))
                .and(
                    target(
                        nameMatching(
                            "read(AllLines|AllBytes|String)|lines|new(BufferedReader|InputStream|ByteChannel)"))))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.io\\.(FileInputStream|FileReader|RandomAccessFile)|java\\.nio\\.channels\\.FileChannel|java\\.util\\.Scanner")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist.cli"));
  }
}
