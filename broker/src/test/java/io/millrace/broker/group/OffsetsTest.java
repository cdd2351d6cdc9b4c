package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class OffsetsTest {
    private final GroupFixture fixture = new GroupFixture();

    @Test
    void answersACommitWhenItIsCommitted() {
        // Given
        fixture.commits = false;

        // When
        Outcome<List<ErrorCode>> outcome = fixture.commitSimply("t", 0, 17);

        // Then
        assertThat(outcome.isDone()).isFalse();
        assertThat(fixture.committed("t", 0)).isEqualTo(-1);
        fixture.commit();
        assertThat(outcome.value()).containsExactly(ErrorCode.NONE);
        assertThat(fixture.committed("t", 0)).isEqualTo(17);
    }

    @Test
    void keepsAllThatWasCommittedOverARestart() {
        // Given
        CommittedOffset offset = new CommittedOffset(17, 3, "seventeen", 1_000_000, -1, new UUID(5, 5));
        CommittedOffset unnamed = new CommittedOffset(18, -1, "", 1_000_000, -1, CommittedOffset.NO_TOPIC_ID);
        CommittedOffset ending = new CommittedOffset(19, -1, "", 1_000_000, 2_000_000, CommittedOffset.NO_TOPIC_ID);
        Membership who = new Membership(GroupFixture.GROUP, "", null, -1);
        fixture.commit(who, "t", 0, offset);
        fixture.commit(who, "t", 1, unnamed);
        fixture.commit(who, "u", 0, ending);

        // When
        fixture.restart();

        // Then
        assertThat(fixture.coordinator().onFetchOffsets(GroupFixture.GROUP, null))
                .containsEntry(new TopicIndex("t", 0), offset)
                .containsEntry(new TopicIndex("t", 1), unnamed)
                .containsEntry(new TopicIndex("u", 0), ending)
                .hasSize(3);
    }

    @Test
    void takesACommitFromAMemberOnly() {
        // Given
        TestMember member = fixture.stable(1).get(0);

        // When // Then
        assertThat(member.commit(5).value()).containsExactly(ErrorCode.NONE);
        assertThat(fixture.commitSimply("t", 0, 6).error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        member.generation = 9;
        assertThat(member.commit(7).error()).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
    }

    @Test
    void takesACommitWhileMembersJoinAgainButNotBeforeTheAssignment() {
        // Given
        List<TestMember> members = fixture.stable(2);
        members.get(0).join();

        // When // Then
        assertThat(members.get(1).commit(5).value()).containsExactly(ErrorCode.NONE);
        members.get(1).join();
        members.get(1).onJoined();
        assertThat(members.get(1).commit(6).error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void refusesAGenerationOfAGroupThatIsNotThere() {
        // When // Then
        assertThat(fixture.commit(new Membership(GroupFixture.GROUP, "m", null, 4), "t", 0, 1, "")
                        .error())
                .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(fixture.describe()).isNull();
    }

    @Test
    void aCommitKeepsAMemberAlive() {
        // Given
        TestMember member = fixture.stable(1).get(0);

        // When
        for (int i = 0; i < 4; i++) {
            fixture.advance(TestMember.SESSION_MS / 2);
            member.commit(i);
        }

        // Then
        assertThat(member.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void refusesMetadataThatIsTooLong() {
        // Given
        Membership who = new Membership(GroupFixture.GROUP, "", null, -1);

        // When // Then
        assertThat(fixture.commit(who, "t", 0, 1, "x".repeat(17)).value())
                .containsExactly(ErrorCode.OFFSET_METADATA_TOO_LARGE);
        assertThat(fixture.commit(who, "t", 0, 1, "x".repeat(16)).value()).containsExactly(ErrorCode.NONE);
    }

    @Test
    void tellsWhenACommitIsNotStored() {
        // Given
        fixture.commits = false;
        Outcome<List<ErrorCode>> outcome = fixture.commitSimply("t", 0, 1);
        Outcome<List<ErrorCode>> large = fixture.commitSimply("t", 0, 2);

        // When
        fixture.failPending(ErrorCode.RECORD_LIST_TOO_LARGE);

        // Then
        assertThat(outcome.error()).isEqualTo(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
        assertThat(large.error()).isEqualTo(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
    }

    // ---- retention

    @Test
    void forgetsOffsetsOfConsumersWithoutAGroupByTheirLastCommit() {
        // Given
        fixture.commitSimply("t", 0, 1);
        fixture.advance(GroupFixture.RETENTION_MS / 2);
        fixture.commitSimply("t", 1, 2);

        // When
        fixture.advance(GroupFixture.RETENTION_MS / 2 + 60_000);

        // Then
        assertThat(fixture.committed("t", 0)).isEqualTo(-1);
        assertThat(fixture.committed("t", 1)).isEqualTo(2);
        fixture.advance(GroupFixture.RETENTION_MS);
        assertThat(fixture.describe()).isNull();
        fixture.restart();
        assertThat(fixture.describe()).isNull();
    }

    @Test
    void keepsTheOffsetsOfAGroupThatHasMembers() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        member.commit(5);

        // When
        live(member, 2 * GroupFixture.RETENTION_MS);

        // Then
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
    }

    @Test
    void forgetsOffsetsOfTopicsThatNoMemberSubscribesTo() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        fixture.commit(member.membership(), "other", 0, 5, "");

        // When
        live(member, GroupFixture.RETENTION_MS + 60_000);

        // Then
        assertThat(fixture.committed("other", 0)).isEqualTo(-1);
    }

    @Test
    void forgetsAGroupSomeTimeAfterItsLastMemberHasLeft() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        member.commit(5);
        live(member, 2 * GroupFixture.RETENTION_MS);
        member.leave();

        // When
        fixture.advance(GroupFixture.RETENTION_MS - 60_000);

        // Then
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
        fixture.advance(3 * 60_000);
        assertThat(fixture.committed("t", 0)).isEqualTo(-1);
        assertThat(fixture.describe()).isNull();
        fixture.restart();
        assertThat(fixture.describe()).isNull();
    }

    @Test
    void countsTheTimeSinceTheLastMemberLeftOverARestart() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        member.commit(5);
        member.leave();
        fixture.advance(GroupFixture.RETENTION_MS - 60_000);

        // When
        fixture.restart();
        fixture.advance(3 * 60_000);

        // Then
        assertThat(fixture.describe()).isNull();
    }

    @Test
    void forgetsAnOffsetWhenItsClientSaidSo() {
        // Given
        CommittedOffset ending =
                new CommittedOffset(19, -1, "", fixture.nowMs, fixture.nowMs + 120_000, CommittedOffset.NO_TOPIC_ID);
        fixture.commit(new Membership(GroupFixture.GROUP, "", null, -1), "t", 0, ending);

        // When
        fixture.advance(4 * 60_000);

        // Then
        assertThat(fixture.committed("t", 0)).isEqualTo(-1);
    }

    private void live(TestMember member, long ms) {
        for (long passedMs = 0; passedMs < ms; passedMs += TestMember.SESSION_MS / 2) {
            fixture.advance(TestMember.SESSION_MS / 2);
            assertThat(member.heartbeat()).isEqualTo(ErrorCode.NONE);
        }
    }

    // ---- deletion

    @Test
    void deletesAGroupWithItsOffsets() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        member.commit(5);
        assertThat(fixture.delete().error()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
        member.leave();

        // When
        assertThat(fixture.delete().error()).isEqualTo(ErrorCode.NONE);

        // Then
        assertThat(fixture.delete().error()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(fixture.committed("t", 0)).isEqualTo(-1);
        fixture.restart();
        assertThat(fixture.describe()).isNull();
    }

    @Test
    void aGroupThatCouldNotBeDeletedIsThereAsBefore() {
        // Given
        fixture.commitSimply("t", 0, 5);
        fixture.commits = false;
        Outcome<Void> deleted = fixture.delete();

        // When
        fixture.failPending(ErrorCode.COORDINATOR_NOT_AVAILABLE);

        // Then
        assertThat(deleted.error()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(fixture.state()).isEqualTo(GroupState.EMPTY);
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
    }

    @Test
    void aCommitThatWasOnItsWayWhenTheGroupWasDeletedIsNotLost() {
        // Given
        fixture.commits = false;
        fixture.commitSimply("t", 0, 5);

        // When
        fixture.delete();
        fixture.commit();

        // Then
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
        fixture.restart();
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
    }

    @Test
    void deletesOffsetsButNotOfTopicsThatMembersSubscribeTo() {
        // Given
        TestMember member = fixture.stable(1).get(0);
        member.commit(5);
        fixture.commit(member.membership(), "other", 0, 6, "");

        // When // Then
        assertThat(fixture.deleteOffset("t", 0).value()).containsExactly(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC);
        assertThat(fixture.deleteOffset("other", 0).value()).containsExactly(ErrorCode.NONE);
        assertThat(fixture.committed("t", 0)).isEqualTo(5);
        assertThat(fixture.committed("other", 0)).isEqualTo(-1);
        assertThat(fixture.deleteOffset("never", 0).value()).containsExactly(ErrorCode.NONE);
    }

    @Test
    void deletesNoOffsetsOfMembersThatAreNoConsumers() {
        // Given
        TestMember member = fixture.member();
        member.kind = "connect";
        member.join();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);

        // When // Then
        assertThat(fixture.deleteOffset("t", 0).error()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
    }

    @Test
    void listsGroupsInAllStates() {
        // Given
        fixture.stable(2);

        // When
        List<GroupDescription> listed = fixture.coordinator().onListGroups();

        // Then
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).state()).isEqualTo(GroupState.STABLE);
        assertThat(listed.get(0).protocolType()).isEqualTo("consumer");
    }
}
