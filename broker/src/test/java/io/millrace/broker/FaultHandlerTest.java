package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.StorageException;
import io.millrace.broker.log.StorageException.Kind;
import io.millrace.broker.partition.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whether a partition that stops takes its broker with it. */
class FaultHandlerTest {
    private static final PartitionId ID = new PartitionId(new UUID(1, 2), "queue.q", 0);

    private final List<String> stops = new ArrayList<>();

    @Test
    void stopsABrokerOfAClusterWhoseDiskHasFailed() {
        stopPartition(true, false, failure(Kind.IO));
        assertThat(stops).singleElement().asString().contains("others can lead", "the disk");
    }

    @Test
    void stopsABrokerOfAClusterThatFindsDamageWhereItLeads() {
        stopPartition(true, true, failure(Kind.CORRUPT));
        assertThat(stops).hasSize(1);
    }

    @Test
    void goesOnWithoutAFollowerThatWasSentDamage() {
        stopPartition(true, false, failure(Kind.CORRUPT));
        assertThat(stops).isEmpty();
    }

    @Test
    void goesOnWithItsOtherPartitionsWhereItIsAlone() {
        stopPartition(false, true, failure(Kind.IO));
        assertThat(stops).isEmpty();
    }

    @Test
    void goesOnWithItsOtherPartitionsAfterAFaultOfItsOwn() {
        stopPartition(true, true, new IllegalStateException("impossible"));
        assertThat(stops).isEmpty();
    }

    private void stopPartition(boolean isInCluster, boolean isLeading, RuntimeException cause) {
        new FaultHandler(isInCluster, stops::add).onPartitionStopped(ID, isLeading, cause);
    }

    private static StorageException failure(Kind kind) {
        return new StorageException(kind, "the disk", null);
    }
}
