package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import org.junit.jupiter.api.Test;

/** What becomes of answers that wait when nothing more is committed. */
class ReplyQueueTest {
    private static final long PRODUCER = 7;

    private final ReplyQueue replies = new ReplyQueue();
    private final Answer<String> committed = new Answer<>();
    private final Answer<String> inTurn = new Answer<>();

    @Test
    void onlyThoseFailThatWaitForACommit() {
        // Given a persistent message, and one behind it of which its producer asked for no more than the append
        replies.park(PRODUCER, 5, committed, () -> committed.complete("committed"));
        replies.park(PRODUCER, ReplyQueue.IN_TURN, inTurn, () -> inTurn.complete("appended"));

        // When
        replies.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, "no more");

        // Then
        assertThat(committed.error()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(inTurn.isSuccess()).isTrue();
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.isWaiting(PRODUCER)).isFalse();
    }
}
