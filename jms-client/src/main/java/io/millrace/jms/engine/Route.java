package io.millrace.jms.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One partition of a destination: who leads it, and all that waits for a link to the leader. Owned by the engine. */
final class Route {
    final Destination destination;
    final int index;
    final PartitionSender sender;
    final List<PartitionAttachment> attachments = new ArrayList<>();

    /** Calls to the leader that are not under way. */
    final ArrayDeque<Call> parked = new ArrayDeque<>();

    /** The leader's broker id, or -1. */
    int leaderId = -1;

    /** The epoch in which it leads, or -1. */
    int leaderEpoch = -1;

    /**
     * The link over which the leader itself has said that it leads in that epoch, or null. Others may not know yet that it was restarted, and
     * leads in another.
     */
    @Nullable
    Link epochSaidOver;

    /** A ready link to the leader, or null. */
    @Nullable
    Link link;

    Route(Context context, Destination destination, int index, PartitionSender.Owner owner) {
        this.destination = destination;
        this.index = index;
        this.sender = new PartitionSender(context, this, owner);
    }

    /** Whether anything waits for the leader. */
    boolean isNeeded() {
        return !sender.isIdle() || !attachments.isEmpty() || !parked.isEmpty();
    }

    @Override
    public String toString() {
        return destination.name() + " partition " + index;
    }
}
