package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request that any broker answers, sent again after a lost link by {@link AnyCalls}: so it has to be one that may be done twice, or whose
 * second doing answers with an error that means success then. Owned by the engine.
 */
final class AnyCall<T extends ApiMessage> extends Call {
    private final AnyCalls calls;
    private final ApiMessage request;
    private final T response;
    private final Reply<T> reply;
    private final ErrorCode doneBefore;
    private final Function<T, Outcome> outcome;
    private boolean wasLost;

    /** The link that it was sent over last. */
    @Nullable
    Link asked;

    /** The brokers that were asked since the last pause and are cut off. */
    final Set<Integer> sentOnBy = new HashSet<>();

    /** When the first one said that it is cut off, or -1. */
    long sentOnSinceMs = -1;

    /** The last pause. */
    long backoffMs;

    /** An answer's error code and message, which every response has under the same names. */
    record Outcome(short code, @Nullable String message) {}

    /**
     * What is asked, and how its answer is read.
     *
     * @param doneBefore the error that means success where an earlier sending may have been done; NONE for none
     */
    record Request<T extends ApiMessage>(
            ApiMessage message, T response, Function<T, Outcome> outcome, ErrorCode doneBefore) {}

    AnyCall(Request<T> request, Reply<T> reply, AnyCalls calls) {
        this.request = request.message();
        this.response = request.response();
        this.outcome = request.outcome();
        this.doneBefore = request.doneBefore();
        this.reply = reply;
        this.calls = calls;
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
        } else if (code == ErrorCode.BROKER_ID_NOT_REGISTERED && asked != null) {
            asked.isCutOff = true;
            sentOnBy.add(asked.brokerId());
            calls.onSentOn(this, EngineException.answered(code, result.message));
        } else {
            reply.fail(EngineException.answered(code, result.message));
        }
    }

    @Override
    void onLost() {
        wasLost = true;
        calls.ask(this);
    }

    @Override
    void onFailed(EngineException cause) {
        reply.fail(cause);
    }
}
