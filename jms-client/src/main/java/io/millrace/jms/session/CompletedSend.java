package io.millrace.jms.session;

import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PendingSend;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.protocol.record.EncodedRecord;
import jakarta.jms.CompletionListener;
import jakarta.jms.Message;
import org.jspecify.annotations.Nullable;

/** A send with a CompletionListener (Jakarta Messaging 3.1, 7.3). Filled on the engine's thread, called by {@link Completions}. */
final class CompletedSend extends PendingSend {
    final CompletionListener listener;
    final Message message;
    final MillraceMessage sent;

    private final SendWindow window;
    private final Completions completions;

    /** Guarded by the completions' lock. */
    boolean isAnswered;

    /** Guarded by the completions' lock. */
    @Nullable
    EngineException failure;

    /** What is sent, and who hears of it. */
    record Order(
            Destination destination,
            int partition,
            boolean durable,
            EncodedRecord record,
            Message message,
            MillraceMessage sent,
            CompletionListener listener) {}

    CompletedSend(Order order, SendWindow window, Completions completions) {
        super(order.destination, order.partition, order.durable, order.record);
        this.message = order.message;
        this.sent = order.sent;
        this.listener = order.listener;
        this.window = window;
        this.completions = completions;
    }

    @Override
    protected void onSent() {
        window.release(sizeBytes());
        completions.answered(this, null);
    }

    @Override
    protected void onFailed(EngineException cause) {
        window.release(sizeBytes());
        completions.answered(this, cause);
    }
}
