package io.millrace.jms.session;

import io.millrace.jms.engine.Delivery;

/** A delivery handed out by a {@link ConsumerBuffer}, until it is settled. For any thread. */
final class Received {
    private final Delivery delivery;
    private final int localFailures;
    private volatile boolean isLost;

    /**
     * A delivery that is handed out.
     *
     * @param delivery as the broker sent it
     * @param localFailures how often this client has seen it and given it back to itself, by recover or a failed listener
     */
    Received(Delivery delivery, int localFailures) {
        this.delivery = delivery;
        this.localFailures = localFailures;
    }

    Delivery delivery() {
        return delivery;
    }

    /** The same for another try. */
    Received again() {
        return new Received(delivery, localFailures + 1);
    }

    /** For JMSXDeliveryCount. */
    int deliveryCount() {
        return delivery.deliveryCount() + localFailures;
    }

    /** The broker has given it to another consumer, or it is gone with its destination. On the engine's thread. */
    void lose() {
        isLost = true;
    }

    /** Whether it is no longer this client's. For good only on the engine's thread, where it is lost. */
    boolean isLost() {
        return isLost;
    }
}
