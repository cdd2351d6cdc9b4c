package io.millrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JoinTest {
    private final GroupFixture fixture = new GroupFixture();

    @Test
    void givesANewMemberItsIdFirst() {
        // Given
        TestMember member = fixture.member();

        // When
        JoinAnswer answer = member.joinOnce().value();

        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);
        assertThat(answer.memberId()).startsWith("client-");
        assertThat(fixture.describe().members()).isEmpty();
    }

    @Test
    void takesAnOlderClientAtItsFirstJoin() {
        // Given
        TestMember member = fixture.member();
        member.joinsTwice = false;

        // When
        member.joinOnce();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);

        // Then
        assertThat(member.joinError()).isEqualTo(ErrorCode.NONE);
        assertThat(member.joined.value().memberId()).startsWith("client-");
    }

    @Test
    void forgetsAnIdThatNobodyJoinsWith() {
        // Given
        TestMember member = fixture.member();
        member.id = member.joinOnce().value().memberId();

        // When
        fixture.advance(TestMember.SESSION_MS);

        // Then
        assertThat(member.joinOnce().value().error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aRebalanceWaitsForAnIdThatWasGiven() {
        // Given
        TestMember first = fixture.stable(1).get(0);
        TestMember second = fixture.member();
        TestMember third = fixture.member();
        second.join();
        third.id = third.joinOnce().value().memberId();

        // When
        first.join();

        // Then
        assertThat(first.joined.isDone()).isFalse();
        assertThat(third.leave()).isEqualTo(ErrorCode.NONE);
        assertThat(first.joined.isDone()).isTrue();
        assertThat(second.joined.isDone()).isTrue();
    }

    @Test
    void refusesAMemberIdThatTheGroupDoesNotHave() {
        // Given
        fixture.stable(1);
        TestMember stranger = fixture.member();
        stranger.id = "stranger";

        // When // Then
        assertThat(stranger.joinOnce().value().error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void refusesAMemberOfAGroupThatIsNotThere() {
        // Given
        TestMember stranger = fixture.member();
        stranger.id = "stranger";

        // When // Then
        assertThat(stranger.joinOnce().value().error()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(fixture.describe()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 999, 600_001})
    void refusesASessionTimeoutOutOfRange(int sessionMs) {
        // Given
        TestMember member = fixture.member();
        member.sessionMs = sessionMs;

        // When // Then
        assertThat(member.joinOnce().value().error()).isEqualTo(ErrorCode.INVALID_SESSION_TIMEOUT);
    }

    @Test
    void refusesAMemberThatSharesNoProtocolWithAllOthers() {
        // Given
        fixture.stabilize(List.of(fixture.member("range", "sticky"), fixture.member("sticky", "range")));

        // When // Then
        assertThat(fixture.member("roundrobin").joinOnce().value().error())
                .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(fixture.member().joinOnce().value().error()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);
    }

    @Test
    void refusesAMemberOfAnotherKind() {
        // Given
        fixture.stable(1);
        TestMember other = fixture.member();
        other.kind = "connect";

        // When // Then
        assertThat(other.joinOnce().value().error()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void refusesAMemberWithoutAKindOrAProtocol() {
        // Given
        TestMember kindless = fixture.member();
        kindless.kind = "";
        TestMember aimless = fixture.member(new String[0]);

        // When // Then
        assertThat(kindless.joinOnce().value().error()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(aimless.joinOnce().value().error()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void anEmptyGroupTakesAnotherKind() {
        // Given
        fixture.stable(1).get(0).leave();
        TestMember other = fixture.member();
        other.kind = "connect";

        // When
        fixture.advance(0);
        other.join();
        fixture.advance(GroupFixture.INITIAL_DELAY_MS);

        // Then
        assertThat(other.joinError()).isEqualTo(ErrorCode.NONE);
        assertThat(fixture.describe().protocolType()).isEqualTo("connect");
    }

    @Test
    void theProtocolIsTheOneThatMostPreferOfThoseThatAllFollow() {
        // Given
        List<TestMember> members =
                List.of(fixture.member("a", "b", "c"), fixture.member("x", "c", "b"), fixture.member("c", "b", "y"));

        // When
        fixture.stabilize(members);

        // Then
        assertThat(fixture.describe().protocol()).isEqualTo("c");
    }

    @Test
    void turnsAwayWhoeverIsTooMuch() {
        // Given
        fixture.stable(GroupFixture.MAX_SIZE);

        // When // Then
        assertThat(fixture.member().joinOnce().value().error()).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void aFullGroupTakesItsMembersAgain() {
        // Given
        List<TestMember> members = fixture.stable(GroupFixture.MAX_SIZE);

        // When
        members.forEach(TestMember::join);

        // Then
        assertThat(members).allSatisfy(member -> assertThat(member.joinError()).isEqualTo(ErrorCode.NONE));
    }

    @Test
    void refusesAGroupWithoutAName() {
        // Given
        Outcome<JoinAnswer> joined = new Outcome<>();
        Outcome<Void> alive = new Outcome<>();
        Membership who = new Membership("", "", null, -1);

        // When
        fixture.coordinator()
                .onJoin(
                        new JoinSpec(
                                who,
                                new Client("c", "h"),
                                new JoinSpec.Timeouts(10_000, 10_000),
                                "consumer",
                                List.of(new Protocol("range", Bytes.EMPTY)),
                                new JoinSpec.Abilities(true, true)),
                        joined,
                        fixture.nowMs);
        fixture.coordinator().onHeartbeat(who, alive, fixture.nowMs);

        // Then
        assertThat(joined.value().error()).isEqualTo(ErrorCode.INVALID_GROUP_ID);
        assertThat(alive.error()).isEqualTo(ErrorCode.INVALID_GROUP_ID);
    }

    @Test
    void aJoinThatComesAgainEndsTheOneThatWaits() {
        // Given
        TestMember first = fixture.stable(1).get(0);
        TestMember second = fixture.member();
        Outcome<JoinAnswer> lost = second.join();

        // When
        Outcome<JoinAnswer> again = second.join();
        first.join();

        // Then
        assertThat(lost.value().error()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(again.value().error()).isEqualTo(ErrorCode.NONE);
    }
}
