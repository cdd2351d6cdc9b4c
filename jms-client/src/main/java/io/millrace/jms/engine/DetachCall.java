package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.DetachResponseData;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** A Detach under way, with the settlements not sent before. Owned by the engine. */
final class DetachCall extends Call {
    private final Consumers consumers;
    private final PartitionAttachment consumer;
    private final Link link;
    private final List<PendingSettlement> settlements = new ArrayList<>();

    DetachCall(Consumers consumers, PartitionAttachment consumer, Link link) {
        this.consumers = consumers;
        this.consumer = consumer;
        this.link = link;
        consumer.takeUnsent(settlements);
    }

    @Override
    ApiMessage request() {
        List<DetachRequestData.Settlement> out = new ArrayList<>(settlements.size());
        for (PendingSettlement settlement : settlements) {
            settlement.forEachRun((first, last) -> out.add(new DetachRequestData.Settlement()
                    .setConsumerId(consumer.consumerId)
                    .setKind(settlement.kind.code())
                    .setFirstOffset(first)
                    .setLastOffset(last)));
        }
        return new DetachRequestData().setConsumerId(consumer.consumerId).setSettlements(out);
    }

    @Override
    ApiMessage newResponse() {
        return new DetachResponseData();
    }

    @Override
    void onResponse(ApiMessage response) {
        if (consumer.link != link || consumer.state != AttachState.DETACHING) {
            return;
        }
        DetachResponseData answer = (DetachResponseData) response;
        ErrorCode code = ErrorCode.of(answer.errorCode());
        consumers.onDetached(
                consumer, code == ErrorCode.NONE ? null : EngineException.answered(code, answer.errorMessage()));
    }

    @Override
    void onLost() {
        // The consumer hears of the lost link itself.
    }
}
