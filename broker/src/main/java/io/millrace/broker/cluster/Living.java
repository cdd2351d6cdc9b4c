package io.millrace.broker.cluster;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionState;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The brokers that live, as the controller knows, and what each is fit for. Immutable while one decision is taken. */
final class Living {
    private final SortedMap<Integer, BrokerAddress> brokers;
    private final Deaths deaths;
    private final Set<Integer> maintenance;

    Living(MetadataImage image, Deaths deaths) {
        this.brokers = image.brokers();
        this.deaths = deaths;
        this.maintenance = image.settings().maintenance();
    }

    /** The broker, if it lives. */
    @Nullable
    BrokerAddress find(int id) {
        BrokerAddress broker = brokers.get(id);
        return deaths.isDead(broker) ? null : broker;
    }

    /** Whether a replica is in sync: its broker lives in the epoch in which it became so. */
    boolean isInSync(PartitionState state, int member) {
        BrokerAddress broker = find(member);
        return broker != null && broker.epoch() == state.inSyncSince(member);
    }

    /** Whether the broker is not about to close. */
    boolean stays(int member) {
        BrokerAddress broker = brokers.get(member);
        return broker != null && !broker.draining();
    }

    /** Whether the broker is to lead, where others could too. */
    boolean isWilling(int member) {
        return stays(member) && !maintenance.contains(member);
    }
}
