package io.millrace.broker;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An answer that the caller's own thread waits for: for starting and embedding only, never on a lane. */
final class Waiting<T extends @Nullable Object> implements Reply<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    @Override
    public void complete(T value) {
        answer.complete(value);
    }

    @Override
    public void fail(ErrorCode error, String message) {
        answer.completeExceptionally(new BrokerException(message));
    }

    /**
     * Waits.
     *
     * @throws BrokerException if it failed or took too long
     */
    T get(String what, Duration timeout) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new BrokerException(what + ": " + BrokerException.causeOf(e), e.getCause());
        } catch (TimeoutException e) {
            throw new BrokerException(what + ": no answer within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(what + ": interrupted");
        }
    }
}
