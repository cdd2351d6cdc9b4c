package io.millrace.broker.kafka;

import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.Optional;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;

/** Serves DescribeGroups. */
final class DescribeGroupsApi implements ApiHandler {
    private static final int ABSENCE_IS_AN_ERROR_SINCE = 6;
    private static final int OPERATIONS_SINCE = 3;

    private final Groups groups;

    DescribeGroupsApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeGroupsRequestData message = (DescribeGroupsRequestData) request.message();
        DescribeGroupsResponseData response = new DescribeGroupsResponseData();
        Join join = new Join(() -> request.answer(response));
        for (String groupId : message.groups()) {
            DescribedGroup out = new DescribedGroup().setGroupId(groupId);
            response.groups().add(out);
            if (message.includeAuthorizedOperations() && request.version() >= OPERATIONS_SINCE) {
                out.setAuthorizedOperations(AuthorizedOperations.GROUP);
            }
            join.begin();
            groups.call(
                    request,
                    groupId,
                    new Reply<Optional<GroupDescription>>() {
                        @Override
                        public void complete(Optional<GroupDescription> group) {
                            group.ifPresentOrElse(found -> fill(out, found), () -> fillAbsent(request, out));
                            join.end();
                        }

                        @Override
                        public void fail(ErrorCode error, String reason) {
                            out.setErrorCode(KafkaErrors.code(error));
                            join.end();
                        }
                    },
                    (coordinator, reply, callMs) ->
                            reply.complete(Optional.ofNullable(coordinator.onDescribeGroup(groupId))));
        }
        join.allBegun();
    }

    private static void fill(DescribedGroup out, GroupDescription group) {
        out.setGroupState(group.state().word())
                .setProtocolType(group.protocolType())
                .setProtocolData(group.protocol());
        for (GroupDescription.MemberDescription member : group.members()) {
            out.members()
                    .add(new DescribedGroupMember()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.instanceId())
                            .setClientId(member.client().id())
                            .setClientHost(member.client().host())
                            .setMemberMetadata(member.metadata().toArray())
                            .setMemberAssignment(member.assignment().toArray()));
        }
    }

    /** In Kafka a group that is not there is dead. */
    private static void fillAbsent(Request request, DescribedGroup out) {
        out.setGroupState(GroupState.DEAD.word());
        if (request.version() >= ABSENCE_IS_AN_ERROR_SINCE) {
            out.setErrorCode(ErrorCode.GROUP_ID_NOT_FOUND.code()).setErrorMessage("there is no group " + out.groupId());
        }
    }
}
