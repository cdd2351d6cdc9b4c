package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReassignmentAnswer;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MoveOrderTest {
    private static final ReassignmentAnswer TOO_FEW =
            new ReassignmentAnswer("INVALID_REPLICATION_FACTOR", "with 1 replicas it would take no message");

    private final List<String> done = new ArrayList<>();
    private @Nullable JMSException makeFailure;
    private @Nullable JMSException takeBackFailure;

    @Test
    void setsBeforeAnythingMoves() throws Exception {
        order(ReassignmentAnswer.ACCEPTED, ReassignmentAnswer.ACCEPTED).give(moves(2));

        assertThat(done).containsExactly("set", "moved 2");
    }

    @Test
    void takesTheSettingBackWhenAllIsRefused() {
        assertThatThrownBy(() -> order(TOO_FEW, TOO_FEW).give(moves(2)))
                .isInstanceOf(CommandException.class)
                .hasMessage("2 of 2 partitions were refused: queue:orders 0,1: with 1 replicas it would take no"
                        + " message; nothing was changed");

        assertThat(done).containsExactly("set", "moved 2", "taken back");
    }

    @Test
    void saysWhatStaysWhenSomeMove() {
        assertThatThrownBy(() -> order(TOO_FEW, ReassignmentAnswer.ACCEPTED).give(moves(2)))
                .hasMessage("1 of 2 partitions were refused: queue:orders 0: with 1 replicas it would take no"
                        + " message; the others move, and the setting stays");

        assertThat(done).containsExactly("set", "moved 2");
    }

    @Test
    void saysWhatStaysWhenTheAnswerIsLost() {
        MoveOrder order = new MoveOrder(new NotedSetting(), moves -> {
            throw new JMSException("moving replicas: no answer within 1 ms", "REQUEST_TIMED_OUT");
        });

        assertThatThrownBy(() -> order.give(moves(2)))
                .isInstanceOfSatisfying(CommandException.class, failure -> assertThat(failure.errorCode())
                        .isEqualTo("REQUEST_TIMED_OUT"))
                .hasMessage("moving replicas: no answer within 1 ms; the partitions may move: millrace cluster reassign"
                        + " --status shows what moves, and the setting stays");

        assertThat(done).containsExactly("set");
    }

    @Test
    void leavesTheSettingWhereTheBrokerDoesNotKnowWhatBecameOfAMove() {
        ReassignmentAnswer inDoubt = new ReassignmentAnswer("REQUEST_TIMED_OUT", "the metadata store did not answer");

        assertThatThrownBy(() -> order(inDoubt, TOO_FEW).give(moves(2)))
                .hasMessage("2 of 2 partitions were refused, or it is not known whether they move: queue:orders 0: the"
                        + " metadata store did not answer; queue:orders 1: with 1 replicas it would take no message; millrace cluster reassign --status"
                        + " shows what moves, and the setting stays");

        assertThat(done).containsExactly("set", "moved 2");
    }

    @Test
    void saysWhenTheSettingCouldNotBeTakenBack() {
        takeBackFailure = new JMSException("no answer within 1 ms");

        assertThatThrownBy(() -> order(TOO_FEW).give(moves(1)))
                .hasMessageEndingWith(
                        "; nothing moves, and the setting stays, since this failed: no answer within 1 ms");
    }

    @Test
    void movesNothingWhenTheSettingFails() {
        makeFailure = new JMSException("the metadata store did not answer");

        assertThatThrownBy(() -> order(ReassignmentAnswer.ACCEPTED).give(moves(1)))
                .isInstanceOf(CommandException.class)
                .hasMessage("the metadata store did not answer; nothing moves");

        assertThat(done).isEmpty();
    }

    @Test
    void asksForNoMovesWhereThereAreNone() throws Exception {
        order().give(moves(0));

        assertThat(done).containsExactly("set");
    }

    @Test
    void carriesTheErrorCode() {
        assertThatThrownBy(() -> order(TOO_FEW).give(moves(1)))
                .isInstanceOfSatisfying(CommandException.class, failure -> assertThat(failure.errorCode())
                        .isEqualTo("INVALID_REPLICATION_FACTOR"));
    }

    @Test
    void saysEachReasonOnceAndNamesPartitionsShortly() {
        // Given
        List<Reassignment> moves = new ArrayList<>(moves(40));
        List<ReassignmentAnswer> answers = new ArrayList<>();
        moves.forEach(move -> answers.add(TOO_FEW));
        moves.add(new Reassignment(false, "prices", 3, List.of(1)));
        answers.add(new ReassignmentAnswer("INVALID_REPLICA_ASSIGNMENT", "broker 9 is not there"));
        // When
        String message =
                new Refusals(moves, answers).failure("nothing was changed").getMessage();
        // Then
        assertThat(message)
                .isEqualTo("41 of 41 partitions were refused: queue:orders 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,...:"
                        + " with 1 replicas it would take no message; topic:prices 3: broker 9 is not there; nothing was"
                        + " changed");
    }

    private MoveOrder order(ReassignmentAnswer... answers) {
        return new MoveOrder(new NotedSetting(), moves -> {
            done.add("moved " + moves.size());
            return List.of(answers);
        });
    }

    private static List<Reassignment> moves(int count) {
        List<Reassignment> moves = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            moves.add(new Reassignment(true, "orders", index, List.of(1)));
        }
        return moves;
    }

    private final class NotedSetting implements MoveOrder.Setting {
        @Override
        public void make() throws JMSException {
            if (makeFailure != null) {
                throw makeFailure;
            }
            done.add("set");
        }

        @Override
        public void takeBack() throws JMSException {
            if (takeBackFailure != null) {
                throw takeBackFailure;
            }
            done.add("taken back");
        }

        @Override
        public String stays() {
            return ", and the setting stays";
        }
    }
}
