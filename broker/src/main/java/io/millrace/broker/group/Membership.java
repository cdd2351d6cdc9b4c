package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * Who speaks, as a member of which group and generation. Immutable.
 *
 * @param memberId empty for one that has no id
 * @param instanceId the id of a static member, or null
 * @param generation -1 for one that is no member
 */
public record Membership(
        String groupId, String memberId, @Nullable String instanceId, int generation) {
    public static final int NO_GENERATION = -1;

    /** Whether it claims to be a member. */
    boolean isClaimed() {
        return generation >= 0 || !memberId.isEmpty() || instanceId != null;
    }
}
