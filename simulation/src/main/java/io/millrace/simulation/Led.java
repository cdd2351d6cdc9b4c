package io.millrace.simulation;

import io.millrace.protocol.DestinationName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a partition is led, as the metadata store has it. Immutable.
 *
 * @param destination whose partition it is, or null while no broker has said
 * @param leader the broker, or a number below 0 for nobody
 */
public record Led(@Nullable DestinationName destination, int index, int leader, int epoch, List<Integer> inSync) {
    public Led {
        inSync = List.copyOf(inSync);
    }

    /** Whether a broker is in sync and does not lead. */
    public boolean isFollower(int broker) {
        return broker != leader && inSync.contains(broker);
    }
}
