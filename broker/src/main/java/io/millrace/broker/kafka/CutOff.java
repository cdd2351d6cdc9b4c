package io.millrace.broker.kafka;

import io.millrace.broker.session.Request;

/**
 * What a broker that is cut off from the cluster's metadata does with a client that asks who leads. It knows an old answer only, in which it
 * may well name itself, and a Kafka client asks those again to whom it is connected: so it closes the connection, and the client turns to
 * another broker.
 */
final class CutOff {
    private CutOff() {}

    /** Whether the request is not to be answered. */
    static boolean sendsElsewhere(Request request) {
        if (!request.session().services().registries().destinations().isCutOff()) {
            return false;
        }
        request.answerNothing();
        request.session().close();
        return true;
    }
}
