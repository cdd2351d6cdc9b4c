package io.millrace.broker.kafka;

import io.millrace.broker.group.LeavingMember;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;

/** Serves LeaveGroup: for one member, and from version 3 on for several. */
final class LeaveGroupApi implements ApiHandler {
    private static final int MANY_MEMBERS_SINCE = 3;

    private final Groups groups;

    LeaveGroupApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        LeaveGroupRequestData message = (LeaveGroupRequestData) request.message();
        List<LeavingMember> leaving = request.version() >= MANY_MEMBERS_SINCE
                ? message.members().stream()
                        .map(member -> new LeavingMember(member.memberId(), member.groupInstanceId()))
                        .toList()
                : List.of(new LeavingMember(message.memberId(), null));
        groups.call(
                request,
                message.groupId(),
                new Reply<List<ErrorCode>>() {
                    @Override
                    public void complete(List<ErrorCode> results) {
                        request.answer(response(request, leaving, results));
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        request.answer(new LeaveGroupResponseData().setErrorCode(KafkaErrors.code(error)));
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onLeave(message.groupId(), leaving, reply, callMs));
    }

    private static LeaveGroupResponseData response(
            Request request, List<LeavingMember> leaving, List<ErrorCode> results) {
        LeaveGroupResponseData response = new LeaveGroupResponseData();
        if (request.version() < MANY_MEMBERS_SINCE) {
            return response.setErrorCode(KafkaErrors.code(results.get(0)));
        }
        for (int i = 0; i < leaving.size(); i++) {
            response.members()
                    .add(new MemberResponse()
                            .setMemberId(leaving.get(i).memberId())
                            .setGroupInstanceId(leaving.get(i).instanceId())
                            .setErrorCode(KafkaErrors.code(results.get(i))));
        }
        return response;
    }
}
