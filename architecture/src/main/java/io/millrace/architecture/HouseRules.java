package io.millrace.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules that every module runs on itself: a module's ArchitectureTest implements this interface. */
public interface HouseRules {
    /** A ratchet: lower it when the longest class allows, never raise it. */
    int MAX_CLASS_LINES = 600;

    /** The root package of the module under test. */
    String rootPackage();

    @TestFactory
    default Iterable<DynamicTest> importDirections() {
        JavaClasses classes = Rules.productionClasses(rootPackage());
        return Rules.all().stream()
                .map((ArchRule rule) -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(classes)))
                .toList();
    }

    @Test
    default void noClassIsLongerThanTheLimit() throws IOException {
        assertThat(SourceTree.of(Path.of("src/main/java")).filesLongerThan(MAX_CLASS_LINES))
                .as("source files longer than %d lines; look for the second noun in them", MAX_CLASS_LINES)
                .isEmpty();
    }

    @Test
    default void everyPackageIsNullMarked() throws IOException {
        assertThat(SourceTree.of(Path.of("src/main/java")).packagesWithoutNullMarked())
                .as("packages without a package-info.java that carries @NullMarked")
                .isEmpty();
    }
}
