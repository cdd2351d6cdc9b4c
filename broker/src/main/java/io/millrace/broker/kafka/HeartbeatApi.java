package io.millrace.broker.kafka;

import io.millrace.broker.group.Membership;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.jspecify.annotations.Nullable;

/** Serves Heartbeat. */
final class HeartbeatApi implements ApiHandler {
    private final Groups groups;

    HeartbeatApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        HeartbeatRequestData message = (HeartbeatRequestData) request.message();
        Membership who = new Membership(
                message.groupId(), message.memberId(), message.groupInstanceId(), message.generationId());
        groups.call(
                request,
                message.groupId(),
                new Reply<@Nullable Void>() {
                    @Override
                    public void complete(@Nullable Void alive) {
                        request.answer(new HeartbeatResponseData());
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        // While the coordinator loads, it can not know better.
                        ErrorCode told = error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : error;
                        request.answer(new HeartbeatResponseData().setErrorCode(KafkaErrors.code(told)));
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onHeartbeat(who, reply, callMs));
    }
}
