package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.util.List;

/** Where a coordinator's decisions go to become durable: the partition of {@code __consumer_offsets} that it coordinates. */
interface GroupLog {
    /**
     * Appends records. When they are committed they are folded, and then the listener is told; or it is told that they may never be.
     * It is never told before this returns, and listeners are told in the order of the calls.
     */
    void append(List<GroupRecord> records, Listener listener, long nowMs);

    /** Whoever waits for records to be committed. One of its methods is called, once. */
    interface Listener {
        void onCommitted(long nowMs);

        /** They may be committed or not; nobody is to rely on either. */
        void onFailed(ErrorCode error, String message, long nowMs);
    }
}
