package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/** An Attach under way: the consumer with all that it holds and all that it settled unconfirmed. Owned by the engine. */
final class AttachCall extends Call {
    private final Consumers consumers;
    private final PartitionAttachment consumer;
    private final Link link;
    private final List<PendingSettlement> settlements;

    /** What came back, with what went out. */
    record Answer(
            Link link,
            long startOffset,
            int leaderEpoch,
            long knownEnd,
            List<AttachResponseData.LostRange> lost,
            List<PendingSettlement> settlements) {
        /** Whether something that was accepted with the Attach had gone to others before. */
        boolean hasLostAcceptance() {
            return settlements.stream()
                    .filter(settlement -> settlement.kind == SettlementKind.ACCEPT)
                    .anyMatch(settlement -> lost.stream()
                            .anyMatch(range -> settlement.concerns(range.firstOffset(), range.lastOffset())));
        }
    }

    AttachCall(Consumers consumers, PartitionAttachment consumer, Link link) {
        this.consumers = consumers;
        this.consumer = consumer;
        this.link = link;
        this.settlements = consumer.takeAll();
    }

    @Override
    ApiMessage request() {
        AttachSpec spec = consumer.owner.spec;
        return new AttachRequestData()
                .setConsumerId(consumer.consumerId)
                .setTopicId(consumer.route.destination.topicId)
                .setPartition(consumer.route.index)
                .setSubscriptionKind(spec.kind().code())
                .setSubscriptionName(spec.subscriptionName())
                .setSelector(spec.selector())
                .setNoLocal(spec.noLocal())
                .setStartOffset(consumer.isVolatile() ? consumer.nextOffset : -1)
                .setDeliveryLimit(consumer.limit())
                .setByteLimit(consumer.byteLimit())
                .setReattach(consumer.wasAttached)
                .setLeaderEpoch(consumer.leaderEpoch)
                .setHeld(held())
                .setSettlements(settlements());
    }

    private List<AttachRequestData.HeldRange> held() {
        List<AttachRequestData.HeldRange> held = new ArrayList<>();
        if (!consumer.isVolatile()) {
            consumer.held.forEach((first, last) -> held.add(
                    new AttachRequestData.HeldRange().setFirstOffset(first).setLastOffset(last)));
        }
        return held;
    }

    private List<AttachRequestData.Settlement> settlements() {
        List<AttachRequestData.Settlement> out = new ArrayList<>(settlements.size());
        for (PendingSettlement settlement : settlements) {
            settlement.forEachRun((first, last) -> out.add(new AttachRequestData.Settlement()
                    .setConsumerId(consumer.consumerId)
                    .setKind(settlement.kind.code())
                    .setFirstOffset(first)
                    .setLastOffset(last)));
        }
        return out;
    }

    @Override
    ApiMessage newResponse() {
        return new AttachResponseData();
    }

    @Override
    void onResponse(ApiMessage response) {
        AttachResponseData answer = (AttachResponseData) response;
        if (consumer.attaching != this || consumer.state != AttachState.ATTACHING) {
            return;
        }
        consumer.attaching = null;
        ErrorCode code = ErrorCode.of(answer.errorCode());
        if (code == ErrorCode.NONE) {
            consumers.onAttached(
                    consumer,
                    new Answer(
                            link,
                            answer.startOffset(),
                            answer.leaderEpoch(),
                            answer.knownEnd(),
                            List.copyOf(answer.lost()),
                            settlements));
        } else {
            consumers.onAttachFailed(consumer, EngineException.answered(code, answer.errorMessage()));
        }
    }

    @Override
    void onLost() {
        // The consumer hears of the lost link itself.
    }
}
