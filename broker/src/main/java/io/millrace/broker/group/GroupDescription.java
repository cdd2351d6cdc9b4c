package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group as operators see it. Immutable.
 *
 * @param protocol the protocol of the generation, empty if none is agreed on
 */
public record GroupDescription(
        String groupId, GroupState state, String protocolType, String protocol, List<MemberDescription> members) {
    public GroupDescription {
        members = List.copyOf(members);
    }

    /** A member of it. */
    public record MemberDescription(
            String memberId, @Nullable String instanceId, Client client, Bytes metadata, Bytes assignment) {}
}
