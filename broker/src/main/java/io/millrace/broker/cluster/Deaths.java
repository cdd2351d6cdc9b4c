package io.millrace.broker.cluster;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.MetadataImage;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brokers whose process is gone though the store still has them, each in one epoch: one that registers anew lives. Nobody but
 * brokers can say so, and they may be wrong, for instance when a packet filter refuses connections. So a broker lives again when one says so, or
 * when the store still has it after the time in which it would have noticed. Owned by the {@link Controller}.
 */
final class Deaths {
    private record Death(long epoch, long atMs) {}

    private final long lastForMs;
    private final SortedMap<Integer, Death> byBroker = new TreeMap<>();

    Deaths(long lastForMs) {
        this.lastForMs = lastForMs;
    }

    /**
     * Whether that is news: word of an earlier life may come when the broker lives again.
     *
     * @param broker as it lives now
     * @param epoch of the life that has ended
     */
    boolean add(@Nullable BrokerAddress broker, long epoch, long nowMs) {
        if (broker == null || broker.epoch() != epoch || isDead(broker)) {
            return false;
        }
        byBroker.put(broker.id(), new Death(broker.epoch(), nowMs));
        return true;
    }

    /** That life goes on. */
    void remove(int brokerId, long epoch) {
        byBroker.computeIfPresent(brokerId, (id, death) -> death.epoch == epoch ? null : death);
    }

    void onImage(MetadataImage image) {
        byBroker.entrySet().removeIf(entry -> {
            BrokerAddress broker = image.brokers().get(entry.getKey());
            return broker == null || broker.epoch() != entry.getValue().epoch;
        });
    }

    /** Whether a broker does not count as dead any more. */
    boolean onTick(long nowMs) {
        return byBroker.values().removeIf(death -> nowMs - death.atMs > lastForMs);
    }

    /** Whether a broker is dead; one that the store does not have is. */
    boolean isDead(@Nullable BrokerAddress broker) {
        if (broker == null) {
            return true;
        }
        Death death = byBroker.get(broker.id());
        return death != null && death.epoch == broker.epoch();
    }
}
