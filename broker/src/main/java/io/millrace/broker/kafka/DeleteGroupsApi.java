package io.millrace.broker.kafka;

import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.jspecify.annotations.Nullable;

/** Serves DeleteGroups: groups without members go, with their offsets. */
final class DeleteGroupsApi implements ApiHandler {
    private final Groups groups;

    DeleteGroupsApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        DeleteGroupsRequestData message = (DeleteGroupsRequestData) request.message();
        DeleteGroupsResponseData response = new DeleteGroupsResponseData();
        Join join = new Join(() -> request.answer(response));
        for (String groupId : message.groupsNames()) {
            if (response.results().find(groupId) != null) {
                continue; // named twice
            }
            DeletableGroupResult out = new DeletableGroupResult().setGroupId(groupId);
            response.results().mustAdd(out);
            join.begin();
            groups.call(
                    request,
                    groupId,
                    new Reply<@Nullable Void>() {
                        @Override
                        public void complete(@Nullable Void done) {
                            join.end();
                        }

                        @Override
                        public void fail(ErrorCode error, String reason) {
                            out.setErrorCode(KafkaErrors.code(error));
                            join.end();
                        }
                    },
                    (coordinator, reply, callMs) -> coordinator.onDeleteGroup(groupId, reply, callMs));
        }
        join.allBegun();
    }
}
