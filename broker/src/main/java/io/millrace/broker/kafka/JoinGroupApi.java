package io.millrace.broker.kafka;

import io.millrace.broker.group.Bytes;
import io.millrace.broker.group.Client;
import io.millrace.broker.group.JoinAnswer;
import io.millrace.broker.group.JoinSpec;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.Protocol;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.jspecify.annotations.Nullable;

/** Serves JoinGroup: parks until the group's next generation is decided. */
final class JoinGroupApi implements ApiHandler {
    private static final int JOINS_TWICE_SINCE = 4;
    private static final int NULL_PROTOCOL_SINCE = 7;
    private static final int SKIPS_ASSIGNMENT_SINCE = 9;

    private final Groups groups;

    JoinGroupApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        JoinGroupRequestData message = (JoinGroupRequestData) request.message();
        JoinSpec spec = spec(request, message);
        groups.call(
                request,
                message.groupId(),
                new Reply<JoinAnswer>() {
                    @Override
                    public void complete(JoinAnswer answer) {
                        answer(request, answer);
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        request.answer(new JoinGroupResponseData()
                                .setErrorCode(KafkaErrors.code(error))
                                .setMemberId(message.memberId())
                                .setProtocolName(noProtocol(request)));
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onJoin(spec, reply, callMs));
    }

    private static JoinSpec spec(Request request, JoinGroupRequestData message) {
        int version = request.version();
        int sessionMs = message.sessionTimeoutMs();
        int rebalanceMs = message.rebalanceTimeoutMs() < 0 ? Math.max(0, sessionMs) : message.rebalanceTimeoutMs();
        List<Protocol> protocols = message.protocols().stream()
                .map(protocol -> new Protocol(protocol.name(), Bytes.of(protocol.metadata())))
                .toList();
        return new JoinSpec(
                new Membership(
                        message.groupId(), message.memberId(), message.groupInstanceId(), Membership.NO_GENERATION),
                client(request),
                new JoinSpec.Timeouts(sessionMs, rebalanceMs),
                message.protocolType(),
                protocols,
                new JoinSpec.Abilities(version >= JOINS_TWICE_SINCE, version >= SKIPS_ASSIGNMENT_SINCE));
    }

    /** The host is written as Kafka writes it. */
    private static Client client(Request request) {
        String address = request.session().connection().remoteAddress();
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return new Client(Objects.requireNonNullElse(request.clientId(), ""), host.startsWith("/") ? host : "/" + host);
    }

    private static void answer(Request request, JoinAnswer answer) {
        JoinAnswer.Generation generation = answer.generation();
        String protocol = generation.protocol();
        JoinGroupResponseData response = new JoinGroupResponseData()
                .setErrorCode(KafkaErrors.code(answer.error()))
                .setMemberId(answer.memberId())
                .setGenerationId(generation.id())
                .setProtocolType(generation.protocolType())
                .setProtocolName(protocol == null ? noProtocol(request) : protocol)
                .setLeader(generation.leader())
                .setSkipAssignment(answer.skipAssignment());
        for (JoinAnswer.Joined member : answer.members()) {
            response.members()
                    .add(new JoinGroupResponseMember()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.instanceId())
                            .setMetadata(member.metadata().toArray()));
        }
        request.answer(response);
    }

    private static @Nullable String noProtocol(Request request) {
        return request.version() >= NULL_PROTOCOL_SINCE ? null : "";
    }
}
