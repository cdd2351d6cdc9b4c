package io.millrace.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JobSpecTest {
    @Test
    void survivesTheWayThroughArguments() {
        // Given
        JobSpec spec = JobSpec.of("queue-load").with("uri", "tcp://h:1?a=b&c=d").with("count", 5);

        // When
        JobSpec read = JobSpec.parse(spec.toArguments());

        // Then
        assertThat(read).isEqualTo(spec);
        assertThat(read.get("uri")).isEqualTo("tcp://h:1?a=b&c=d");
        assertThat(read.getInt("count")).isEqualTo(5);
    }

    @Test
    void namesTheWordThatIsMissing() {
        assertThatThrownBy(() -> JobSpec.of("x").get("uri")).hasMessageContaining("'uri'");
    }
}
