package io.millrace.jms.session;

import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.PendingSend;
import io.millrace.protocol.record.EncodedRecord;
import java.util.function.Consumer;

/** A NON_PERSISTENT send that returned when the message was in the window; a failure is told later. */
final class UnwaitedSend extends PendingSend {
    private final SendWindow window;
    private final Consumer<EngineException> onFailure;

    UnwaitedSend(
            Destination destination,
            int partition,
            EncodedRecord record,
            SendWindow window,
            Consumer<EngineException> onFailure) {
        super(destination, partition, false, record);
        this.window = window;
        this.onFailure = onFailure;
    }

    @Override
    protected void onSent() {
        window.release(sizeBytes());
    }

    @Override
    protected void onFailed(EngineException cause) {
        window.release(sizeBytes());
        onFailure.accept(cause);
    }
}
