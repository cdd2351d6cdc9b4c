package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class RebalanceTest {
    private final GroupFixture fixture = new GroupFixture();

    @Test
    void anEmptyGroupWaitsForMoreMembersBeforeItsFirstGeneration() {
        // Given
        TestMember first = fixture.member();
        TestMember second = fixture.member();

        // When
        first.join();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS - 1);
        second.join();
        fixture.advance(1);

        // Then
        assertThat(first.joined.isDone()).isFalse();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);
        assertThat(first.joined.value().generation().id()).isEqualTo(1);
        assertThat(second.joined.value().generation().id()).isEqualTo(1);
    }

    @Test
    void itDoesNotWaitLongerThanItsMembersBear() {
        // Given
        TestMember first = fixture.member();
        first.rebalanceMs = GroupFixture.INITIAL_DELAY_MS + 500;

        // When
        first.join();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS - 1);
        fixture.member().join();
        fixture.advance(501);

        // Then
        assertThat(first.joined.isDone()).isTrue();
    }

    @Test
    void tellsTheLeaderOfAllMembersAndTheOthersOfNone() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());

        // When
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);

        // Then
        assertThat(members.get(0).leads()).isTrue();
        assertThat(members.get(0).joined.value().members())
                .extracting(JoinAnswer.Joined::memberId)
                .containsExactly(members.get(0).id, members.get(1).id);
        assertThat(members.get(0).joined.value().members().get(0).metadata()).isEqualTo(TestMember.subscription("t"));
        assertThat(members.get(1).leads()).isFalse();
        assertThat(members.get(1).joined.value().members()).isEmpty();
        assertThat(fixture.state()).isEqualTo(GroupState.COMPLETING_REBALANCE);
    }

    @Test
    void givesAssignmentsWhenTheyAreCommitted() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);
        fixture.commits = false;

        // When
        members.get(1).sync();
        members.get(0).sync();

        // Then
        assertThat(members).noneMatch(member -> member.synced.isDone());
        fixture.commit();
        assertThat(members).allMatch(TestMember::isAssigned);
        assertThat(fixture.state()).isEqualTo(GroupState.STABLE);
    }

    @Test
    void givesALateMemberItsAssignmentAtOnce() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When // Then
        assertThat(members.get(1).sync().isDone()).isTrue();
        assertThat(members.get(1).isAssigned()).isTrue();
    }

    @Test
    void aMemberThatTheLeaderForgotGetsNothing() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);

        // When
        members.get(1).sync();
        members.get(0).sync("consumer", "range", new TreeMap<>());

        // Then
        assertThat(members.get(1).synced.value().error()).isEqualTo(ErrorCode.NONE);
        assertThat(members.get(1).synced.value().assignment()).isEqualTo(Bytes.EMPTY);
    }

    @Test
    void asksItsMembersToJoinAgainWhenOneComes() {
        // Given
        List<TestMember> members = fixture.stable(2);
        TestMember third = fixture.member();

        // When
        third.join();

        // Then
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(members.get(0).sync().value().error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        members.forEach(TestMember::join);
        assertThat(third.joined.value().generation().id()).isEqualTo(2);
        assertThat(members.get(1).joined.value().generation().id()).isEqualTo(2);
    }

    @Test
    void leavesBehindWhoeverDoesNotJoinAgainInTime() {
        // Given
        List<TestMember> members = fixture.stable(2);
        members.get(0).sessionMs = 600_000;
        members.get(1).sessionMs = 600_000;
        members.forEach(TestMember::join);
        members.forEach(TestMember::onJoined);
        members.forEach(TestMember::sync);

        // When
        members.get(0).join();
        fixture.advance(TestMember.REBALANCE_MS);

        // Then
        assertThat(members.get(0).joined.value().members()).hasSize(1);
        assertThat(members.get(1).heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anotherMemberLeadsIfTheLeaderDoesNotJoinAgain() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        members.get(0).leave();
        members.get(1).join();
        members.get(1).onJoined();

        // Then
        assertThat(members.get(1).leads()).isTrue();
        assertThat(members.get(1).generation).isEqualTo(2);
    }

    @Test
    void removesAMemberThatIsSilent() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        fixture.advance(TestMember.SESSION_MS / 2);
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.NONE);
        fixture.advance(TestMember.SESSION_MS / 2);

        // Then
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(members.get(1).heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(fixture.describe().members()).hasSize(1);
    }

    @Test
    void doesNotTakeAMemberForDeadThatWaitsForAnAnswer() {
        // Given
        List<TestMember> members = fixture.stable(2);
        members.get(0).join();

        // When
        for (int i = 0; i < 5; i++) {
            fixture.advance(TestMember.SESSION_MS / 2);
            members.get(1).heartbeat();
        }

        // Then
        assertThat(members.get(0).joined.isDone()).isFalse();
        members.get(1).join();
        assertThat(members.get(0).joined.value().error()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void givesANewMemberUpThatWaitsTooLongForItsFirstGeneration() {
        // Given
        TestMember first = fixture.member();
        first.rebalanceMs = 60 * 60 * 1000;
        fixture.stabilize(List.of(first));
        TestMember second = fixture.member();
        second.join();

        // When
        for (long waitedMs = 0; waitedMs < Member.NEW_MEMBER_TIMEOUT_MS; waitedMs += TestMember.SESSION_MS / 2) {
            fixture.advance(TestMember.SESSION_MS / 2);
            first.heartbeat();
        }

        // Then
        assertThat(second.joined.value().error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anEmptiedGroupKeepsItsGeneration() {
        // Given
        List<TestMember> members = fixture.stable(1);

        // When
        members.get(0).leave();

        // Then
        assertThat(fixture.state()).isEqualTo(GroupState.EMPTY);
        fixture.restart();
        List<TestMember> next = fixture.stable(1);
        assertThat(next.get(0).generation).isEqualTo(3);
    }

    @Test
    void aFollowerThatJoinsAgainUnchangedDisturbsNobody() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        members.get(1).join();

        // Then
        assertThat(members.get(1).joined.value().generation().id()).isEqualTo(1);
        assertThat(members.get(1).sync().value().error()).isEqualTo(ErrorCode.NONE);
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aFollowerThatSubscribesAnewRebalances() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        members.get(1).follow("other", "range").join();

        // Then
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aLeaderThatJoinsAgainRebalances() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        members.get(0).join();

        // Then
        assertThat(members.get(1).heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void tellsAMemberTheGenerationAgainIfTheAnswerGotLost() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);

        // When
        members.get(0).join();

        // Then
        assertThat(members.get(0).joined.value().members()).hasSize(2);
        assertThat(members.get(0).joined.value().generation().id()).isEqualTo(1);
        assertThat(fixture.state()).isEqualTo(GroupState.COMPLETING_REBALANCE);
    }

    @Test
    void leavesBehindWhoeverDoesNotAskForItsAssignment() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(member -> member.sessionMs = 600_000);
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);

        // When
        members.get(1).sync();
        fixture.advance(TestMember.REBALANCE_MS);

        // Then
        assertThat(members.get(1).synced.value().error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(members.get(0).heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        members.get(1).join();
        assertThat(members.get(1).joined.value().members()).hasSize(1);
    }

    @Test
    void aMemberThatComesDuringTheAssignmentBeginsAnotherRebalance() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);
        members.get(1).sync();

        // When
        fixture.member().join();

        // Then
        assertThat(members.get(1).synced.value().error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(fixture.state()).isEqualTo(GroupState.PREPARING_REBALANCE);
    }

    @Test
    void anAssignmentIsForgottenIfTheGroupWentOnWhileItWasStored() {
        // Given
        List<TestMember> members = List.of(fixture.member(), fixture.member());
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);
        fixture.commits = false;
        members.get(0).sync();

        // When
        fixture.member().join();
        fixture.commit();

        // Then
        assertThat(members.get(0).synced.value().error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(fixture.state()).isEqualTo(GroupState.PREPARING_REBALANCE);
    }

    @Test
    void rebalancesIfAnAssignmentCanNotBeStored() {
        // Given
        TestMember member = fixture.member();
        member.join();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);
        member.onJoined();
        fixture.commits = false;
        member.sync();

        // When
        fixture.failPending(ErrorCode.COORDINATOR_NOT_AVAILABLE);

        // Then
        assertThat(member.synced.value().error()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(member.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void refusesWhoeverSpeaksOfAnotherGenerationOrProtocol() {
        // Given
        TestMember member = fixture.stable(1).get(0);

        // When // Then
        assertThat(member.sync("connect", null, new TreeMap<>()).value().error())
                .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(member.sync("consumer", "sticky", new TreeMap<>()).value().error())
                .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        member.generation = 7;
        assertThat(member.heartbeat()).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(member.sync().value().error()).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        member.id = "stranger";
        assertThat(member.heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(member.leave()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void membersGoOnAfterARestart() {
        // Given
        List<TestMember> members = fixture.stable(2);

        // When
        fixture.restart();

        // Then
        assertThat(members).allSatisfy(member -> {
            assertThat(member.heartbeat()).isEqualTo(ErrorCode.NONE);
            member.sync();
            assertThat(member.isAssigned()).isTrue();
        });
        assertThat(fixture.describe().protocol()).isEqualTo("range");
    }

    @Test
    void membersThatDoNotComeBackAfterARestartAreSilent() {
        // Given
        fixture.stable(2).get(0).commit(5);
        fixture.restart();

        // When
        fixture.advance(TestMember.SESSION_MS + TestMember.REBALANCE_MS);

        // Then
        assertThat(fixture.state()).isEqualTo(GroupState.EMPTY);
    }

    @Test
    void whoeverWaitsIsSentElsewhereWhenTheCoordinatorEnds() {
        // Given
        List<TestMember> members = fixture.stable(2);
        members.get(0).join();

        // When
        fixture.restart();

        // Then
        assertThat(members.get(0).joined.value().error()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void aMemberThatLeavesWhileItJoinsIsAnswered() {
        // Given
        List<TestMember> members = fixture.stable(2);
        members.get(0).join();

        // When
        members.get(0).leave();

        // Then
        assertThat(members.get(0).joined.value().error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }
}
