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
 * relied on. Where others hold replicas, so does the failure of a disk, and damage under a leader, since other partitions are likely to
 * meet it too. Any stopped replica is given up to the others ({@code ReplicaRole.onStopped}). For any thread.
 */
final class FaultHandler {
    private static final Logger LOG = LoggerFactory.getLogger(FaultHandler.class);

    private final boolean isInCluster;
    private final Consumer<String> stop;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * @param isInCluster whether there may be others who can lead
     * @param stop told once, from any thread, why the broker must stop; returns at once
     */
    FaultHandler(boolean isInCluster, Consumer<String> stop) {
        this.isInCluster = isInCluster;
        this.stop = stop;
    }

    /**
     * A partition has stopped by itself and refuses everything from now on.
     *
     * @param isLeading whether nobody else leads it
     */
    void onPartitionStopped(PartitionId id, boolean isLeading, Throwable cause) {
        if (!(cause instanceof StorageException failure)) {
            LOG.error("partition {} has stopped by a fault of the broker itself", id, cause);
            return;
        }
        LOG.error("partition {} has stopped: {}", id, cause.getMessage());
        if (isInCluster && isForOthers(failure.kind(), isLeading)) {
            stop("the storage of partition " + id + " has failed, others can lead: " + failure.getMessage(), null);
        }
    }

    private static boolean isForOthers(StorageException.Kind kind, boolean isLeading) {
        return switch (kind) {
            case IO, UNSYNCED_FOR_ROOM, FAILED -> true;
            case CORRUPT -> isLeading; // a follower may have been sent the damage, as all others were
            case DISK_FULL, IN_USE -> false;
        };
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
