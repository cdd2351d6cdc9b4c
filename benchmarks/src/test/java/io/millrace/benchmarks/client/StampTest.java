package io.millrace.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StampTest {
    @Test
    void isReadAsItWasWritten() {
        // Given
        Stamp stamp = new Stamp(7, 1L << 40, -5);
        byte[] body = Stamp.newBody(1024);

        // When
        stamp.write(body);

        // Then
        assertThat(Stamp.read(body)).isEqualTo(stamp);
    }

    @Test
    void refusesABodyWithoutRoom() {
        assertThatThrownBy(() -> Stamp.newBody(Stamp.LENGTH_BYTES - 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
