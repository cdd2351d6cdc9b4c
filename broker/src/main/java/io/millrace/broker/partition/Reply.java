package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * The place for one answer: exactly one of its methods is called, once, on the lane of whoever answers. An implementation that
 * belongs to another lane hops by itself. An answer must not call the answerer back before it returns.
 */
public interface Reply<T extends @Nullable Object> {
    void complete(T value);

    /** Answers with an error; {@code message} says what was wrong and what would be right. */
    void fail(ErrorCode error, String message);

    /** Completes a call that has nothing to say but that it is done. */
    @SuppressWarnings("NullAway") // null is the only value of Void; NullAway does not look into type arguments
    static void done(Reply<@Nullable Void> reply) {
        reply.complete(null);
    }
}
