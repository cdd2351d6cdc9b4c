package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member that joined is told. Immutable.
 *
 * @param error {@link ErrorCode#NONE}, or why it did not join; its member id still counts
 * @param skipAssignment whether it is the leader and has nothing to assign
 * @param members all members with what they told, if it is the leader and assigns
 */
public record JoinAnswer(
        ErrorCode error, String memberId, Generation generation, boolean skipAssignment, List<Joined> members) {
    public JoinAnswer {
        members = List.copyOf(members);
    }

    /** A generation as its members are told of it; the leader is the id of the member that assigns, empty if there is none. */
    public record Generation(
            int id, @Nullable String protocolType, @Nullable String protocol, String leader) {
        static final Generation NONE = new Generation(Membership.NO_GENERATION, null, null, "");
    }

    /** A member as its leader is told of it. */
    public record Joined(String memberId, @Nullable String instanceId, Bytes metadata) {}

    static JoinAnswer failed(ErrorCode error, String memberId) {
        return new JoinAnswer(error, memberId, Generation.NONE, false, List.of());
    }
}
