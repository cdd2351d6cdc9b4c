package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StallNoticeTest {
    private static final DestinationName ORDERS = DestinationName.queue("orders");
    private static final int NOBODY = -1;

    @Test
    void namesPartitionsThatNobodyLeads() {
        assertThat(StallNotice.reason(ORDERS, List.of(partition(0, 1, 1, 2, 3), partition(1, NOBODY, 2))))
                .isEqualTo(
                        "queue:orders: partition 1 has no leader, since none of its replicas in sync lives: brokers 2");
    }

    @Test
    void namesPartitionsBelowTheirMinimumInSync() {
        assertThat(StallNotice.reason(ORDERS, List.of(partition(0, 1, 1), partition(1, 2, 1, 2))))
                .isEqualTo("queue:orders: partition 0 has 1 of the 2 replicas in sync that it needs (1 of 1,2,3)");
    }

    @Test
    void saysNothingOfOtherDestinations() {
        // Given
        Partition topic = new Partition(false, "orders", 0, NOBODY, 4, List.of(1), List.of(1), 1);
        Partition other = new Partition(true, "prices", 0, NOBODY, 4, List.of(1), List.of(1), 1);
        // Then
        assertThat(StallNotice.reason(ORDERS, List.of(topic, other)))
                .isEqualTo("queue:orders: no answer from its leader, or it can not reach ZooKeeper");
    }

    @Test
    void namesAFewOfMany() {
        // Given
        List<Partition> partitions = new ArrayList<>();
        for (int index = 0; index < 40; index++) {
            partitions.add(partition(index, NOBODY, 2));
        }
        // Then
        assertThat(StallNotice.reason(ORDERS, partitions))
                .endsWith("brokers 2; and so for 35 more")
                .hasSizeLessThan(500);
    }

    private static Partition partition(int index, int leader, Integer... inSync) {
        return new Partition(true, "orders", index, leader, 4, List.of(1, 2, 3), List.of(inSync), 2);
    }
}
