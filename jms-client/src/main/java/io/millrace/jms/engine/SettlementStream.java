package io.millrace.jms.engine;

import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.SettleRequestData;
import io.millrace.protocol.message.SettleResponseData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The settlements and the credit that go over one {@link Link}: gathered in a turn, sent at its end in one request, and
 * settlements remembered until the broker confirms their number. The request is Deliver where nobody waits, Settle where
 * somebody does.
 *
 * <p>Invariants: numbers rise; a settlement is in a consumer's list of unconfirmed ones from its sending until a confirmed
 * number reaches its own; the last Deliver sent names the highest number. Owned by the engine.
 */
final class SettlementStream {
    private final Link link;
    private final List<PartitionAttachment> dirty = new ArrayList<>();
    private final ArrayDeque<Numbered> unconfirmed = new ArrayDeque<>();
    private long sequence;
    private boolean deliverDue;
    private boolean settleDue;

    /** Settlements that went out under one number. */
    private record Numbered(long sequence, List<PendingSettlement> settlements) {
        Numbered {
            settlements = new ArrayList<>(settlements);
        }
    }

    SettlementStream(Link link) {
        this.link = link;
    }

    /** The consumer has settlements or credit to send. */
    void markDirty(PartitionAttachment consumer) {
        if (!consumer.isDirty) {
            consumer.isDirty = true;
            dirty.add(consumer);
        }
    }

    /** Somebody waits until all is confirmed. */
    void hurry() {
        settleDue = true;
    }

    /** A Deliver has to stand, whatever there is to say. */
    void requireDeliver() {
        deliverDue = true;
    }

    /** Settlements that went out with an Attach that was answered: the next Deliver numbers them. */
    void sentWithAttach(List<PendingSettlement> settlements) {
        if (!settlements.isEmpty()) {
            sequence++;
            unconfirmed.add(new Numbered(sequence, settlements));
        }
        deliverDue = true;
    }

    /** Sends what has gathered. */
    void flush(Consumers consumers) {
        if (dirty.isEmpty() && !deliverDue && !settleDue) {
            return;
        }
        List<PendingSettlement> settlements = new ArrayList<>();
        List<DeliverRequestData.Credit> credits = new ArrayList<>();
        for (PartitionAttachment consumer : dirty) {
            consumer.isDirty = false;
            if (consumer.link == link) {
                consumer.takeUnsent(settlements);
                consumer.takeCredit(credits);
            }
        }
        dirty.clear();
        if (!settlements.isEmpty()) {
            sequence++;
            unconfirmed.add(new Numbered(sequence, settlements));
        }
        if (settleDue) {
            link.call(new Settle(consumers, settlements, sequence));
            if (deliverDue || !credits.isEmpty()) {
                deliver(List.of(), credits);
            }
        } else if (deliverDue || !settlements.isEmpty() || !credits.isEmpty()) {
            deliver(settlements, credits);
        }
        settleDue = false;
        deliverDue = false;
    }

    private void deliver(List<PendingSettlement> settlements, List<DeliverRequestData.Credit> credits) {
        List<DeliverRequestData.Settlement> out = new ArrayList<>(settlements.size());
        for (PendingSettlement settlement : settlements) {
            settlement.forEachRun((first, last) -> out.add(new DeliverRequestData.Settlement()
                    .setConsumerId(settlement.source.consumerId)
                    .setKind(settlement.kind.code())
                    .setFirstOffset(first)
                    .setLastOffset(last)));
        }
        link.deliver(new DeliverRequestData()
                .setSettlementSequence(sequence)
                .setSettlements(out)
                .setCredits(credits));
    }

    /** The broker has ended a consumer: what is not confirmed so far goes out with its next Attach, or never. */
    void forget(PartitionAttachment consumer) {
        for (Numbered numbered : unconfirmed) {
            numbered.settlements.removeIf(settlement -> settlement.source == consumer);
        }
    }

    /** The broker has all up to this number on its disks. */
    void onConfirmed(long confirmedSequence) {
        while (!unconfirmed.isEmpty() && unconfirmed.element().sequence <= confirmedSequence) {
            for (PendingSettlement settlement : unconfirmed.remove().settlements) {
                settlement.source.confirmed(settlement);
            }
        }
    }

    /** A Settle: somebody waits for it. */
    private final class Settle extends Call {
        private final Consumers consumers;
        private final List<PendingSettlement> settlements;
        private final long number;

        Settle(Consumers consumers, List<PendingSettlement> settlements, long number) {
            this.consumers = consumers;
            this.settlements = settlements;
            this.number = number;
        }

        @Override
        ApiMessage request() {
            List<SettleRequestData.Settlement> out = new ArrayList<>(settlements.size());
            for (PendingSettlement settlement : settlements) {
                settlement.forEachRun((first, last) -> out.add(new SettleRequestData.Settlement()
                        .setConsumerId(settlement.source.consumerId)
                        .setKind(settlement.kind.code())
                        .setFirstOffset(first)
                        .setLastOffset(last)));
            }
            return new SettleRequestData().setSettlementSequence(number).setSettlements(out);
        }

        @Override
        ApiMessage newResponse() {
            return new SettleResponseData();
        }

        @Override
        void onResponse(ApiMessage response) {
            consumers.onSettle(link, (SettleResponseData) response);
        }

        @Override
        void onLost() {
            // What was not confirmed goes out again with the next Attach.
        }
    }
}
