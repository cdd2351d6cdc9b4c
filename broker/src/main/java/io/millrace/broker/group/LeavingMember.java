package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * A member that leaves. Immutable.
 *
 * @param memberId its id; empty if an operator lets a static member go
 * @param instanceId the id of a static member, or null
 */
public record LeavingMember(String memberId, @Nullable String instanceId) {}
