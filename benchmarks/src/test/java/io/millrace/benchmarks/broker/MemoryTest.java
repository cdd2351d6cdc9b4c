package io.millrace.benchmarks.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
    @Test
    void givesAllTheSameUnlessOneIsNamed() {
        // When
        Memory memory = Memory.parse("2g", List.of("1g", "millrace=256m"), "64m", List.of());

        // Then
        assertThat(memory.heapOf(BrokerKind.MILLRACE)).isEqualTo("256m");
        assertThat(memory.heapOf(BrokerKind.ARTEMIS)).isEqualTo("1g");
        assertThat(memory.options(BrokerKind.KAFKA)).containsExactly("-Xms1g", "-Xmx1g", "-XX:MaxDirectMemorySize=64m");
    }

    @Test
    void refusesWhatIsNoSize() {
        assertThatThrownBy(() -> Memory.parse("2g", List.of("lots"), "64m", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'lots'");
    }
}
