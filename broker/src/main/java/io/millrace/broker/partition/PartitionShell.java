package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBufAllocator;

/**
 * What a partition asks of whoever runs it: its outbox for everything but storage, journal and replies. Calls come on the partition's
 * lane, from inside a call of the partition, and return at once.
 */
public interface PartitionShell {
    /**
     * Asks for one {@link Partition#onEndOfTurn} when the inputs of this turn of the lane are done, and before the lane hands its
     * journal frame over. Asked at most once a turn.
     */
    void callAtEndOfTurn();

    /** Where buffers for deliveries and reads come from. */
    default ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    /** Whether that many bytes can be had of the allocator now. To be asked before very many are. */
    default boolean hasRoomFor(long bytes) {
        return true;
    }

    /** Asks for {@link Partition#onTick} at {@code atMs} or a little later. An earlier request still holds; none is ever taken back. */
    void wakeAt(long atMs);

    /** A clock that only goes forward, in ms from whenever: leases are measured by it. */
    long elapsedMs();

    /** How fast replicas that are not in sync may be sent what they lack. */
    CatchUpThrottle catchUpThrottle();

    /** Tells, on a follower, that there is a new position to be had from {@link Partition#takeReplicaPosition}. */
    default void replicaMoved() {}

    /**
     * Asks, on a leader, that the metadata take these brokers for in sync, if it is still as {@code inSync} says.
     *
     * @param reply completes with what the metadata says then; fails if that was not done, or is unknown
     */
    default void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        reply.fail(ErrorCode.UNSUPPORTED_FEATURE, "the partition has one replica only");
    }

    /** Tells that the partition leads from now on: what builds on its log may begin, but calls it back later. */
    default void leading() {}

    /** Tells that the partition does not lead any more, whether it follows, has stopped or has ended. Told whenever {@link #leading} was. */
    default void resigned() {}

    /**
     * Reports that the partition has stopped: its storage failed, or it found its own state impossible. From now on it refuses
     * everything. Called once.
     */
    void stopped(Throwable cause);
}
