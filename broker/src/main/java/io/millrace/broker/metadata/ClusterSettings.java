package io.millrace.broker.metadata;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What operators have set for the whole cluster while it runs. Immutable.
 *
 * @param catchUpBytesPerSecond how much each leading broker sends to replicas that are not in sync; 0 for as much as it can
 * @param maintenance brokers that are to lead nothing that another can lead, and get new replicas last
 */
public record ClusterSettings(long catchUpBytesPerSecond, SortedSet<Integer> maintenance) {
    /** No throttle, and no broker in maintenance. */
    public static final ClusterSettings NONE = new ClusterSettings(0, new TreeSet<>());

    public ClusterSettings {
        if (catchUpBytesPerSecond < 0) {
            throw new IllegalArgumentException("a throttle of " + catchUpBytesPerSecond + " bytes a second");
        }
        maintenance = Collections.unmodifiableSortedSet(new TreeSet<>(maintenance));
    }

    /** The same with another throttle. */
    public ClusterSettings withCatchUp(long bytesPerSecond) {
        return new ClusterSettings(bytesPerSecond, maintenance);
    }

    /** The same with a broker in maintenance, or not any more. */
    public ClusterSettings withMaintenance(int brokerId, boolean isInMaintenance) {
        SortedSet<Integer> changed = new TreeSet<>(maintenance);
        if (isInMaintenance) {
            changed.add(brokerId);
        } else {
            changed.remove(brokerId);
        }
        return new ClusterSettings(catchUpBytesPerSecond, changed);
    }
}
