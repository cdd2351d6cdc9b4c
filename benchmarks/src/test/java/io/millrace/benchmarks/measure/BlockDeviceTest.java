package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockDeviceTest {
    @Test
    void readsFlushesAndSectorsWritten() {
        String stat =
                "   63948    24199  3013834    13568     7689    17036   883520     4020        0     8524    17975"
                        + "     4518       50   162352      352     1005       33\n";

        assertThat(BlockDevice.parse(stat)).isEqualTo(new BlockDevice.Work(1005, 883520L * 512));
    }

    @Test
    void countsNoFlushesOnAnOldKernel() {
        assertThat(BlockDevice.parse("1 2 3 4 5 6 7 8 9 10 11").flushes()).isZero();
    }
}
