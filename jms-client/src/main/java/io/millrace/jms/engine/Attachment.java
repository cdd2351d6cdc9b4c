package io.millrace.jms.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A consumer of a destination: attached to each of its partitions. Owned by the engine. */
public final class Attachment {
    final Destination destination;
    final AttachSpec spec;
    final DeliverySink sink;
    final List<PartitionAttachment> partitions = new ArrayList<>();

    @Nullable
    Reply<Done> attachReply;

    @Nullable
    Reply<Done> detachReply;

    /** Whether the broker may send messages. */
    boolean isFlowing;

    /** Whether the sink was told that the broker is out of reach. */
    boolean isSuspended;

    /** Whether it is to be detached. */
    boolean isClosing;

    /** Why the broker ended it. */
    @Nullable
    EngineException failure;

    /** What was accepted and not confirmed when it was closed had gone to others. */
    @Nullable
    EngineException lostAcceptance;

    /** Whether something was settled after the failure: the broker will never hear of it. */
    boolean hasSettledTooLate;

    Attachment(
            Destination destination, AttachSpec spec, DeliverySink sink, boolean isFlowing, Reply<Done> attachReply) {
        this.destination = destination;
        this.spec = spec;
        this.sink = sink;
        this.isFlowing = isFlowing;
        this.attachReply = attachReply;
    }

    public Destination destination() {
        return destination;
    }

    boolean isAttached() {
        for (PartitionAttachment partition : partitions) {
            if (partition.state != AttachState.ATTACHED) {
                return false;
            }
        }
        return true;
    }

    boolean isOver() {
        for (PartitionAttachment partition : partitions) {
            if (partition.state != AttachState.OVER) {
                return false;
            }
        }
        return true;
    }

    boolean isDraining() {
        for (PartitionAttachment partition : partitions) {
            if (partition.isDrainAwaited) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "consumer of " + destination.name();
    }
}
