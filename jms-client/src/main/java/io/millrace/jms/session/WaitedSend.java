package io.millrace.jms.session;

import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PendingSend;
import io.millrace.jms.transport.Await;
import io.millrace.jms.transport.EngineThread;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.EncodedRecord;
import jakarta.jms.JMSException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A send whose thread waits for the broker's answer. Filled on the engine's thread, awaited by the one that made it. */
final class WaitedSend extends PendingSend {
    private final Thread waiter = Thread.currentThread();
    private @Nullable EngineException failure;
    private volatile boolean isAnswered;

    WaitedSend(Destination destination, int partition, boolean durable, EncodedRecord record) {
        super(destination, partition, durable, record);
    }

    @Override
    protected void onSent() {
        isAnswered = true;
        LockSupport.unpark(waiter);
    }

    @Override
    protected void onFailed(EngineException cause) {
        failure = cause;
        isAnswered = true;
        LockSupport.unpark(waiter);
    }

    /**
     * Waits for the answer.
     *
     * @param timeoutMs how long; 0 for as long as the connection lives
     */
    void await(EngineThread thread, long timeoutMs) throws JMSException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!isAnswered) {
            if (timeoutMs <= 0) {
                LockSupport.park(this);
            } else {
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    giveUp(thread, "no answer within " + timeoutMs + " ms (sendTimeout)");
                    return;
                }
                LockSupport.parkNanos(this, leftNs);
            }
            if (Thread.interrupted()) {
                try {
                    giveUp(thread, "the thread was interrupted");
                } finally {
                    Thread.currentThread().interrupt();
                }
                return;
            }
        }
        EngineException cause = failure;
        if (cause != null) {
            throw JmsErrors.of("sending to " + destination().name(), cause);
        }
    }

    /** Takes the message back if it was not sent yet, and says so; else nobody knows. */
    private void giveUp(EngineThread thread, String why) throws JMSException {
        Await<Boolean> cancelled = new Await<>();
        thread.execute((engine, nowMs) -> cancelled.complete(engine.cancel(this)));
        boolean isCancelled = cancelled.get("taking a message back", 0);
        if (!isCancelled && isAnswered && failure == null) {
            return;
        }
        throw JmsErrors.of(new EngineException(
                ErrorCode.REQUEST_TIMED_OUT,
                "sending to " + destination().name() + ": " + why
                        + (isCancelled
                                ? "; the message was not sent"
                                : "; whether the broker has the message is unknown, and the client goes on trying")));
    }
}
