package io.millrace.jms.session;

import io.millrace.jms.engine.Delivery;

/**
 * A delivery handed out by a {@link ConsumerBuffer}. Immutable.
 *
 * @param delivery as the broker sent it
 * @param localFailures how often this client has seen it and given it back to itself, by recover or a failed listener
 */
record Received(Delivery delivery, int localFailures) {
    /** The same for another try. */
    Received again() {
        return new Received(delivery, localFailures + 1);
    }

    /** For JMSXDeliveryCount. */
    int deliveryCount() {
        return delivery.deliveryCount() + localFailures;
    }
}
