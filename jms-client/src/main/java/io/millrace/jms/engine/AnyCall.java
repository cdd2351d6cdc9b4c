package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request that any broker answers, sent again after a lost link: so it has to be one that may be done twice, or whose
 * second doing answers with an error that means success then. Owned by the engine.
 */
final class AnyCall<T extends ApiMessage> extends Call {
    private final Consumer<AnyCall<?>> park;
    private final ApiMessage request;
    private final T response;
    private final Reply<T> reply;
    private final ErrorCode doneBefore;
    private boolean wasLost;

    private final Function<T, Outcome> outcome;

    /** An answer's error code and message, which every response has under the same names. */
    record Outcome(short code, @Nullable String message) {}

    /**
     * What is asked, and how its answer is read.
     *
     * @param doneBefore the error that means success where an earlier sending may have been done; NONE for none
     */
    record Request<T extends ApiMessage>(
            ApiMessage message, T response, Function<T, Outcome> outcome, ErrorCode doneBefore) {}

    /**
     * A request.
     *
     * @param park takes the call when its link is lost, to send it again
     */
    AnyCall(Request<T> request, Reply<T> reply, Consumer<AnyCall<?>> park) {
        this.request = request.message();
        this.response = request.response();
        this.outcome = request.outcome();
        this.doneBefore = request.doneBefore();
        this.reply = reply;
        this.park = park;
    }

    @Override
    ApiMessage request() {
        return request;
    }

    @Override
    ApiMessage newResponse() {
        return response;
    }

    @Override
    void onResponse(ApiMessage message) {
        Outcome result = outcome.apply(response);
        ErrorCode code = ErrorCode.of(result.code);
        if (code == ErrorCode.NONE || (wasLost && code == doneBefore)) {
            reply.complete(response);
        } else {
            reply.fail(EngineException.answered(code, result.message));
        }
    }

    @Override
    void onLost() {
        wasLost = true;
        park.accept(this);
    }

    @Override
    void onFailed(EngineException cause) {
        reply.fail(cause);
    }
}
