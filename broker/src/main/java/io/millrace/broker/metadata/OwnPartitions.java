package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the partitions of this broker their states, each as this broker may believe it: a state that says that it leads holds only for the
 * broker epoch in which it was elected. A broker that has come back follows until it is elected anew. Owned by the metadata thread.
 */
final class OwnPartitions {
    private static final Logger LOG = LoggerFactory.getLogger(OwnPartitions.class);

    private final int self;
    private final PartitionHost host;
    private final Executor thread;
    private final LongSupplier brokerEpoch;

    /**
     * @param brokerEpoch the present one; 0 in every epoch of a broker that is alone and elects itself
     */
    OwnPartitions(int self, PartitionHost host, Executor thread, LongSupplier brokerEpoch) {
        this.self = self;
        this.host = host;
        this.thread = thread;
        this.brokerEpoch = brokerEpoch;
    }

    Executor thread() {
        return thread;
    }

    /** Tells the states of all partitions of a destination; answers when those of this broker are open. */
    void tell(Destination destination, Reply<@Nullable Void> reply) {
        AllOf told = new AllOf(thread, reply);
        for (PartitionState state : destination.partitions()) {
            if (concerns(state)) {
                host.onState(destination, believed(state), told.one());
            }
        }
        told.close();
    }

    /** Tells the state of one partition. */
    void tell(Destination destination, PartitionState state) {
        if (!concerns(state)) {
            return;
        }
        host.onState(destination, believed(state), new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {}

            @Override
            public void fail(ErrorCode error, String message) {
                LOG.error("partition {} is not served here: {}", destination.partitionId(state.index()), message);
            }
        });
    }

    /** Gives those of this broker the destination's present settings. */
    void configure(Destination destination) {
        for (PartitionState state : destination.partitions()) {
            if (state.isOn(self)) {
                host.configure(destination, state.index());
            }
        }
    }

    /** Whether the partition is here, or may have been. */
    private boolean concerns(PartitionState state) {
        return state.isOn(self) || state.placement().isMoved();
    }

    private PartitionState believed(PartitionState state) {
        boolean stale = state.leaderId() == self && state.inSyncSince(self) != brokerEpoch.getAsLong();
        return stale ? state.withoutLeader() : state;
    }
}
