package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The preferred leader of a single partition, asked for through any broker. */
final class PreferredElectionTest {
    private final ClusterFixture cluster = ClusterFixture.of(1, 2, 3);

    @BeforeEach
    void losePreferredLeader() {
        cluster.create(1, 2, 3);
        cluster.kill(1);
        cluster.start(1);
        cluster.pass(1000);
    }

    private Answer<PartitionState> elect(int through, int index) {
        return cluster.broker(through).asking(reply -> cluster.broker(through)
                .metadata
                .reassignments()
                .electPreferred(ClusterFixture.ORDERS.topicName(), index, reply));
    }

    private void bringBackInSync() {
        PartitionState state = cluster.seenBy(2);
        cluster.broker(state.leaderId()).changeInSync(state.leaderEpoch(), List.of(1, 2, 3), state.version());
        cluster.pass(1000);
    }

    @Test
    void leadsAgainInAnotherEpochWhenItIsInSync() {
        // Given
        bringBackInSync();
        PartitionState before = cluster.seenBy(3);
        // When
        Answer<PartitionState> elected = elect(3, 0);
        cluster.pass(1000);
        // Then
        assertThat(before.leaderId()).isEqualTo(2);
        assertThat(elected.get().leaderId()).isEqualTo(1);
        assertThat(cluster.seenBy(2).leaderId()).isEqualTo(1);
        assertThat(cluster.seenBy(2).leaderEpoch()).isEqualTo(before.leaderEpoch() + 1);
        assertThat(elect(2, 0).error()).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
    }

    @Test
    void doesNotLeadWhileItLacksSomething() {
        // When
        Answer<PartitionState> refused = elect(3, 0);
        // Then
        assertThat(refused.error()).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        assertThat(cluster.seenBy(3).leaderId()).isEqualTo(2);
    }

    @Test
    void doesNotLeadOnceItIsGone() {
        // Given
        bringBackInSync();
        cluster.kill(1);
        // When
        Answer<PartitionState> refused = elect(3, 0);
        // Then
        assertThat(refused.error()).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
    }

    @Test
    void knowsNoPartitionThatIsNone() {
        assertThat(elect(3, 7).error()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
}
