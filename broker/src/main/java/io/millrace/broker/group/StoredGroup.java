package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group as it is stored: the last generation whose assignment was committed. Immutable.
 *
 * @param protocolType what kind of group it is, empty if none ever joined
 * @param protocol the protocol of the generation, or null if it has no members
 * @param leader the member that assigns, or null
 * @param stateSinceMs since when it is stable or empty; -1 if that was not stored
 */
record StoredGroup(
        String protocolType,
        int generation,
        @Nullable String protocol,
        @Nullable String leader,
        long stateSinceMs,
        List<StoredMember> members) {
    StoredGroup {
        members = List.copyOf(members);
    }
}
