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

    /**
     * Reports that the partition has stopped: its storage failed, or it found its own state impossible. From now on it refuses
     * everything. Called once.
     */
    void stopped(Throwable cause);
}
