package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FlushTraceTest {
    @Test
    void countsEachCallWithinTheWindowOnce() {
        // Given
        Stream<String> lines = Stream.of(
                "10  100.500000 fdatasync(7)             = 0",
                "10  101.000000 fdatasync(7 <unfinished ...>",
                "11  101.100000 fsync(8)                 = 0",
                "10  101.200000 <... fdatasync resumed>) = 0",
                "11  101.300000 +++ exited with 0 +++",
                "10  103.000000 msync(0x7f, 4096, MS_SYNC) = 0",
                "10  10");

        // When
        long count = FlushTrace.count(lines, 101, 102);

        // Then
        assertThat(count).isEqualTo(2);
    }
}
