package io.millrace.cli;

import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReassignmentAnswer;
import jakarta.jms.JMSException;
import java.util.List;

/**
 * Asks the cluster to move partitions under a setting. The setting comes first, so that it holds from the first byte, and goes again when nothing
 * moves: a command that is refused changes nothing. When it is not known what moves, the setting stays. Owned by one command.
 */
final class MoveOrder {
    private static final String STATUS = "millrace cluster reassign --status shows what moves";

    private final Setting setting;
    private final Mover mover;

    MoveOrder(Setting setting, Mover mover) {
        this.setting = setting;
        this.mover = mover;
    }

    /** What holds while partitions move. */
    interface Setting {
        void make() throws JMSException;

        void takeBack() throws JMSException;

        /** What the user is told when it stays though not all moves. */
        String stays();
    }

    /** Who moves partitions; one answer for each. */
    interface Mover {
        List<ReassignmentAnswer> move(List<Reassignment> moves) throws JMSException;
    }

    /**
     * Returns when all have begun to move.
     *
     * @throws CommandException if any was refused, or it is not known: it says why, and what has changed all the same
     */
    void give(List<Reassignment> moves) throws JMSException, CommandException {
        try {
            setting.make();
        } catch (JMSException e) {
            throw CommandException.failed(e, Failures.oneLine(e.getMessage()) + "; nothing moves");
        }
        if (moves.isEmpty()) {
            return;
        }
        Refusals refusals = new Refusals(moves, answers(moves));
        if (refusals.isEmpty()) {
            return;
        }
        if (refusals.areAll()) {
            takeBack(refusals);
            throw refusals.failure("nothing was changed");
        }
        throw refusals.failure((refusals.haveDoubts() ? STATUS : "the others move") + setting.stays());
    }

    private List<ReassignmentAnswer> answers(List<Reassignment> moves) throws CommandException {
        try {
            return mover.move(moves);
        } catch (JMSException e) {
            throw CommandException.failed(
                    e, Failures.oneLine(e.getMessage()) + "; the partitions may move: " + STATUS + setting.stays());
        }
    }

    private void takeBack(Refusals refusals) throws CommandException {
        try {
            setting.takeBack();
        } catch (JMSException e) {
            throw refusals.failure(
                    "nothing moves" + setting.stays() + ", since this failed: " + Failures.oneLine(e.getMessage()));
        }
    }
}
