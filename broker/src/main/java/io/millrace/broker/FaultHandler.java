package io.millrace.broker;

import io.millrace.broker.log.StorageException;
import io.millrace.broker.partition.PartitionId;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where everything ends up that nobody can answer: a failed disk, a fault of the broker's own. What concerns one
 * partition stops that partition; anything else stops the broker, since what it would say from then on could not be
 * relied on. For any thread.
 */
final class FaultHandler {
    private static final Logger LOG = LoggerFactory.getLogger(FaultHandler.class);

    private final Consumer<String> stop;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * @param stop told once, from any thread, why the broker must stop; returns at once
     */
    FaultHandler(Consumer<String> stop) {
        this.stop = stop;
    }

    /** A partition has stopped by itself and refuses everything from now on. */
    void onPartitionStopped(PartitionId id, Throwable cause) {
        if (cause instanceof StorageException) {
            LOG.error("partition {} has stopped: {}", id, cause.getMessage());
        } else {
            LOG.error("partition {} has stopped by a fault of the broker itself", id, cause);
        }
    }

    /** Nothing can be made durable any more. */
    void onJournalFailed(StorageException failure) {
        stop("the journal has failed: " + failure.getMessage(), null);
    }

    /** The metadata store has stopped by itself. */
    void onMetadataFailed(String failure) {
        stop(failure, null);
    }

    /** The broker's own fault: something was thrown that nobody expected. */
    void onFault(Throwable fault) {
        stop("a fault of the broker itself: " + fault, fault);
    }

    /** From now on a fault is only logged: the broker is closing anyway. */
    void onClosing() {
        stopping.set(true);
    }

    private void stop(String why, @Nullable Throwable fault) {
        if (stopping.compareAndSet(false, true)) {
            LOG.error("the broker stops: {}", why, fault);
            stop.accept(why);
        } else {
            LOG.debug("after the broker began to stop: {}", why, fault);
        }
    }
}
