package io.millrace.jms.engine;

/** Takes what concerns one consumer. Every method is called on the thread that owns the engine. */
public interface DeliverySink {
    /** A message. It counts against the credit until {@link ConnectionEngine#consumed}. */
    void onDelivery(Delivery delivery);

    /** No further message follows at once: wake who waits. */
    void onDeliveriesEnd();

    /**
     * The broker is out of reach: messages that are held may be given to others before it comes back. The consumer hands
     * out none until {@link #onResumed}.
     */
    void onSuspended();

    /** The consumer is attached again; what it still has is its own. */
    void onResumed();

    /**
     * Offsets that are held no more: settled, or given to another consumer. Those not yet handed out are dropped.
     *
     * @param last inclusive
     */
    void onLost(PartitionAttachment source, long first, long last);

    /** The broker has nothing more for the consumer; see {@link ConnectionEngine#drain}. */
    void onDrained();

    /** The broker ended the consumer, or the connection is lost for good. Nothing follows. */
    void onEnded(EngineException cause);
}
