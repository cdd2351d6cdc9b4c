package io.millrace.broker.group;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A member that asks for its assignment, and the leader's that gives them all. Immutable.
 *
 * @param protocolType what it believes the kind of group to be, or null if it does not say
 * @param protocol what it believes the protocol to be, or null if it does not say
 * @param assignments by member id; empty unless it is the leader
 */
public record SyncSpec(
        Membership who,
        @Nullable String protocolType,
        @Nullable String protocol,
        SortedMap<String, Bytes> assignments) {
    public SyncSpec {
        assignments = new TreeMap<>(assignments);
    }
}
