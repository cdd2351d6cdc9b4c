package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StaticMemberTest {
    private final GroupFixture fixture = new GroupFixture();
    private final TestMember leader = fixture.staticMember("leader");
    private final TestMember follower = fixture.staticMember("follower");

    @Test
    void joinsAtOnceUnderAnIdOfItsInstance() {
        // When
        leader.joinOnce();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);

        // Then
        assertThat(leader.joined.value().memberId()).startsWith("leader-");
        assertThat(leader.joinError()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void takesItsPlaceAgainWithoutARebalance() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        Bytes assignment = follower.synced.value().assignment();

        // When
        TestMember again = fixture.staticMember("follower");
        again.join();
        again.onJoined();

        // Then
        assertThat(again.generation).isEqualTo(1);
        assertThat(again.id).isNotEqualTo(follower.id);
        assertThat(again.sync().value().assignment()).isEqualTo(assignment);
        assertThat(leader.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void fencesTheOneWhosePlaceWasTaken() {
        // Given
        fixture.stabilize(List.of(leader, follower));

        // When
        fixture.staticMember("follower").join();

        // Then
        assertThat(follower.heartbeat()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(follower.sync().value().error()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(follower.commit(1).error()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(follower.joinOnce().value().error()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(follower.leave()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }

    @Test
    void answersOnlyWhenItsNewIdIsCommitted() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        fixture.commits = false;
        TestMember again = fixture.staticMember("follower");

        // When
        again.join();

        // Then
        assertThat(again.joined.isDone()).isFalse();
        fixture.commit();
        again.onJoined();
        fixture.restart();
        assertThat(again.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void comesBackTwiceWhileNeitherIdCanBeStored() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        fixture.commits = false;
        TestMember again = fixture.staticMember("follower");
        TestMember last = fixture.staticMember("follower");
        again.join();
        last.join();

        // When
        fixture.failPending(ErrorCode.NOT_COORDINATOR);

        // Then
        assertThat(again.joinError()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(last.joinError()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void theOldOneKeepsItsPlaceIfTheNewIdCanNotBeStored() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        fixture.commits = false;
        TestMember again = fixture.staticMember("follower");
        again.join();

        // When
        fixture.failPending(ErrorCode.NOT_COORDINATOR);

        // Then
        assertThat(again.joinError()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(follower.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aLeaderThatComesBackIsToldThatThereIsNothingToAssign() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        TestMember again = fixture.staticMember("leader");

        // When
        again.join();
        again.onJoined();

        // Then
        assertThat(again.leads()).isTrue();
        assertThat(again.joined.value().skipAssignment()).isTrue();
        assertThat(again.joined.value().members()).hasSize(2);
    }

    @Test
    void anOlderLeaderThatComesBackIsNotToldThatItLeads() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        TestMember again = fixture.staticMember("leader");
        again.skipsAssignment = false;

        // When
        again.join();
        again.onJoined();

        // Then
        assertThat(again.joined.value().generation().leader()).isEqualTo(leader.id);
        assertThat(again.joined.value().members()).isEmpty();
    }

    @Test
    void rebalancesIfItComesBackWithAnotherProtocol() {
        // Given
        fixture.stabilize(List.of(leader));

        // When
        TestMember again = fixture.staticMember("leader").follow("t", "sticky", "range");
        again.join();

        // Then
        assertThat(again.joined.value().generation().protocol()).isEqualTo("sticky");
        assertThat(again.joined.value().generation().id()).isEqualTo(2);
        TestMember other = fixture.staticMember("leader").follow("t", "other");
        assertThat(other.join().value().error()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void rebalancesIfItComesBackDuringTheAssignment() {
        // Given
        List<TestMember> members = List.of(leader, follower);
        members.forEach(TestMember::join);
        fixture.advance(2 * GroupFixture.INITIAL_DELAY_MS);
        members.forEach(TestMember::onJoined);

        // When
        TestMember again = fixture.staticMember("follower");
        again.join();

        // Then
        assertThat(leader.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        leader.join();
        assertThat(again.joined.value().generation().id()).isEqualTo(2);
    }

    @Test
    void keepsItsPlaceWhileItsSessionHolds() {
        // Given
        follower.sessionMs = 300_000;
        fixture.stabilize(List.of(leader, follower));

        // When
        leader.join();
        fixture.advance(TestMember.REBALANCE_MS);

        // Then
        assertThat(leader.joined.value().members()).hasSize(2);
    }

    @Test
    void waitsForSomebodyWhoAssigns() {
        // Given
        leader.sessionMs = 600_000;
        follower.sessionMs = 20_000;
        fixture.stabilize(List.of(leader, follower));

        // When
        fixture.advance(300_000);

        // Then
        assertThat(fixture.state()).isEqualTo(GroupState.PREPARING_REBALANCE);
        leader.join();
        leader.onJoined();
        assertThat(leader.leads()).isTrue();
        assertThat(leader.generation).isEqualTo(2);
    }

    @Test
    void anOperatorLetsItGoByItsInstance() {
        // Given
        fixture.stabilize(List.of(leader, follower));
        Outcome<List<ErrorCode>> left = new Outcome<>();

        // When
        fixture.coordinator()
                .onLeave(
                        GroupFixture.GROUP,
                        List.of(new LeavingMember("", "follower"), new LeavingMember("", "nobody")),
                        left,
                        fixture.nowMs);

        // Then
        assertThat(left.value()).containsExactly(ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(fixture.describe().members()).hasSize(1);
        assertThat(leader.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }
}
