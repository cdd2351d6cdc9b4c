package io.millrace.broker.session;

import io.millrace.protocol.ErrorCode;

/**
 * Serves what needs the cluster only while this broker is registered in it. A broker that is cut off can not do it, and does not even try: so the
 * client is told to ask another, and nothing is done here when the cut heals.
 */
record RegisteredOnly(ApiHandler handler) implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        requireRegistered(request);
        handler.onRequest(request, nowMs);
    }

    /** Refuses a request while the broker is cut off, whatever it knows being of the past. */
    static void requireRegistered(Request request) {
        if (request.session().services().registries().destinations().isCutOff()) {
            throw new InvalidRequestException(
                    ErrorCode.BROKER_ID_NOT_REGISTERED,
                    "this broker is cut off from the cluster and has not done it; another broker may");
        }
    }
}
