package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * An attached consumer: its credit, and what it holds. Leader-volatile.
 *
 * <pre>
 *   present --connection lost--> lost --comes back--> present
 *      |                          |
 *      | detach, taken over       | reattach.grace is over, taken over
 *      v                          v
 *     gone                       gone
 * </pre>
 *
 * Owned by the partition's lane.
 */
final class Consumer {
    private final ConnectionInfo connection;
    private final int id;
    private final ActiveSubscription subscription;
    private final int holder;
    private final OffsetRuns held = new OffsetRuns();
    /** Of what is held: what it held before a restart; these deliveries are counted in the fold already. */
    private final OffsetSet resumed = new OffsetSet();

    private @Nullable DeliverySink sink;
    private long lostUntilMs;
    private boolean noLocal;
    private long deliveryLimit;
    private long byteLimit;
    private long delivered;
    private long deliveredBytes;
    private boolean draining;
    /** The delivery log has it: after a restart it is waited for. */
    private boolean recorded;
    /** Its attach was answered: the client knows what it lost before it gets anything. */
    private boolean answered;

    Consumer(ConnectionInfo connection, int id, ActiveSubscription subscription, int holder) {
        this.connection = connection;
        this.id = id;
        this.subscription = subscription;
        this.holder = holder;
    }

    ConnectionInfo connection() {
        return connection;
    }

    int id() {
        return id;
    }

    ActiveSubscription subscription() {
        return subscription;
    }

    /** Its number in the delivery log. */
    int holder() {
        return holder;
    }

    OffsetRuns held() {
        return held;
    }

    OffsetSet resumed() {
        return resumed;
    }

    boolean isNoLocal() {
        return noLocal;
    }

    /** The client is there, for the first time or again; its credit begins anew. */
    void present(DeliverySink newSink, AttachSpec spec) {
        sink = newSink;
        noLocal = spec.noLocal() && spec.subscription().kind() != SubscriptionKind.QUEUE;
        deliveryLimit = spec.deliveryLimit();
        byteLimit = spec.byteLimit();
        delivered = 0;
        deliveredBytes = 0;
        draining = false;
        answered = false;
    }

    void recorded() {
        recorded = true;
    }

    /** Whether it would take messages if only the delivery log had it. */
    boolean isUnrecorded() {
        return !recorded && subscription.stored() != null;
    }

    void answered() {
        answered = true;
    }

    boolean isAnswered() {
        return answered;
    }

    void lost(long untilMs) {
        sink = null;
        lostUntilMs = untilMs;
        draining = false;
    }

    /** Whether the client is attached by a connection that it made after that one. */
    boolean isOnLaterThan(DeliverySink other) {
        DeliverySink present = sink;
        return present != null && other.isOlderThan(present);
    }

    boolean isLost() {
        return sink == null;
    }

    boolean isOn(DeliverySink other) {
        return sink == other;
    }

    long lostUntilMs() {
        return lostUntilMs;
    }

    void raise(long newDeliveryLimit, long newByteLimit, boolean drain) {
        if (newDeliveryLimit < 0) { // it takes nothing any more
            deliveryLimit = 0;
            return;
        }
        deliveryLimit = Math.max(deliveryLimit, newDeliveryLimit);
        byteLimit = Math.max(byteLimit, newByteLimit);
        draining |= drain;
    }

    boolean isDraining() {
        return draining;
    }

    boolean hasCredit() {
        return delivered < deliveryLimit && deliveredBytes < byteLimit;
    }

    /** How many more messages it takes. */
    long credit() {
        return deliveryLimit - delivered;
    }

    /** How many more bytes it takes; the message that reaches the limit may pass it. */
    long byteCredit() {
        return byteLimit - deliveredBytes;
    }

    /** Whether it takes messages now. */
    boolean isReady() {
        DeliverySink to = sink;
        return to != null && answered && !isUnrecorded() && hasCredit() && to.isWritable();
    }

    void deliver(int count, ByteBuf messages, long validUntilMs) {
        DeliverySink to = sink;
        if (to == null) {
            messages.release();
            throw new IllegalStateException("delivering to consumer " + id + ", which is lost");
        }
        delivered += count;
        deliveredBytes += messages.readableBytes();
        to.deliver(id, count, messages, validUntilMs);
    }

    void drained() {
        draining = false;
        DeliverySink to = sink;
        if (to != null) {
            to.drained(id);
        }
    }

    void ended(ErrorCode error, String message) {
        DeliverySink to = sink;
        if (to != null) {
            to.ended(id, error, message);
        }
    }

    @Override
    public String toString() {
        return "consumer " + id + " of " + connection.connectionId();
    }
}
