package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.millrace.architecture.HouseRules;
import io.millrace.architecture.Rules;
import io.millrace.broker.log.planted.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchitectureTest implements HouseRules {
    private final JavaClasses planted = new ClassFileImporter().importPackagesOf(Violations.class);

    @Override
    public String rootPackage() {
        return "io.millrace.broker";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ReadsClock",
                "ReadsInstant",
                "TakesLock",
                "StartsThread",
                "ReturnsFuture",
                "DrawsRandom",
                "DrawsUuid",
                "OpensFile",
                "OpensPath",
                "OpensSocket",
                "WritesChannel",
            })
    void findsAPlantedViolationOfTheCores(String name) {
        // When
        List<String> found = violations(Rules.coresDoNothingThemselves());
        // Then
        assertThat(found).anyMatch(line -> line.contains("$" + name));
    }

    @Test
    void findsAPlantedImportOfZooKeeper() {
        assertThat(violations(Rules.zooKeeperStaysInItsPackage())).anyMatch(line -> line.contains("$AsksZooKeeper"));
    }

    @Test
    void findsAPlantedImportOfKafka() {
        assertThat(violations(Rules.kafkaStaysAtTheWire())).anyMatch(line -> line.contains("$UsesKafka"));
    }

    private List<String> violations(ArchRule rule) {
        return rule.evaluate(planted).getFailureReport().getDetails();
    }
}
