package io.millrace.broker.delivery;

import java.util.UUID;

/** A consumer of a stored subscription as the delivery log knows it: it may hold something. Immutable. */
record Attached(int subscriptionId, UUID connectionId, int consumerId) {
    boolean is(UUID ofConnection, int id) {
        return consumerId == id && connectionId.equals(ofConnection);
    }
}
