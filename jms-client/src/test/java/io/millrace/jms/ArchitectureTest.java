package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.millrace.architecture.HouseRules;
import io.millrace.architecture.Rules;
import io.millrace.jms.engine.planted.ReadsClock;
import org.junit.jupiter.api.Test;

final class ArchitectureTest implements HouseRules {
    @Override
    public String rootPackage() {
        return "io.millrace.jms";
    }

    @Test
    void findsAPlantedClockReadInTheEngine() {
        // Given
        var planted = new ClassFileImporter().importClasses(ReadsClock.class);
        // When
        var result = Rules.coresDoNothingThemselves().evaluate(planted);
        // Then
        assertThat(result.getFailureReport().getDetails())
                .singleElement()
                .asString()
                .contains("nanoTime");
    }
}
