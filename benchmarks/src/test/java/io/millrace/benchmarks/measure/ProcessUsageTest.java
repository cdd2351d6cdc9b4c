package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    @Test
    void addsUserAndSystemTimeBehindANameWithBlanksAndBrackets() {
        String stat = "4711 (odd ) name) S 1 4711 4711 0 -1 4194304 100 200 0 0 150 50 7 8 20 0 12 0 99 1000 200 1";

        assertThat(ProcessUsage.cpuMs(stat)).isEqualTo(2_000);
    }

    @Test
    void knowsCompilersByTheirNames() {
        String times = " S 1 4711 4711 0 -1 4194304 100 200 0 0 150 50 7 8 20 0 12 0 99 1000 200 1";

        assertThat(ProcessUsage.compilerCpuMs("4712 (C2 CompilerThre)" + times)).isEqualTo(2_000);
        assertThat(ProcessUsage.compilerCpuMs("4713 (millrace-lane-1)" + times)).isZero();
        assertThat(ProcessUsage.compilerCpuMs("")).isZero();
    }

    @Test
    void countsResidentPages() {
        assertThat(ProcessUsage.residentBytes("1000 25 10 1 0 300 0\n")).isEqualTo(25 * 4096);
    }
}
