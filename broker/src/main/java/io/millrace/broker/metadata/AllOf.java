package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Joins the answers of several calls into one: done when all are, failed as the first failure said, once all have
 * answered. Owned by the thread of its executor, to which the answers hop.
 */
final class AllOf {
    private final Executor executor;
    private final Reply<@Nullable Void> joined;
    private int open = 1;
    private @Nullable ErrorCode error;
    private String message = "";

    AllOf(Executor executor, Reply<@Nullable Void> joined) {
        this.executor = executor;
        this.joined = joined;
    }

    /** The place for one more answer. */
    Reply<@Nullable Void> one() {
        open++;
        return new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {
                executor.execute(AllOf.this::close);
            }

            @Override
            public void fail(ErrorCode why, String text) {
                executor.execute(() -> {
                    if (error == null) {
                        error = why;
                        message = text;
                    }
                    close();
                });
            }
        };
    }

    /** Says that no more are asked for. */
    void close() {
        open--;
        if (open == 0) {
            if (error == null) {
                Reply.done(joined);
            } else {
                joined.fail(error, message);
            }
        }
    }
}
