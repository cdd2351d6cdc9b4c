package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member's wish to join a group. Immutable.
 *
 * @param who without a generation, and without a member id if it has none yet
 * @param timeouts how long it may be silent, and how long a rebalance waits for it
 * @param protocolType what kind of group it joins
 * @param protocols what it can follow, the favourite first
 * @param abilities what its version of the protocol lets it do
 */
public record JoinSpec(
        Membership who,
        Client client,
        Timeouts timeouts,
        String protocolType,
        List<Protocol> protocols,
        Abilities abilities) {
    public JoinSpec {
        protocols = List.copyOf(protocols);
    }

    /** How long a member may be silent, and how long a rebalance waits for it. */
    public record Timeouts(int sessionMs, int rebalanceMs) {}

    /**
     * What a version of the protocol lets a client do.
     *
     * @param joinsTwice whether a new member is given its id first and then joins with it
     * @param skipsAssignment whether a leader can be told that there is nothing to assign
     */
    public record Abilities(boolean joinsTwice, boolean skipsAssignment) {}

    /** A member without an id yet. */
    static final String NO_MEMBER_ID = "";

    String groupId() {
        return who.groupId();
    }

    String memberId() {
        return who.memberId();
    }

    @Nullable
    String instanceId() {
        return who.instanceId();
    }

    boolean isNew() {
        return who.memberId().equals(NO_MEMBER_ID);
    }
}
