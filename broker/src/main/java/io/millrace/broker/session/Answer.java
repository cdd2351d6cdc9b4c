package io.millrace.broker.session;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** A reply that becomes the answer to a private request, on the request's lane. Owned by that lane, to be given on any. */
final class Answer<T extends @Nullable Object> implements Reply<T> {
    private final Request request;
    private final Function<T, ApiMessage> message;

    private Answer(Request request, Function<T, ApiMessage> message) {
        this.request = request;
        this.message = message;
    }

    /** A reply whose value makes the answer, and whose failure answers with the error. */
    static <T extends @Nullable Object> Reply<T> to(Request request, Function<T, ApiMessage> message) {
        return request.session().onLane(new Answer<T>(request, message));
    }

    @Override
    public void complete(T value) {
        request.answer(message.apply(value));
    }

    @Override
    public void fail(ErrorCode error, String reason) {
        PrivateErrors.answer(request, error, reason);
    }
}
