package io.millrace.broker.partition;

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
