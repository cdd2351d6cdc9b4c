package io.millrace.broker.session;

import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.DetachResponseData;
import io.millrace.protocol.message.SettleRequestData;
import io.millrace.protocol.message.SettleResponseData;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Serves what carries settlements: Deliver, Settle, Detach.
 *
 * <p>A settlement that can not be made durable leaves the client and the broker without a common mind on what is confirmed, so the
 * connection ends: the client comes back, and attaches its consumers with what was never confirmed. If the destination was deleted there is
 * nothing left to settle, and it counts as done.
 */
final class SettlementApis {
    private SettlementApis() {}

    static void deliver(Request request, long nowMs) {
        DeliverRequestData message = (DeliverRequestData) request.message();
        ConnectionSession session = request.session();
        ClientConnection client = session.client();
        Settlements settlements = new Settlements(client);
        for (DeliverRequestData.Settlement s : message.settlements()) {
            settlements.add(s.consumerId(), s.kind(), s.firstOffset(), s.lastOffset());
        }
        for (DeliverRequestData.Credit credit : message.credits()) {
            check(credit);
        }
        SettlementTracker.Step step =
                client.settlements().begin(message.settlementSequence(), client.deliveries()::onConfirmed);
        settle(session, settlements, step, false, nowMs);
        for (DeliverRequestData.Credit credit : message.credits()) {
            credit(session, credit, nowMs);
        }
        client.deliveries().stand(request.correlationId(), nowMs);
        request.answerNothing(); // it stands: Deliveries answers it
    }

    static void settle(Request request, long nowMs) {
        SettleRequestData message = (SettleRequestData) request.message();
        ConnectionSession session = request.session();
        ClientConnection client = session.client();
        Settlements settlements = new Settlements(client);
        for (SettleRequestData.Settlement s : message.settlements()) {
            settlements.add(s.consumerId(), s.kind(), s.firstOffset(), s.lastOffset());
        }
        Runnable confirm = () -> request.answer(new SettleResponseData()
                .setConfirmedSequence(client.settlements().confirmedSequence()));
        SettlementTracker.Step step = client.settlements()
                .begin(message.settlementSequence(), () -> client.deliveries().tellEnded(confirm));
        settle(session, settlements, step, true, nowMs);
    }

    static void detach(Request request, long nowMs) {
        DetachRequestData message = (DetachRequestData) request.message();
        ConnectionSession session = request.session();
        ClientConnection client = session.client();
        AttachedConsumer consumer = client.consumer(message.consumerId());
        List<Settlement> settlements = message.settlements().stream()
                .map(s -> Settlements.of(s.consumerId(), s.kind(), s.firstOffset(), s.lastOffset()))
                .toList();
        if (consumer == null) {
            throw new InvalidRequestException(
                    ErrorCode.UNKNOWN_CONSUMER, "no consumer " + message.consumerId() + " is attached");
        }
        client.removeConsumer(consumer.id());
        SettlementTracker.Step step = client.settlements().begin();
        Reply<@Nullable Void> reply = session.onLane(new Reply<@Nullable Void>() {
            @Override
            public void complete(@Nullable Void done) {
                request.answer(new DetachResponseData());
                step.begun();
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                PrivateErrors.answer(request, error, reason);
                onSettleFailed(session, step, error, reason);
            }
        });
        UUID connectionId = client.connectionId();
        session.call(
                consumer.partition(),
                partition -> partition.onDetach(connectionId, consumer.id(), settlements, reply, nowMs));
    }

    private static void settle(
            ConnectionSession session,
            Settlements settlements,
            SettlementTracker.Step step,
            boolean waited,
            long nowMs) {
        UUID connectionId = session.client().connectionId();
        for (Map.Entry<HostedPartition, List<Settlement>> entry :
                settlements.byPartition().entrySet()) {
            step.asked();
            Reply<@Nullable Void> reply = session.onLane(new Reply<@Nullable Void>() {
                @Override
                public void complete(@Nullable Void done) {
                    step.answered();
                }

                @Override
                public void fail(ErrorCode error, String reason) {
                    onSettleFailed(session, step, error, reason);
                }
            });
            List<Settlement> list = entry.getValue();
            session.call(
                    entry.getKey(),
                    partition -> partition.onSettle(
                            connectionId, session.client().deliveries(), list, waited, reply, nowMs));
        }
        step.begun();
    }

    private static void onSettleFailed(
            ConnectionSession session, SettlementTracker.Step step, ErrorCode error, String reason) {
        if (error == ErrorCode.DESTINATION_DELETED) {
            step.answered();
        } else if (!session.isClosed()) {
            session.refuse("settlement failed", error + ": " + reason);
        }
    }

    private static void check(DeliverRequestData.Credit credit) {
        if (credit.deliveryLimit() < 0 || credit.byteLimit() < 0) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "DeliveryLimit " + credit.deliveryLimit() + " and ByteLimit " + credit.byteLimit()
                            + " for consumer " + credit.consumerId() + "; both are at least 0");
        }
    }

    /** Credit of a consumer that the broker ended, which the client may not know yet, is passed over. */
    private static void credit(ConnectionSession session, DeliverRequestData.Credit credit, long nowMs) {
        AttachedConsumer consumer = session.client().consumer(credit.consumerId());
        if (consumer != null) {
            UUID connectionId = session.client().connectionId();
            session.call(
                    consumer.partition(),
                    partition -> partition.onCredit(
                            connectionId,
                            credit.consumerId(),
                            credit.deliveryLimit(),
                            credit.byteLimit(),
                            credit.drain(),
                            nowMs));
        }
    }
}
