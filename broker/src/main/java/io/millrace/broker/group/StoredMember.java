package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * A member of a group as it is stored. Immutable.
 *
 * @param instanceId the id of a static member, or null
 * @param subscription what it told the one that assigned, under the group's protocol
 * @param assignment what it was given
 */
record StoredMember(
        String memberId,
        @Nullable String instanceId,
        Client client,
        int rebalanceTimeoutMs,
        int sessionTimeoutMs,
        Bytes subscription,
        Bytes assignment) {}
