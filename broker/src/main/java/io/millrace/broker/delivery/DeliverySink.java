package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;

/**
 * Where a partition puts what one connection is to be told: one sink for each life of a connection (a returning client brings a new
 * one). The calls come on the partition's lane, inside a call of the partition or at the end of the turn, and must not call the
 * partition back before they return; a sink whose session lives on another lane hops.
 */
public interface DeliverySink {
    /**
     * Whether the connection takes more bytes now. While it does not, its consumers are passed over; the session calls {@code
     * Partition.onWritable} when that has changed.
     */
    boolean isWritable();

    /**
     * Takes messages for a consumer, in delivery order, encoded as {@code io.millrace.protocol.DeliveredMessages} says. Ownership of
     * {@code messages} passes to the sink. The partition has counted {@code count} deliveries against the consumer's credit.
     *
     * @param validUntilMs they must not leave the broker later than that, in ms of a clock that only goes forward: another may lead
     *     then. {@link Long#MAX_VALUE} if there is no other
     */
    void deliver(int consumerId, int count, ByteBuf messages, long validUntilMs);

    /** Tells, after the deliveries before this call, that a consumer that asked to be drained has been. */
    void drained(int consumerId);

    /** Whether the other one, of the same client, is of a connection that was made later: what comes by this one is late. */
    boolean isOlderThan(DeliverySink other);

    /** Tells that the broker ended the consumer; what it held is released. */
    void ended(int consumerId, ErrorCode error, String message);
}
