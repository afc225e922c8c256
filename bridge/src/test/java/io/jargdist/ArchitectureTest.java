/*
 * Copyright The jargdist authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jargdist;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.jargdist.os.Layout;
import io.jargdist.os.Memory;
import io.jargdist.os.Struct;
import io.jargdist.specifier.Diagnostic;
import io.jargdist.specifier.SpecifierException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Checks which package may know which other one. */
class ArchitectureTest {
  private static final String[] PURE = {
    "io.jargdist.specifier..",
    "io.jargdist.facts..",
    "io.jargdist.typing..",
    "io.jargdist.ctext..",
    "io.jargdist.codegen..",
    "io.jargdist.snapshot.."
  };

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.jargdist");

  @Test
  void onlyTheDoorsToTheMachineSeeNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.jargdist.os..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.kenai..")
        .check(classes);
  }

  /** A bare offset says neither what it means nor where it comes from: see {@link Layout}. */
  @Test
  void onlyLayoutsKnowOffsetsOfStructures() {
    noClasses()
        .that()
        .areNotAssignableTo(Struct.class)
        .and()
        .areNotAssignableTo(Memory.class)
        .should()
        .callMethod(Memory.class, "bytes")
        .check(classes);
  }

  @Test
  void purePackagesSeeNoMachine() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.nio.file..",
            "java.net..",
            "io.jargdist.resolve..",
            "io.jargdist.compile..",
            "io.jargdist.child..",
            "io.jargdist.bcc..",
            "io.jargdist.kernel..",
            "io.jargdist.os..",
            "io.jargdist.cost..",
            "io.jargdist.bridge..",
            "io.jargdist.wire..")
        .check(classes);
  }

  /** Facts are found whatever is made of them. */
  @Test
  void whoFindsFactsKnowsNoTyper() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.jargdist.facts..",
            "io.jargdist.resolve..",
            "io.jargdist.os..",
            "io.jargdist.kernel..",
            "io.jargdist.compile..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jargdist.typing..")
        .check(classes);
  }

  /** What is typed is known without its text, and can be written whatever it is. */
  @Test
  void typesAndTextAreTwoActs() {
    noClasses()
        .that()
        .resideInAPackage("io.jargdist.typing..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.jargdist.ctext..", "io.jargdist.codegen..")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.jargdist.ctext..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jargdist.codegen..")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(SpecifierException.class, Diagnostic.class)
        .check(classes);
  }

  @Test
  void whatTheTargetLoadsUsesTheJdkOnly() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.jargdist.wire..",
            "io.jargdist.child..",
            "io.jargdist.snapshot..",
            "io.jargdist.text..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java..",
            "io.jargdist.wire..",
            "io.jargdist.child..",
            "io.jargdist.snapshot..",
            "io.jargdist.specifier..",
            "io.jargdist.text..",
            "org.jspecify..")
        .check(classes);
  }

  /**
   * Names in /proc are bytes of the target, and files can be of any size: {@code KernelFile} and
   * {@code RegularFile} know that. The classes that are left read our own files.
   */
  @Test
  void onlyOneReaderReadsFilesThatOthersMake() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.jargdist.os..")
        .and()
        .doNotHaveSimpleName("FileCache")
        .and()
        .doNotHaveSimpleName("BundledLibraries")
        .and()
        .doNotHaveSimpleName("Checksum")
        .and()
        .doNotHaveSimpleName("ChildJvm")
        // The target loads it, so it uses the JDK only.
        .and()
        .doNotHaveSimpleName("PathTrust")
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
        .check(classes);
  }
}
