package io.millrace.jms.engine;

import org.apache.kafka.common.protocol.ApiMessage;

/** A request under way on a {@link Link}, and what follows from its answer. Owned by the engine. */
abstract class Call {
    /** When the link is taken for dead if there is no answer; set by the link. */
    long deadlineMs;

    /** In which the request was sent; set by the link. */
    short version;

    boolean answered;

    abstract ApiMessage request();

    abstract ApiMessage newResponse();

    /** The answer. Byte buffers in it are views of the frame, good until this returns. */
    abstract void onResponse(ApiMessage response);

    /** The link was lost before the answer: whether it was done, nobody knows. */
    abstract void onLost();

    /** It will not be sent again. Only calls that wait for a link hear of it. */
    void onFailed(EngineException cause) {
        throw new IllegalStateException(this + " was not waiting: " + cause.getMessage());
    }
}
