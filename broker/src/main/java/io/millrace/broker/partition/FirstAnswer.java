package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Passes on the first of several answers, one of which may be that it took too long. Owned by one lane. */
public final class FirstAnswer<T extends @Nullable Object> implements Reply<T> {
    private final Reply<T> waiting;
    private boolean isAnswered;

    public FirstAnswer(Reply<T> waiting) {
        this.waiting = waiting;
    }

    @Override
    public void complete(T value) {
        if (!isAnswered) {
            isAnswered = true;
            waiting.complete(value);
        }
    }

    @Override
    public void fail(ErrorCode error, String message) {
        if (!isAnswered) {
            isAnswered = true;
            waiting.fail(error, message);
        }
    }
}
