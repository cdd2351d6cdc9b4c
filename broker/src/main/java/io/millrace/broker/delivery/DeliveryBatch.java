package io.millrace.broker.delivery;

import java.util.List;

/**
 * One batch of the delivery log: what a turn of the lane, or a leader, had to say. Immutable.
 *
 * @param baseOffset its place in the delivery log
 * @param timestampMs when it was written, by the leader's clock
 * @param messageLogEnd where the message log ended then
 */
public record DeliveryBatch(long baseOffset, long timestampMs, long messageLogEnd, List<DeliveryRecord> records) {
    public DeliveryBatch {
        records = List.copyOf(records);
    }

    public long nextOffset() {
        return baseOffset + records.size();
    }
}
