package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A partition that was deleted and comes again, as one does that was moved away and back. */
final class PartitionStoreTest {
    private static final UUID TOPIC = new UUID(1, 2);

    private final MemoryDisk disk = new MemoryDisk();
    private final RecoveryPoints points = new RecoveryPoints();
    private final PartitionStore store = new PartitionStore(disk.root(), points);

    @Test
    void isNotOpenedBeforeItsTombstoneIsGone() {
        // Given
        open(store).delete();
        // When // Then
        assertThat(store.isDeleted(TOPIC, 0)).isTrue();
        assertThatThrownBy(() -> open(store)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isWholeAfterALossOfPowerOnceItIsOpenedAgain() {
        // Given the second checkpoint after the deletion
        open(store).delete();
        store.tombstones().onUnjournaled(List.of(new LogKey(TOPIC, 0, LogKind.MESSAGE)));
        store.tombstones().remove(store.tombstones().takeUnjournaled());
        // When it comes again, and power is lost
        PartitionStorage again = open(store);
        again.messages().append(Batches.batch(1, 100, 1000, 7, -1, (short) -1, -1), 0, 1000);
        again.messages().forceNow();
        disk.root().sync();
        disk.crash(new Random(3));
        // Then
        PartitionStore restarted = new PartitionStore(disk.root(), points);
        assertThat(restarted.isDeleted(TOPIC, 0)).isFalse();
        assertThat(open(restarted).messages().logEndOffset()).isEqualTo(1);
    }

    private static PartitionStorage open(PartitionStore from) {
        return from.open(TOPIC, 0, LogConfig.defaults(), LogConfig.defaults(), new DirtyLogs());
    }
}
