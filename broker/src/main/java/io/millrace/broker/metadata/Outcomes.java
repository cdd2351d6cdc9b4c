package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ways to go on after a call: each passes a failure on to whoever waits in the end. */
final class Outcomes {
    private Outcomes() {}

    /** Goes on with what the store answered. */
    static <T> MetadataStore.Callback<T> then(Reply<?> waiting, Consumer<T> next) {
        return new MetadataStore.Callback<>() {
            @Override
            public void onDone(T value) {
                next.accept(value);
            }

            @Override
            public void onFailed(StoreException failure) {
                fail(waiting, failure);
            }
        };
    }

    /** Goes on in one of two ways. */
    static <T> MetadataStore.Callback<T> handle(Consumer<T> next, Consumer<StoreException> otherwise) {
        return new MetadataStore.Callback<>() {
            @Override
            public void onDone(T value) {
                next.accept(value);
            }

            @Override
            public void onFailed(StoreException failure) {
                otherwise.accept(failure);
            }
        };
    }

    /** Goes on with what the store answered, or, if it failed for that reason, in another way. */
    static <T> MetadataStore.Callback<T> thenOr(
            StoreException.Reason reason, Reply<?> waiting, Consumer<T> next, Runnable otherwise) {
        return new MetadataStore.Callback<>() {
            @Override
            public void onDone(T value) {
                next.accept(value);
            }

            @Override
            public void onFailed(StoreException failure) {
                if (failure.reason() == reason) {
                    otherwise.run();
                } else {
                    fail(waiting, failure);
                }
            }
        };
    }

    /** Answers that a write was done, also if it failed for a reason that comes to the same. */
    static MetadataStore.Callback<List<Integer>> unless(StoreException.Reason same, Reply<@Nullable Void> waiting) {
        return new MetadataStore.Callback<>() {
            @Override
            public void onDone(List<Integer> versions) {
                Reply.done(waiting);
            }

            @Override
            public void onFailed(StoreException failure) {
                if (failure.reason() == same) {
                    Reply.done(waiting);
                } else {
                    fail(waiting, failure);
                }
            }
        };
    }

    /** Goes on when a reply is complete. */
    static <T extends @Nullable Object> Reply<T> next(Reply<?> waiting, Consumer<T> next) {
        return either(next, waiting::fail);
    }

    /** Goes on in one of two ways. */
    static <T extends @Nullable Object> Reply<T> either(Consumer<T> completed, BiConsumer<ErrorCode, String> failed) {
        return new Reply<>() {
            @Override
            public void complete(T value) {
                completed.accept(value);
            }

            @Override
            public void fail(ErrorCode error, String message) {
                failed.accept(error, message);
            }
        };
    }

    /** The same reply, which says first that the operation of a {@link KeyedQueue} is through. */
    static <T extends @Nullable Object> Reply<T> ending(Runnable through, Reply<T> reply) {
        return new Reply<>() {
            @Override
            public void complete(T value) {
                through.run();
                reply.complete(value);
            }

            @Override
            public void fail(ErrorCode error, String message) {
                through.run();
                reply.fail(error, message);
            }
        };
    }

    /** Tells whoever waits that the store did not do it. */
    static void fail(Reply<?> waiting, StoreException failure) {
        if (failure.reason() == StoreException.Reason.NO_ROOM) {
            waiting.fail(ErrorCode.DISK_FULL, String.valueOf(failure.getMessage()));
            return;
        }
        waiting.fail(ErrorCode.REQUEST_TIMED_OUT, "the metadata store did not answer: " + failure.getMessage());
    }
}
