package io.millrace.cli;

import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReassignmentAnswer;
import jakarta.jms.JMSException;
import java.util.List;

/**
 * Asks the cluster to move partitions under a setting. The setting comes first, so that it holds from the first byte, and goes again when nothing
 * moves: a command that is refused changes nothing. Owned by one command.
 */
final class MoveOrder {
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

        /** What the user is told when it stays though some were refused. */
        String stays();
    }

    /** Who moves partitions; one answer for each. */
    interface Mover {
        List<ReassignmentAnswer> move(List<Reassignment> moves) throws JMSException;
    }

    /**
     * Returns when all have begun to move.
     *
     * @throws CommandException if any was refused: it says why, and what has changed all the same
     */
    void give(List<Reassignment> moves) throws JMSException, CommandException {
        setting.make();
        Refusals refusals = new Refusals(moves, mover.move(moves));
        if (refusals.isEmpty()) {
            return;
        }
        if (refusals.areAll()) {
            setting.takeBack();
            throw refusals.failure("nothing was changed");
        }
        throw refusals.failure("the others move" + setting.stays());
    }
}
