package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    @Test
    void addsUserAndSystemTimeBehindANameWithBlanksAndBrackets() {
        String stat = "4711 (odd ) name) S 1 4711 4711 0 -1 4194304 100 200 0 0 150 50 7 8 20 0 12 0 99 1000 200 1";

        assertThat(ProcessUsage.cpuMs(stat)).isEqualTo(2_000);
    }

    @Test
    void takesBackWhatWasDeletedBeforeItReachedTheDisk() {
        List<String> io = List.of(
                "rchar: 1",
                "wchar: 2",
                "syscr: 3",
                "syscw: 4",
                "read_bytes: 5",
                "write_bytes: 8192",
                "cancelled_write_bytes: 4096");

        assertThat(ProcessUsage.writtenBytes(io)).isEqualTo(4096);
    }

    @Test
    void namesTheLineThatIsMissing() {
        assertThatThrownBy(() -> ProcessUsage.writtenBytes(List.of("rchar: 1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write_bytes");
    }

    @Test
    void countsResidentPages() {
        assertThat(ProcessUsage.residentBytes("1000 25 10 1 0 300 0\n")).isEqualTo(25 * 4096);
    }
}
