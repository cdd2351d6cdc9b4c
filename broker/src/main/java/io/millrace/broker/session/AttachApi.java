package io.millrace.broker.session;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.DurableSubscription;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.common.protocol.ApiMessage;

/** Serves Attach: checks it, opens the durable subscription first if it is one, then attaches the consumer to the partition. */
final class AttachApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        AttachRequestData message = (AttachRequestData) request.message();
        ConnectionSession session = request.session();
        ClientConnection client = session.client();
        UUID topicId = Ids.of(message.topicId());
        HostedPartition hosted = session.services().partitions().find(topicId, message.partition());
        Destination destination =
                session.services().registries().destinations().image().findByTopicId(topicId);
        if (hosted == null || destination == null) {
            throw SendApi.unknownPartition(session, topicId, message.partition());
        }
        SendApi.refuseInternal(hosted);
        if (client.consumer(message.consumerId()) != null) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "consumer " + message.consumerId() + " is attached already; ConsumerId is unique on a connection");
        }
        AttachSpec spec = spec(
                message,
                client,
                Subscriptions.key(message.subscriptionKind(), message.subscriptionName(), destination, client));
        AttachedConsumer consumer = new AttachedConsumer(message.consumerId(), hosted);
        client.addConsumer(consumer);
        if (spec.subscription().kind() == SubscriptionKind.DURABLE) {
            openThenAttach(request, consumer, spec, topicId);
        } else {
            attach(request, consumer, spec, nowMs);
        }
    }

    private static AttachSpec spec(AttachRequestData message, ClientConnection client, SubscriptionKey subscription) {
        if (message.startOffset() < -1 || message.deliveryLimit() < 0 || message.byteLimit() < 0) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "StartOffset " + message.startOffset() + ", DeliveryLimit " + message.deliveryLimit()
                            + ", ByteLimit " + message.byteLimit() + "; the first is at least -1, the others 0");
        }
        List<OffsetRange> held = new ArrayList<>(message.held().size());
        for (AttachRequestData.HeldRange range : message.held()) {
            held.add(Settlements.range(range.firstOffset(), range.lastOffset()));
        }
        List<Settlement> settlements = new ArrayList<>(message.settlements().size());
        for (AttachRequestData.Settlement s : message.settlements()) {
            settlements.add(Settlements.of(s.consumerId(), s.kind(), s.firstOffset(), s.lastOffset()));
        }
        return new AttachSpec(
                client.info(),
                message.consumerId(),
                subscription,
                message.selector(),
                message.noLocal(),
                message.startOffset(),
                message.deliveryLimit(),
                message.byteLimit(),
                message.reattach(),
                message.leaderEpoch(),
                held,
                settlements);
    }

    private static void openThenAttach(Request request, AttachedConsumer consumer, AttachSpec spec, UUID topicId) {
        ConnectionSession session = request.session();
        SettlementTracker.Step step = session.client().settlements().begin();
        SubscriptionKey key = spec.subscription();
        session.services()
                .registries()
                .subscriptions()
                .open(
                        spec.connection(),
                        Objects.requireNonNull(key.name()),
                        topicId,
                        spec.selector(),
                        spec.noLocal(),
                        session.onLane(new Reply<DurableSubscription>() {
                            @Override
                            public void complete(DurableSubscription opened) {
                                if (!session.isClosed()) {
                                    attach(
                                            request,
                                            consumer,
                                            spec,
                                            session.lane().nowMs());
                                }
                                step.begun();
                            }

                            @Override
                            public void fail(ErrorCode error, String message) {
                                session.client().removeConsumer(consumer.id());
                                PrivateErrors.answer(request, error, message);
                                step.begun();
                            }
                        }));
    }

    private static void attach(Request request, AttachedConsumer consumer, AttachSpec spec, long nowMs) {
        ConnectionSession session = request.session();
        ClientConnection client = session.client();
        SettlementTracker.Step step = client.settlements().begin();
        Reply<AttachResult> reply = session.onLane(new Reply<AttachResult>() {
            @Override
            public void complete(AttachResult result) {
                client.deliveries().onAttached(consumer.id());
                request.answer(response(result));
                step.begun();
            }

            @Override
            public void fail(ErrorCode error, String message) {
                client.removeConsumer(consumer.id());
                PrivateErrors.answer(request, error, message);
                step.begun();
            }
        });
        session.call(consumer.partition(), partition -> partition.onAttach(spec, client.deliveries(), reply, nowMs));
    }

    private static ApiMessage response(AttachResult result) {
        AttachResponseData response = new AttachResponseData()
                .setStartOffset(result.startOffset())
                .setLeaderEpoch(result.leaderEpoch())
                .setKnownEnd(result.knownEnd());
        for (OffsetRange lost : result.lost()) {
            response.lost()
                    .add(new AttachResponseData.LostRange()
                            .setFirstOffset(lost.firstOffset())
                            .setLastOffset(lost.lastOffset()));
        }
        return response;
    }
}
