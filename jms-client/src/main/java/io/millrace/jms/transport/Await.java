package io.millrace.jms.transport;

import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Reply;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A reply that an application's thread waits for. The engine's thread fills it, any other takes it. */
public final class Await<T> implements Reply<T> {
    private final CountDownLatch answered = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init") // read behind the latch only
    private T value;

    private @Nullable EngineException failure;

    @Override
    public void complete(T answer) {
        value = answer;
        answered.countDown();
    }

    @Override
    public void fail(EngineException cause) {
        failure = cause;
        answered.countDown();
    }

    /**
     * The answer.
     *
     * @param timeoutMs how long to wait; 0 for ever
     * @throws JMSException if it failed, was not there in time, or the thread was interrupted
     */
    public T get(String what, long timeoutMs) throws JMSException {
        if (!isAnswered(timeoutMs)) {
            throw JmsErrors.of(new EngineException(
                    ErrorCode.REQUEST_TIMED_OUT,
                    what + ": no answer within " + timeoutMs + " ms; its outcome is unknown"));
        }
        EngineException cause = failure;
        if (cause != null) {
            throw JmsErrors.of(what, cause);
        }
        return value;
    }

    /** Waits; returns whether there is an answer. */
    public boolean isAnswered(long timeoutMs) throws JMSException {
        try {
            if (timeoutMs <= 0) {
                answered.await();
                return true;
            }
            return answered.await(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.interrupted(e);
        }
    }
}
