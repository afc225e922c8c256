/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist.agent;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.InstanceofCheck;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checks that classes which the target JVM loads use the JDK only. */
class ArchitectureTest {
  /** The tab of JConsole and VisualVM, which no target loads. */
  private static final String CONSOLE = "io.jargdist.jmx.console..";

  /**
   * The owner of a folder could redirect files that are written, made or removed by name. Folders
   * of other users are reached by descriptors only ({@code os.TargetFolder}), our own private ones
   * by few classes.
   */
  @Test
  void fewClassesWriteFiles() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.jargdist.os..", "io.jargdist.child..", "io.jargdist.samples..")
        .and()
        .doNotHaveSimpleName("FileCache")
        .and()
        .doNotHaveSimpleName("HeaderTree")
        .and()
        .doNotHaveSimpleName("OwnCode")
        // Files of the kernel, in tracefs and /proc.
        .and()
        .doNotHaveSimpleName("KprobeEvent")
        .and()
        .doNotHaveSimpleName("BridgeMain")
        .should()
        .callMethodWhere(
            target(owner(assignableTo(Files.class)))
                .and(
                    target(
                        nameMatching(
                            "(write|new(Output|ByteChannel)|create|copy|move|delete|set).*"))))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.FileWriter")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
  }

  /** The owner of a folder decides where a name leads. */
  @Test
  void fewClassesMakeAddressesOfSockets() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.jargdist.os..", "io.jargdist.child..")
        .and()
        // Both sides of a meeting, and the children, whose parent names the socket.
        .haveNameNotMatching(
            ".*\\.(MeetingPlace|ControlSession|HostedLink|BridgeMain|CompilerMain|RehearsalMain)")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(UnixDomainSocketAddress.class)
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
  }

  /** Of two packages one is understood without the other. */
  @Test
  void packagesFormNoCircle() {
    slices()
        .matching("io.jargdist.(**)")
        .should()
        .beFreeOfCycles()
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
  }

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

  /**
   * A ladder of {@code instanceof} serves a case that is added later by its last branch. An enum or
   * a visitor does not compile until it is served.
   */
  @Test
  void noLadderServesAllCasesOfASealedType() {
    classes()
        .that()
        // Each event in each state: StateTest has the table.
        .doNotHaveFullyQualifiedName("io.jargdist.agent.State")
        .should(
            new ArchCondition<>("ask for few of a sealed type's cases in one method") {
              @Override
              public void check(JavaClass asking, ConditionEvents events) {
                for (JavaCodeUnit method : asking.getCodeUnits()) {
                  Map<JavaClass, Set<JavaClass>> asked = new HashMap<>();
                  for (InstanceofCheck each : method.getInstanceofChecks()) {
                    for (JavaClass type : each.getRawType().getRawInterfaces()) {
                      asked.computeIfAbsent(type, t -> new HashSet<>()).add(each.getRawType());
                    }
                  }
                  asked.forEach(
                      (type, cases) -> {
                        Class<?>[] all = type.reflect().getPermittedSubclasses();
                        boolean ladder = all != null && cases.size() >= Math.max(2, all.length - 1);
                        events.add(
                            new SimpleConditionEvent(
                                method, !ladder, method.getFullName() + " asks for " + cases));
                      });
                }
              }
            })
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
  }

  /** A thread of ours in the application has a name, and its events can be left out. */
  @Test
  void threadsOfTheTargetAreMadeInOnePlace() {
    noClasses()
        .that()
        .resideInAnyPackage("io.jargdist.agent..", "io.jargdist.jmx..", "io.jargdist.wire..")
        .and()
        .resideOutsideOfPackage(CONSOLE)
        .and()
        .doNotHaveSimpleName("Daemon")
        .should()
        .callConstructor(Thread.class, Runnable.class, String.class)
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
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
            "io.jargdist.wire..",
            "io.jargdist.child..",
            "io.jargdist.snapshot..",
            "io.jargdist.specifier..",
            "io.jargdist.text..",
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
            "io.jargdist.text..",
            "org.jspecify..")
        .check(all);
  }

  /** Swing takes a tooltip that begins with {@code <html>} for HTML, and loads what it names. */
  @Test
  void tooltipsAreMadeInOnePlace() {
    JavaClasses console =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.jargdist.jmx.console");
    noClasses()
        .that()
        .doNotHaveSimpleName("Tip")
        .should()
        .callMethodWhere(target(nameMatching("setToolTipText")))
        .check(console);
    methods().that().haveName("getToolTipText").should(ASK_TIP).check(console);
  }

  private static final ArchCondition<JavaMethod> ASK_TIP =
      new ArchCondition<>("call Tip") {
        @Override
        public void check(JavaMethod method, ConditionEvents events) {
          boolean asked =
              method.getMethodCallsFromSelf().stream()
                  .anyMatch(call -> call.getTargetOwner().getSimpleName().equals("Tip"));
          events.add(new SimpleConditionEvent(method, asked, method.getFullName()));
        }
      };

  /** A target's text must not command the operator's terminal, or forge lines of a log. */
  @Test
  void thereIsOneWayOut() {
    noClasses()
        .that()
        .resideInAnyPackage("io.jargdist.cli", "io.jargdist.agent", "io.jargdist.bridge..")
        .and()
        .haveNameNotMatching("io.jargdist.cli.Output(\\$.*)?")
        .and()
        .doNotHaveFullyQualifiedName("io.jargdist.agent.Stderr")
        .and()
        // It prints to a file, of which its parent shows the end.
        .doNotHaveSimpleName("BridgeMain")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .accessField(FileDescriptor.class, "out")
        .orShould()
        .accessField(FileDescriptor.class, "err")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(PrintStream.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(PrintWriter.class)
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.jargdist"));
  }

  /**
   * Names in /proc are bytes of the target, and files can be of any size: {@code KernelFile} and
   * {@code RegularFile} know that. The classes that are left read our own files.
   */
  @Test
  void onlyOneReaderReadsFilesThatOthersMake() {
    noClasses()
        .that()
        .resideInAPackage("io.jargdist.cli..")
        .and()
        // Our own jar.
        .doNotHaveSimpleName("AgentJar")
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
