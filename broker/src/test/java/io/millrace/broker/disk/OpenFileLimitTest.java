package io.millrace.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.StorageException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

final class OpenFileLimitTest {
    @Test
    void leavesThreeQuartersToOthers() {
        assertThat(OpenFileLimit.ofSegments(20_256)).isEqualTo(5_000);
        assertThat(OpenFileLimit.ofSegments(512)).isEqualTo(64);
        assertThat(OpenFileLimit.ofSegments(10)).isEqualTo(32);
        assertThat(OpenFileLimit.ofSegments(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(OpenFileLimit.ofSegments(-1)).as("unknown").isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void isNamedWhereItIsReached() {
        StorageException failure = Disk.failure("open a", new FileSystemException("a", null, "Too many open files"));
        assertThat(failure).hasMessageContaining("ulimit -n");
        assertThat(Disk.syncFailure("sync a", new FileSystemException("a", null, "Too many open files in system")))
                .hasMessageContaining("ulimit -n");
        assertThat(Disk.failure("open a", new FileSystemException("a", null, "Is a directory")))
                .hasMessageNotContaining("ulimit");
    }
}
