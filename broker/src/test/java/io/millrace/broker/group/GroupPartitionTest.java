package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.partition.InSync;
import io.millrace.broker.partition.OpenPartition;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A coordinator on a real partition. */
final class GroupPartitionTest {
    private static final String GROUP = "g";
    private static final TopicIndex PARTITION = new TopicIndex("t", 0);
    private static final int INITIAL_DELAY_MS = 3000;
    private static final long HOUR_MS = 3_600_000;

    private final VirtualLane lane = new VirtualLane();
    private final OpenPartition opened = new OpenPartition(new UUID(0, 1), lane);
    private final GroupConfig config =
            new GroupConfig(1000, 600_000, 10, INITIAL_DELAY_MS, 16, HOUR_MS, 60_000, Long.MAX_VALUE);
    private long nextId;

    @Test
    void loadsThoughANewLeaderDoesNotKnowYetWhatWasCommitted() {
        // Given
        opened.lead(0, 1, List.of(1, 2), List.of(1));
        GroupPartition before = coordinate();
        Outcome<List<ErrorCode>> committed = new Outcome<>();
        before.call(
                committed,
                (coordinator, nowMs) -> coordinator.onCommitOffsets(
                        new Membership(GROUP, "", null, Membership.NO_GENERATION),
                        List.of(new OffsetCommit(
                                PARTITION, new CommittedOffset(7, -1, "", nowMs, -1, CommittedOffset.NO_TOPIC_ID))),
                        committed,
                        nowMs));
        lane.turn();
        before.end();
        // When it leads anew, and the other one is in sync and has not been heard of
        opened.lead(1, 1, List.of(1, 2), List.of(1, 2));
        GroupPartition now = coordinate();
        opened.partition.onInSync(new InSync(List.of(1), 1), lane.nowMs());
        lane.advance(5000);
        // Then
        assertThat(committed.value()).containsExactly(ErrorCode.NONE);
        assertThat(fetched(now)).isEqualTo(7);
    }

    @Test
    void waitsNoLongerForMembersWhenTheClockIsSetBack() {
        // Given
        opened.lead(0, 1, List.of(1), List.of(1));
        GroupPartition groups = coordinate();
        Outcome<JoinAnswer> joined = new Outcome<>();
        JoinSpec spec = new JoinSpec(
                new Membership(GROUP, "", null, Membership.NO_GENERATION),
                new Client("client", "/host"),
                new JoinSpec.Timeouts(10_000, 10_000),
                "consumer",
                List.of(new Protocol("range", Bytes.EMPTY)),
                new JoinSpec.Abilities(false, true));
        groups.call(joined, (coordinator, nowMs) -> coordinator.onJoin(spec, joined, nowMs));
        lane.turn();
        // When
        lane.shiftClock(-HOUR_MS);
        lane.advance(INITIAL_DELAY_MS);
        // Then
        assertThat(joined.value().error()).isEqualTo(ErrorCode.NONE);
        assertThat(joined.value().generation().id()).isEqualTo(1);
    }

    private GroupPartition coordinate() {
        GroupPartition groups =
                new GroupPartition(opened.partition, lane, lane::elapsedMs, config, () -> new UUID(0, ++nextId));
        groups.begin();
        lane.turn();
        return groups;
    }

    private long fetched(GroupPartition groups) {
        Outcome<Long> fetched = new Outcome<>();
        groups.call(
                fetched,
                (coordinator, nowMs) -> fetched.complete(coordinator
                        .onFetchOffsets(GROUP, List.of(PARTITION))
                        .get(PARTITION)
                        .offset()));
        return fetched.value();
    }
}
