package io.millrace.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.StorageException;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DiskTest {
    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
    void aSyncThatFoundNoRoomIsNotTriedAgain(String message) {
        IOException cause = new IOException(message);
        assertThat(Disk.failure("write", cause).isDiskFull()).isTrue();
        assertThat(Disk.syncFailure("sync", cause).isDiskFull()).isFalse();
        assertThat(Disk.syncFailure("sync", cause).kind()).isEqualTo(StorageException.Kind.UNSYNCED_FOR_ROOM);
        assertThat(Disk.syncFailure("sync", new IOException("Input/output error"))
                        .kind())
                .isEqualTo(StorageException.Kind.IO);
    }
}
