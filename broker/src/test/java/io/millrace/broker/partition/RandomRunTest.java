package io.millrace.broker.partition;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RandomRunTest {
    private static final int SEEDS = Integer.getInteger("millrace.seeds", 500);

    @Test
    void queuesKeepTheirPromises() {
        LongStream.range(0, SEEDS).forEach(RandomRun::ofQueue);
    }

    @Test
    void queuesCountExactlyWithoutCrashes() {
        LongStream.range(0, SEEDS).forEach(RandomRun::ofQueueWithoutCrashes);
    }

    @Test
    void durableSubscriptionsKeepTheirPromises() {
        LongStream.range(0, SEEDS).forEach(RandomRun::ofDurableSubscriptions);
    }

    @Test
    void replicatedQueuesKeepTheirPromises() {
        LongStream.range(0, SEEDS).forEach(RandomRun::ofReplicatedQueue);
    }

    @Test
    void replicatedSubscriptionsKeepTheirPromises() {
        LongStream.range(0, SEEDS).forEach(RandomRun::ofReplicatedSubscriptions);
    }
}
