package io.millrace.broker.kafka;

import io.millrace.broker.group.Bytes;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.SyncAnswer;
import io.millrace.broker.group.SyncSpec;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;

/** Serves SyncGroup: parks until the leader's assignment is committed. */
final class SyncGroupApi implements ApiHandler {
    private final Groups groups;

    SyncGroupApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        SyncGroupRequestData message = (SyncGroupRequestData) request.message();
        SortedMap<String, Bytes> assignments = new TreeMap<>();
        message.assignments().forEach(one -> assignments.put(one.memberId(), Bytes.of(one.assignment())));
        SyncSpec spec = new SyncSpec(
                new Membership(
                        message.groupId(), message.memberId(), message.groupInstanceId(), message.generationId()),
                message.protocolType(),
                message.protocolName(),
                assignments);
        groups.call(
                request,
                message.groupId(),
                new Reply<SyncAnswer>() {
                    @Override
                    public void complete(SyncAnswer answer) {
                        request.answer(new SyncGroupResponseData()
                                .setErrorCode(KafkaErrors.code(answer.error()))
                                .setProtocolType(answer.protocolType())
                                .setProtocolName(answer.protocol())
                                .setAssignment(answer.assignment().toArray()));
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        // The rebalance was forgotten with the coordinator that is being loaded. Older clients know no
                        // other way to begin again.
                        ErrorCode told = error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
                                ? ErrorCode.REBALANCE_IN_PROGRESS
                                : error;
                        request.answer(new SyncGroupResponseData().setErrorCode(KafkaErrors.code(told)));
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onSync(spec, reply, callMs));
    }
}
